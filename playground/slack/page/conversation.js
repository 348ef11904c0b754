// A channel, a direct message or a thread on screen. Law: a message that did not change keeps its element, and so its inputs.

import { h, icon, day } from "./dom.js";
import { avatar } from "./elements.js";
import { composer } from "./composer.js";
import { drawMessage } from "./message.js";
import { drawHome } from "./modal.js";
import { menuSheet } from "./sheets.js";
import { act, fill, look, person, query, roomName, sorted, state } from "./store.js";

const TOGETHER_SECONDS = 300;

export function header(title, subtitle, back) {
  const behind = back ? h("a", { class: "tool", href: back, "aria-label": "Back" }, icon("back")) : null;
  return h("header", { class: "top" }, behind, h("div", { class: "title" }, h("h1", {}, title), subtitle ? h("small", {}, subtitle) : null), you());
}

function you() {
  const label = "You are " + person(state.me).real_name + ". Be another person";
  return h("button", { type: "button", class: "tool me", "aria-label": label, onclick: switchPerson }, avatar(state.me, "small"));
}

async function switchPerson() {
  const people = [...state.people.values()].filter((one) => !one.is_bot && !one.deleted);
  const rows = people.map((one) => ({
    label: one.real_name,
    hint: one.title,
    icon: avatar(one.id, "small"),
    value: one.name,
    mark: one.id === state.me ? "You" : "",
  }));
  const row = await menuSheet("Who are you?", rows);
  if (!row || row.value === state.as) return;
  const next = new URLSearchParams(query);
  next.set("as", row.value);
  location.search = next;
}

export function notice() {
  return state.boot.notice ? h("p", { class: "notice", role: "note" }, state.boot.notice) : null;
}

// Keeps a list element in step with the messages of `key`, oldest first.
class MessageList {
  constructor(room, key, threadTs) {
    Object.assign(this, { room, key, threadTs, drawn: new Map() });
    this.node = h("div", { class: "messages", role: "log", tabindex: "0", "aria-label": "Messages" });
    this.pinned = true;
    this.node.addEventListener("scroll", () => (this.pinned = this.atBottom()), { passive: true });
    this.node.addEventListener("load", () => this.pinned && this.toBottom(), true); // a picture came and pushed
  }

  atBottom() {
    return this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80;
  }

  toBottom() {
    this.pinned = true;
    this.node.scrollTop = this.node.scrollHeight;
  }

  update(first = false) {
    const stay = first || this.pinned;
    const messages = sorted(this.key);
    const parts = [];
    let before = null;
    for (const message of messages) {
      if (!before || day(before.ts) !== day(message.ts)) parts.push(this.keyed("day" + day(message.ts), "", () => h("div", { class: "day" }, h("span", {}, day(message.ts)))));
      const follows = Boolean(
        before && before.user === message.user && !before.is_ephemeral && !message.is_ephemeral && message.ts - before.ts < TOGETHER_SECONDS &&
          day(before.ts) === day(message.ts) && !(this.threadTs && before.ts === this.threadTs) && !before.reply_count && before.subtype !== "tombstone",
      );
      const inThread = Boolean(this.threadTs);
      parts.push(this.keyed(message.ts, JSON.stringify([message, follows]), () => drawMessage(this.room, message, { inThread, follows })));
      if (this.threadTs === message.ts) {
        const count = messages.length - 1;
        const said = count === 1 ? "1 reply" : count + " replies";
        parts.push(this.keyed("count", said, () => h("div", { class: "replies" }, h("span", {}, said))));
      }
      before = message;
    }
    if (!messages.length) parts.push(this.keyed("empty", "", () => this.nothingYet()));
    const doing = state.status.get(this.key);
    if (doing) parts.push(this.keyed("status", doing, () => h("p", { class: "doing" }, state.boot.bot_name + " " + doing)));
    const kept = new Set(parts);
    for (const [key, one] of this.drawn) if (!kept.has(one.node)) this.drawn.delete(key);
    this.place(parts);
    if (stay) requestAnimationFrame(() => this.toBottom());
  }

  // The element for a key: drawn again only if what it shows has changed.
  keyed(key, shows, draw) {
    const known = this.drawn.get(key);
    if (known && known.shows === shows) return known.node;
    const node = draw();
    if (known && !matchMedia("(prefers-reduced-motion: reduce)").matches) node.classList.add("changed");
    this.drawn.set(key, { shows, node });
    return node;
  }

  place(parts) {
    parts.forEach((part, at) => {
      if (this.node.children[at] !== part) this.node.insertBefore(part, this.node.children[at] || null);
    });
    while (this.node.children.length > parts.length) this.node.lastElementChild.remove();
  }

  nothingYet() {
    const say = this.room.is_im ? "Say what should change, in your own words." : "Mention @" + state.boot.bot_name + " and say what should change.";
    return h("div", { class: "empty" }, avatar(state.boot.bot, "large"), h("h2", {}, this.room.is_im ? roomName(this.room) : "#" + this.room.name), h("p", {}, say));
  }
}

async function markRead(room) {
  const list = sorted(room.id).filter((message) => !message.is_ephemeral);
  const latest = [...list.map((message) => message.latest_reply || message.ts), "0"].sort().pop();
  room.unread = 0;
  if (latest !== "0" && document.visibilityState === "visible") await act("read", { channel: room.id, message_ts: latest });
}

export async function channelScreen(room, tab) {
  if (room.is_im) act("open_home", { tab: tab === "home" ? "home" : "messages" });
  const list = new MessageList(room, room.id, null);
  const subtitle = room.is_im ? "App" : room.members.length + " members" + (room.topic ? " · " + room.topic : "");
  const top = header(room.is_im ? roomName(room) : "#" + room.name, subtitle, "#/");
  const base = "#/c/" + room.id;
  const tabs = room.is_im
    ? h("nav", { class: "tabs" }, h("a", { href: base + "/home", class: tab === "home" ? "on" : "" }, "Home"), h("a", { href: base, class: tab === "home" ? "" : "on" }, "Messages"))
    : null;
  if (tab === "home") {
    const body = h("div", { class: "messages" }, drawHome(state.home));
    return { key: room.id + "/home", nodes: [top, notice(), tabs, body], update: (kind) => kind === "home" && body.replaceChildren(drawHome(state.home)) };
  }
  const read = async () => {
    const answer = await look("channel", { channel: room.id });
    if (answer.ok) fill(room.id, answer);
  };
  await read();
  const nodes = [top, notice(), tabs, list.node, composer(room, null, true)];
  markRead(room);
  const update = (kind, first) => {
    list.update(first);
    if (kind === "message") markRead(room);
  };
  return { key: room.id, room, nodes, read, update };
}

export async function threadScreen(room, ts) {
  const key = room.id + "/" + ts;
  const list = new MessageList(room, key, ts);
  const read = async () => {
    const answer = await look("thread", { channel: room.id, ts });
    if (answer.ok) fill(key, answer);
  };
  await read();
  const where = room.is_im ? roomName(room) : "#" + room.name;
  const nodes = [header("Thread", where, "#/c/" + room.id), notice(), list.node, composer(room, ts, false)];
  markRead(room);
  return { key, room, nodes, read, update: (kind, first) => list.update(first) };
}
