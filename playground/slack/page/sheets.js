// What slides over the conversation: menus, confirmations. Law: one promise per sheet, settled exactly once, null when dismissed.

import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

const place = () => document.getElementById("sheets");

export function sheet(build, className = "") {
  return new Promise((settle) => {
    const before = document.activeElement;
    const close = (value) => {
      if (!cover.isConnected) return;
      cover.remove();
      document.removeEventListener("keydown", onKey);
      if (before && before.focus) before.focus({ preventScroll: true });
      settle(value);
    };
    const onKey = (event) => event.key === "Escape" && close(null);
    const panel = h("div", { class: "sheet " + className, role: "dialog", "aria-modal": "true", tabindex: "-1" });
    const cover = h("div", { class: "cover", onclick: (event) => event.target === cover && close(null) }, panel);
    panel.append(...[build(close)].flat().filter(Boolean));
    place().append(cover);
    document.addEventListener("keydown", onKey);
    panel.focus({ preventScroll: true });
  });
}

// rows: {label, hint, icon, value, danger}; resolves to the row.
export function menuSheet(title, rows, extra = null) {
  return sheet((close) => [
    h("div", { class: "grip" }),
    title ? h("h2", {}, title) : null,
    extra ? extra(close) : null,
    h(
      "ul",
      { class: "menu" },
      rows.map((row) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: row.danger ? "danger" : "", "data-row": row.value, onclick: () => close(row) },
            row.icon || null,
            h("span", {}, row.label, row.hint ? h("small", {}, row.hint) : null),
            row.mark ? h("span", { class: "mark" }, row.mark) : null,
          ),
        ),
      ),
    ),
  ]);
}

export async function confirmSheet(confirm) {
  const answer = await sheet(
    (close) => [
      h("h2", {}, confirm.title.text),
      h("div", { class: "confirm-text" }, textObject(confirm.text)),
      h(
        "div",
        { class: "confirm-buttons" },
        h("button", { type: "button", class: "button plain", onclick: () => close(false) }, confirm.deny.text),
        h("button", { type: "button", class: "button " + (confirm.style || "primary"), onclick: () => close(true) }, confirm.confirm.text),
      ),
    ],
    "alert-sheet",
  );
  return answer === true;
}
