// Modals. Law: what is shown is the server's stack; what is typed stays through updates of the same view.

import { blocks } from "./blocks.js";
import { h, icon } from "./dom.js";
import { nested } from "./message.js";
import { act, state } from "./store.js";

const typed = new Map(); // view id -> picks
let shown = null;

function surfaceOf(view, errors) {
  if (!typed.has(view.id)) typed.set(view.id, new Map());
  const picked = typed.get(view.id);
  return {
    picked,
    errors,
    press: (block, part, value) =>
      act("press", { view_id: view.id, block_id: block.block_id, action_id: part.action_id, value, values: nested(picked) }),
  };
}

export function drawModals() {
  const place = document.getElementById("sheets");
  const view = state.stack[state.stack.length - 1];
  if (shown) shown.remove();
  shown = null;
  for (const id of typed.keys()) if (!state.stack.some((one) => one.id === id)) typed.delete(id);
  if (!view) return;
  shown = draw(view, {}, "");
  place.append(shown);
}

function draw(view, errors, trouble) {
  const surface = surfaceOf(view, errors);
  const deeper = state.stack.length > 1;
  const close = () => act("close_view", { everything: false });
  const send = view.submit
    ? h("button", { type: "button", class: "button primary", disabled: view.submit_disabled }, view.submit.text)
    : null;
  const again = (problems, sentence) => {
    const next = draw(view, problems, sentence);
    shown.replaceWith(next);
    shown = next;
    next.querySelector(".error, .trouble")?.scrollIntoView({ block: "center" });
  };
  if (send) {
    send.addEventListener("click", async () => {
      send.classList.add("busy");
      const answer = await act("submit", { view_id: view.id, values: nested(surface.picked) });
      send.classList.remove("busy");
      if (!answer.ok) again(answer.errors || {}, answer.errors ? "" : answer.warning || answer.error);
    });
  }
  return h(
    "div",
    { class: "modal", role: "dialog", "aria-modal": "true", "aria-label": view.title.text },
    h(
      "header",
      {},
      h("button", { type: "button", class: "tool", "aria-label": deeper ? "Back" : "Close", onclick: close }, icon(deeper ? "back" : "close")),
      h("h2", {}, view.title.text),
      h("span", { class: "from" }, state.boot.bot_name),
    ),
    h("div", { class: "modal-body" }, blocks(view.blocks, surface), trouble ? h("p", { class: "trouble", role: "alert" }, "⚠️ " + trouble) : null),
    h(
      "footer",
      {},
      h("button", { type: "button", class: "button plain", onclick: close }, view.close ? view.close.text : "Cancel"),
      send,
    ),
  );
}

export function drawHome(view) {
  if (!view) return h("p", { class: "empty" }, "This app has no home tab yet.");
  return h("div", { class: "home" }, blocks(view.blocks, surfaceOf(view, {})));
}
