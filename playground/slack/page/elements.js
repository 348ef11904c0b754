// Block Kit's interactive elements. Law: every tap target is at least 44 pixels high, and a tap shows at once that it was felt.

import { h, icon, safeUrl } from "./dom.js";
import { plain, textObject } from "./mrkdwn.js";
import { confirmSheet, menuSheet } from "./sheets.js";
import { person, state } from "./store.js";

const slot = (block, part) => block.block_id + "/" + part.action_id;

function keepPick(surface, block, part, value) {
  surface.picked.set(slot(block, part), value);
}

function current(surface, block, part, initial) {
  const key = slot(block, part);
  return surface.picked.has(key) ? surface.picked.get(key) : initial;
}

// Press with the wait and the warning a phone shows.
async function press(node, surface, block, part, value) {
  if (node.classList.contains("busy")) return;
  if (part.confirm && !(await confirmSheet(part.confirm))) return;
  const near = node.closest(".block") || node;
  near.querySelectorAll(".trouble").forEach((old) => old.remove());
  node.classList.add("busy");
  node.setAttribute("aria-busy", "true");
  const answer = await surface.press(block, part, value);
  node.classList.remove("busy");
  node.removeAttribute("aria-busy");
  if (!answer.ok) near.append(h("p", { class: "trouble", role: "alert" }, "⚠️ " + (answer.warning || answer.error)));
}

function button(part, block, surface) {
  if (part.visible_to_user_ids && !part.visible_to_user_ids.includes(state.me)) return null;
  const node = h(
    "button",
    {
      class: "button " + (part.style || "plain"),
      type: "button",
      "aria-label": part.accessibility_label,
      "data-action": part.action_id,
      onclick: () => {
        const url = part.url && safeUrl(part.url);
        if (url) window.open(url, "_blank", "noopener,noreferrer");
        press(node, surface, block, part, null);
      },
    },
    h("span", {}, plain(part.text.text), part.url ? " ↗" : ""),
  );
  return node;
}

function optionsOf(part) {
  if (part.type === "users_select" || part.type === "multi_users_select") {
    return [...state.people.values()].map((one) => ({ text: { type: "plain_text", text: one.real_name }, value: one.id }));
  }
  if (part.type === "channels_select" || part.type === "conversations_select") {
    const rooms = [...state.rooms.values()].filter((room) => !room.is_im);
    return rooms.map((room) => ({ text: { type: "plain_text", text: "#" + room.name }, value: room.id }));
  }
  return [...(part.options || []), ...(part.option_groups || []).flatMap((group) => group.options)];
}

function tell(surface, block, node, part, value) {
  if (block.type !== "input" || block.dispatch_action) press(node, surface, block, part, value);
}

function select(part, block, surface) {
  const initial = (part.initial_option || {}).value || part.initial_user || part.initial_channel || part.initial_conversation || "";
  const value = current(surface, block, part, initial);
  const hint = part.placeholder ? part.placeholder.text : "Choose…";
  const choices = optionsOf(part).map((option) => h("option", { value: option.value }, option.text.text));
  const node = h("select", { class: "field-control", "aria-label": hint, "data-action": part.action_id }, h("option", { value: "" }, hint), choices);
  node.value = value;
  node.addEventListener("change", () => {
    keepPick(surface, block, part, node.value);
    tell(surface, block, node, part, node.value);
  });
  return h("div", { class: "select" }, node, icon("chevron"));
}

function choices(part, block, surface) {
  const many = part.type !== "radio_buttons";
  const initial = many ? (part.initial_options || []).map((option) => option.value) : [(part.initial_option || {}).value];
  const stored = current(surface, block, part, many ? initial : initial[0]);
  const picked = new Set([stored].flat().filter(Boolean));
  const name = slot(block, part);
  const group = h("div", { class: "choices", role: many ? "group" : "radiogroup" });
  group.append(
    ...optionsOf(part).map((option) => {
      const box = h("input", { type: many ? "checkbox" : "radio", name, value: option.value, checked: picked.has(option.value) });
      box.addEventListener("change", () => {
        const on = [...group.querySelectorAll("input:checked")].map((one) => one.value);
        const value = many ? on : on[0];
        keepPick(surface, block, part, value);
        tell(surface, block, group, part, value);
      });
      const about = option.description ? h("span", { class: "hint" }, textObject(option.description)) : null;
      return h("label", { class: "choice" }, box, h("span", {}, h("span", {}, textObject(option.text)), about));
    }),
  );
  return group;
}

const TYPES = { email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time" };

function typed(part, block, surface) {
  const initial = part.initial_value || part.initial_date || part.initial_time || "";
  const common = {
    class: "field-control",
    placeholder: part.placeholder ? part.placeholder.text : undefined,
    value: current(surface, block, part, initial),
    maxlength: part.max_length,
    "data-action": part.action_id,
    "aria-label": block.label ? block.label.text : undefined,
  };
  const node = part.multiline
    ? h("textarea", { ...common, rows: 4 })
    : h("input", { ...common, type: TYPES[part.type] || "text", inputmode: part.type === "number_input" ? "decimal" : undefined });
  node.addEventListener("input", () => keepPick(surface, block, part, node.value));
  const enters = part.dispatch_action_config || { trigger_actions_on: ["on_enter_pressed"] };
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || part.multiline || !block.dispatch_action) return;
    if (enters.trigger_actions_on.includes("on_enter_pressed")) press(node, surface, block, part, node.value);
  });
  if (part.focus_on_load) requestAnimationFrame(() => node.focus());
  return node;
}

function overflow(part, block, surface) {
  const node = h("button", { class: "button plain round", type: "button", "aria-label": "More actions", "data-action": part.action_id }, icon("more"));
  node.addEventListener("click", async () => {
    const rows = part.options.map((option) => ({ label: option.text.text, hint: (option.description || {}).text, value: option.value, url: option.url }));
    const row = await menuSheet("", rows);
    if (!row) return;
    if (row.url && safeUrl(row.url)) window.open(row.url, "_blank", "noopener,noreferrer");
    press(node, surface, block, part, row.value);
  });
  return node;
}

function feedback(part, block, surface) {
  const pair = [[part.positive_button, "👍"], [part.negative_button, "👎"]];
  return pair.map(([one, face]) => {
    const label = one.accessibility_label || one.text.text;
    const node = h("button", { class: "button plain", type: "button", "aria-label": label }, face + " " + one.text.text);
    node.addEventListener("click", () => press(node, surface, block, part, one.value));
    return node;
  });
}

const MAKE = {
  button,
  icon_button: button,
  static_select: select,
  users_select: select,
  channels_select: select,
  conversations_select: select,
  multi_static_select: choices,
  multi_users_select: choices,
  checkboxes: choices,
  radio_buttons: choices,
  overflow,
  feedback_buttons: feedback,
};

export function element(part, block, surface) {
  return (MAKE[part.type] || typed)(part, block, surface);
}

export function avatar(id, size = "") {
  const who = person(id);
  const node = h("span", { class: "avatar " + size + (who.is_bot ? " bot" : ""), "aria-hidden": "true" });
  const initials = who.real_name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("");
  node.textContent = who.is_bot ? "⚓" : initials;
  node.style.backgroundColor = "#" + (who.color || "777777");
  return node;
}
