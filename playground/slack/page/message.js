// One message. Law: it is drawn from the message alone, so that an edit in place is just drawing it again.

import { blocks, textOnly } from "./blocks.js";
import { clock, h, icon } from "./dom.js";
import { avatar } from "./elements.js";
import { emoji, QUICK } from "./emoji.js";
import { oneLine } from "./mrkdwn.js";
import { sheet, menuSheet } from "./sheets.js";
import { act, displayName, person, state } from "./store.js";

const HOLD_MS = 450;
const picks = new Map(); // what was picked in a message's inputs, until the message goes

function surfaceOf(room, message) {
  const key = room.id + "/" + message.ts;
  if (!picks.has(key)) picks.set(key, new Map());
  const picked = picks.get(key);
  return {
    picked,
    press: (block, part, value) =>
      act("press", {
        channel: room.id,
        message_ts: message.ts,
        block_id: block.block_id,
        action_id: part.action_id,
        value,
        values: nested(picked),
      }),
  };
}

export function nested(picked) {
  const values = {};
  for (const [key, value] of picked) {
    const at = key.lastIndexOf("/");
    (values[key.slice(0, at)] ||= {})[key.slice(at + 1)] = value;
  }
  return values;
}

function files(message) {
  return (message.files || []).map((file) => {
    const source = file.url_private.replace(/^https?:\/\/[^/]+/, "") + "?page=" + state.boot.page_key;
    if (/^image\/(png|jpeg|gif|webp)$/.test(file.mimetype)) {
      return h("figure", { class: "block image" }, h("img", { src: source, alt: file.alt_txt || file.title, loading: "lazy" }));
    }
    const size = file.size > 1000 ? Math.round(file.size / 1000) + " kB" : file.size + " bytes";
    return h("a", { class: "file", href: source, download: file.name }, h("b", {}, "📄 " + file.title), h("small", {}, size));
  });
}

function attachments(message, surface) {
  return (message.attachments || []).map((part) =>
    h("div", { class: "attachment" }, part.blocks ? blocks(part.blocks, surface) : textOnly({ text: part.text || part.fallback || "" })),
  );
}

function content(room, message) {
  const surface = surfaceOf(room, message);
  const own = message.bot_id && message.blocks && message.blocks.length ? blocks(message.blocks, surface) : null;
  const words = own || (message.text ? [textOnly(message)] : []);
  if (message.edited && !own && words.length) words[0].append(h("span", { class: "edited" }, "(edited)"));
  return [words, attachments(message, surface), files(message)];
}

function reactions(room, message) {
  if (!message.reactions) return null;
  return h(
    "div",
    { class: "reactions" },
    message.reactions.map((one) =>
      h(
        "button",
        {
          type: "button",
          class: one.users.includes(state.me) ? "mine" : "",
          title: one.users.map(displayName).join(", ") + " reacted with :" + one.name + ":",
          onclick: () => act("react", { channel: room.id, message_ts: message.ts, name: one.name }),
        },
        emoji(one.name) + " " + one.count,
      ),
    ),
  );
}

function threadLine(room, message, inThread) {
  if (inThread || !message.reply_count) return null;
  const count = message.reply_count + (message.reply_count === 1 ? " reply" : " replies");
  return h(
    "a",
    { class: "thread-line", href: "#/c/" + room.id + "/t/" + message.ts },
    h("span", { class: "faces" }, message.reply_users.slice(0, 3).map((id) => avatar(id, "tiny"))),
    h("b", {}, count),
    h("span", { class: "muted" }, "last " + clock(message.latest_reply)),
    icon("chevron"),
  );
}

