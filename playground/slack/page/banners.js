// Notifications, as a phone shows them over whatever is open. Law: what is on screen already does not buzz.

import { h } from "./dom.js";
import { avatar } from "./elements.js";
import { emoji } from "./emoji.js";

const STAY_MS = 7000;

export function banner(note) {
  const thread = note.thread_ts ? "/t/" + note.thread_ts : "";
  const text = note.text.replace(/:([a-z0-9_+'-]+):/g, (_, name) => emoji(name));
  const gone = () => node.remove();
  const node = h(
    "a",
    { class: "banner", href: "#/c/" + note.channel + thread, onclick: gone },
    avatar(note.author, "small"),
    h("span", {}, h("b", {}, note.title), h("span", { class: "banner-text" }, text)),
    h("time", {}, "now"),
  );
  const place = document.getElementById("banners");
  place.prepend(node);
  while (place.children.length > 3) place.lastElementChild.remove();
  setTimeout(gone, STAY_MS);
}
