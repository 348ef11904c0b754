// Where people type. Law: a suggestion only fills the field; nothing is sent but by the person's own tap.

import { h, icon } from "./dom.js";
import { act, displayName, roomName, state } from "./store.js";
import { avatar } from "./elements.js";

const drafts = new Map();

function grow(area) {
  area.style.height = "auto";
  area.style.height = Math.min(area.scrollHeight, 160) + "px";
}

export function composer(room, threadTs, suggest) {
  const key = room.id + "/" + (threadTs || "");
  const hint = threadTs ? "Reply…" : room.is_im ? "Message " + roomName(room) : "Message #" + room.name;
  const area = h("textarea", { rows: 1, placeholder: hint, "aria-label": hint, value: drafts.get(key) || "", autocapitalize: "sentences" });
  const send = h("button", { type: "button", class: "send", "aria-label": "Send" }, icon("send"));
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const offers = h("div", { class: "offers" });
  const chips = h("div", { class: "chips" });

  const say = (sentence) => {
    trouble.textContent = sentence || "";
    trouble.hidden = !sentence;
  };
  const changed = () => {
    drafts.set(key, area.value);
    send.disabled = !area.value.trim();
    chips.hidden = area.value.trim() !== "" || !chips.childElementCount;
    grow(area);
    offer();
  };
  const put = (text) => {
    area.value = text;
    area.focus();
    changed();
  };

  function offer() {
    const typed = /(?:^|\s)@([\w.-]*)$/.exec(area.value.slice(0, area.selectionStart));
    offers.replaceChildren();
    if (!typed) return;
    const start = typed[1].toLowerCase();
    const found = [...state.people.values()].filter((one) => !one.deleted && one.id !== state.me && displayName(one.id).toLowerCase().startsWith(start));
    for (const one of found.slice(0, 4)) {
      const pick = () => {
        const at = area.selectionStart;
        const before = area.value.slice(0, at).replace(/@[\w.-]*$/, "@" + displayName(one.id) + " ");
        area.value = before + area.value.slice(at);
        area.focus();
        area.setSelectionRange(before.length, before.length);
        changed();
      };
      offers.append(h("button", { type: "button", onclick: pick }, avatar(one.id, "tiny"), displayName(one.id)));
    }
  }

  async function submit() {
    const text = area.value.trim();
    if (!text || send.classList.contains("busy")) return;
    send.classList.add("busy");
    const slash = /^(\/\S+)\s*([\s\S]*)$/.exec(text);
    let answer;
    if (slash && threadTs) answer = { ok: false, error: slash[1] + " is not supported in threads." };
    else if (slash) answer = await act("command", { channel: room.id, command: slash[1], text: slash[2] });
    else answer = await act("say", { channel: room.id, text, thread_ts: threadTs || undefined });
    send.classList.remove("busy");
    if (!answer.ok) return say("⚠️ " + (answer.warning || answer.error));
    say("");
    area.value = "";
    changed();
  }

  area.addEventListener("input", changed);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  send.addEventListener("click", submit);
  if (suggest) {
    const start = room.is_im ? "" : "@" + state.boot.bot_name + " ";
    for (const one of state.boot.suggestions) {
      const why = one.why ? h("small", {}, one.why) : null;
      chips.append(h("button", { type: "button", class: "chip", onclick: () => put(start + one.text) }, h("span", {}, one.text), why));
    }
  }
  const node = h("footer", { class: "composer" }, chips, offers, trouble, h("div", { class: "field" }, area, send));
  requestAnimationFrame(changed);
  return node;
}
