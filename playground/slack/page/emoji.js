// Emoji by Slack's short names. Law: an unknown name is shown as it was written.

const NAMES =
  "+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 eyes 👀 white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ no_entry ⛔ " +
  "no_entry_sign 🚫 warning ⚠️ rotating_light 🚨 tada 🎉 rocket 🚀 ship 🚢 sailboat ⛵ anchor ⚓ package 📦 hammer 🔨 " +
  "hammer_and_wrench 🛠️ wrench 🔧 gear ⚙️ mag 🔍 test_tube 🧪 microscope 🔬 bug 🐛 bulb 💡 memo 📝 pencil ✏️ pencil2 ✏️ " +
  "speech_balloon 💬 thought_balloon 💭 question ❓ grey_question ❔ exclamation ❗ hourglass ⌛ hourglass_flowing_sand ⏳ " +
  "clock1 🕐 stopwatch ⏱️ timer_clock ⏲️ octagonal_sign 🛑 black_square_for_stop ⏹️ stop_button ⏹️ arrow_forward ▶️ " +
  "rewind ⏪ leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ arrows_counterclockwise 🔄 repeat 🔁 twisted_rightwards_arrows 🔀 " +
  "lock 🔒 unlock 🔓 key 🔑 shield 🛡️ robot_face 🤖 construction 🚧 building_construction 🏗️ fire 🔥 sparkles ✨ star ⭐ " +
  "heart ❤️ raised_hands 🙌 clap 👏 pray 🙏 wave 👋 ok_hand 👌 point_right 👉 point_up ☝️ muscle 💪 thinking_face 🤔 " +
  "smile 😄 slightly_smiling_face 🙂 joy 😂 sweat_smile 😅 cry 😢 disappointed 😞 zzz 💤 sleeping 😴 skull 💀 broken_heart 💔 " +
  "red_circle 🔴 large_green_circle 🟢 large_yellow_circle 🟡 large_orange_circle 🟠 large_blue_circle 🔵 white_circle ⚪ " +
  "black_circle ⚫ large_green_square 🟩 large_red_square 🟥 white_large_square ⬜ small_blue_diamond 🔹 small_orange_diamond 🔸 " +
  "link 🔗 paperclip 📎 iphone 📱 computer 💻 globe_with_meridians 🌐 camera 📷 frame_with_picture 🖼️ chart_with_upwards_trend 📈 " +
  "bar_chart 📊 clipboard 📋 page_facing_up 📄 file_folder 📁 open_file_folder 📂 wastebasket 🗑️ mailbox 📫 bell 🔔 no_bell 🔕 " +
  "moneybag 💰 euro 💶 dollar 💵 receipt 🧾 shopping_trolley 🛒 apple 🍎 bread 🍞 coffee ☕ cake 🍰 seedling 🌱 herb 🌿 " +
  "information_source ℹ️ new 🆕 up ⬆️ arrow_up ⬆️ arrow_down ⬇️ arrow_right ➡️ arrow_left ⬅️ heavy_plus_sign ➕ heavy_minus_sign ➖ " +
  "100 💯 see_no_evil 🙈 mega 📣 loudspeaker 📢 label 🏷️ pushpin 📌 triangular_flag_on_post 🚩 checkered_flag 🏁 " +
  "crossed_fingers 🤞 handshake 🤝 writing_hand ✍️ brain 🧠 ghost 👻 raised_hand ✋ hand ✋ performing_arts 🎭 broom 🧹 battery 🔋 bust_in_silhouette 👤 busts_in_silhouette 👥";

const pairs = NAMES.split(" ");
const EMOJI = new Map();
for (let at = 0; at < pairs.length; at += 2) EMOJI.set(pairs[at], pairs[at + 1]);

export function emoji(name) {
  return EMOJI.get(name.replace(/::skin-tone-\d$/, "")) || ":" + name + ":";
}

export const QUICK = ["+1", "eyes", "white_check_mark", "tada", "pray"];