export function drawMessage(room, message, { inThread = false, follows = false } = {}) {
  const author = person(message.user);
  const bot = author.is_bot || message.user === "USLACKBOT";
  const name = message.username || (bot ? author.real_name : displayName(message.user));
  const gone = message.subtype === "tombstone";
  const head = h(
    "div",
    { class: "head" },
    h("b", {}, name),
    bot ? h("span", { class: "tag" }, "App") : null,
    author.is_restricted ? h("span", { class: "tag" }, "Guest") : null,
    author.stranger ? h("span", { class: "tag" }, "External") : null,
    h("time", {}, clock(message.ts)),
  );
  const more = h("button", { type: "button", class: "more", "aria-label": "Message actions", onclick: () => actions(room, message, inThread) }, icon("more"));
  const secret = message.is_ephemeral
    ? h("div", { class: "only-you" }, "👁 Only visible to you", h("button", { type: "button", onclick: () => act("dismiss", { channel: room.id, message_ts: message.ts }) }, "Dismiss"))
    : null;
  const body = h(
    "div",
    { class: "body" },
    gone ? null : more,
    secret,
    follows ? null : head,
    gone ? h("p", { class: "muted" }, message.text) : content(room, message),
    reactions(room, message),
    threadLine(room, message, inThread),
  );
  const side = follows ? h("span", { class: "avatar-space" }) : avatar(message.user);
  const kind = (follows ? " follows" : "") + (message.is_ephemeral ? " ephemeral" : "");
  const node = h("article", { class: "message" + kind, "data-ts": message.ts }, side, body);
  if (!gone) holdFor(node, () => actions(room, message, inThread));
  return node;
}

function holdFor(node, then) {
  let timer = 0;
  const stop = () => clearTimeout(timer);
  node.addEventListener("touchstart", (event) => {
    if (event.target.closest("button, a, input, select, textarea")) return;
    timer = setTimeout(then, HOLD_MS);
  }, { passive: true });
  for (const name of ["touchend", "touchmove", "touchcancel"]) node.addEventListener(name, stop, { passive: true });
}

async function actions(room, message, inThread) {
  const mine = message.user === state.me;
  const rows = [];
  if (!message.is_ephemeral) {
    for (const one of state.boot.shortcuts) rows.push({ label: one.name, hint: state.boot.bot_name, icon: avatar(state.boot.bot, "small"), value: "shortcut", id: one.callback_id });
    if (!inThread) rows.push({ label: "Reply in thread", icon: icon("reply"), value: "thread" });
  }
  rows.push({ label: "Copy text", icon: icon("copy"), value: "copy" });
  if (mine) rows.push({ label: "Edit message", icon: icon("edit"), value: "edit" });
  if (mine) rows.push({ label: "Delete message", icon: icon("close"), value: "delete", danger: true });
  const quick = (close) =>
    h("div", { class: "quick" }, QUICK.map((name) => h("button", { type: "button", "aria-label": name, onclick: () => close({ value: "react", id: name }) }, emoji(name))));
  const row = await menuSheet("", rows, message.is_ephemeral ? null : quick);
  if (row) await perform(room, message, row);
}

async function perform(room, message, row) {
  const where = { channel: room.id, message_ts: message.ts };
  if (row.value === "shortcut") await report(await act("shortcut", { ...where, callback_id: row.id }));
  if (row.value === "react") await act("react", { ...where, name: row.id });
  if (row.value === "thread") location.hash = "#/c/" + room.id + "/t/" + (message.thread_ts || message.ts);
  if (row.value === "copy") await navigator.clipboard?.writeText(oneLine(message.text)).catch(() => {});
  if (row.value === "delete") await report(await act("delete", where));
  if (row.value === "edit") await editSheet(where, message);
}

async function report(answer) {
  if (answer.ok) return;
  await sheet((close) => [
    h("h2", {}, "That did not work"),
    h("p", { class: "confirm-text" }, answer.warning || answer.error),
    h("div", { class: "confirm-buttons" }, h("button", { type: "button", class: "button plain", onclick: () => close(null) }, "OK")),
  ], "alert-sheet");
}

async function editSheet(where, message) {
  const area = h("textarea", { class: "field-control", rows: 4, value: typedForm(message.text) });
  const text = await sheet((close) => [
    h("h2", {}, "Edit message"),
    area,
    h("div", { class: "confirm-buttons" },
      h("button", { type: "button", class: "button plain", onclick: () => close(null) }, "Cancel"),
      h("button", { type: "button", class: "button primary", onclick: () => close(area.value) }, "Save")),
  ], "alert-sheet");
  if (text && text.trim()) await report(await act("edit", { ...where, text }));
}

function typedForm(text) {
  const named = text.replace(/<@([UW][A-Z0-9]+)>/g, (_, id) => "@" + (person(id).is_bot ? person(id).real_name : person(id).name));
  return named.replace(/<#[A-Z0-9]+\|([^>]*)>/g, "#$1").replace(/<(https?:[^>|]+)(?:\|[^>]*)?>/g, "$1").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

