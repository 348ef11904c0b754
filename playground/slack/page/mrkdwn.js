// Slack's mrkdwn to elements. Law: the three escapes are undone last, at the leaves, so that no escaped text becomes markup.

import { clock, day, h, link, safeUrl } from "./dom.js";
import { emoji } from "./emoji.js";
import { displayName, state } from "./store.js";

export function unescape(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function mention(id) {
  return h("span", { class: "mention" + (id === state.me ? " mention-me" : "") }, "@" + displayName(id));
}

const INLINE = new RegExp(
  [
    "`(?<code>[^`\\n]+)`",
    "<(?<token>[^<>\\n]+)>",
    ":(?<emoji>[a-z0-9_+'-]+(?:::skin-tone-\\d)?):",
    "(?<![\\w*])\\*(?=\\S)(?<bold>[^*\\n]*[^*\\s])\\*(?![\\w*])",
    "(?<![\\w_])_(?=\\S)(?<italic>[^_\\n]*[^_\\s])_(?![\\w_])",
    "(?<![\\w~])~(?=\\S)(?<strike>[^~\\n]*[^~\\s])~(?![\\w~])",
  ].join("|"),
  "g",
);

function token(text) {
  const bar = text.indexOf("|");
  const target = bar < 0 ? text : text.slice(0, bar);
  const label = bar < 0 ? "" : text.slice(bar + 1);
  if (/^@[UWB]/.test(target)) return mention(target.slice(1));
  if (target.startsWith("#")) {
    const room = state.rooms.get(target.slice(1));
    return h("span", { class: "mention" }, "#" + unescape(label || (room ? room.name : "channel")));
  }
  if (target.startsWith("!date^")) return h("span", {}, dated(target.split("^"), unescape(label)));
  if (target.startsWith("!subteam^")) return h("span", { class: "mention" }, unescape(label || "@group"));
  if (target.startsWith("!")) return h("span", { class: "mention mention-me" }, "@" + target.slice(1));
  const url = safeUrl(unescape(target));
  return url ? link(url, unescape(label || target)) : h("span", {}, "<" + unescape(text) + ">");
}

function dated(parts, fallback) {
  const ts = Number(parts[1]);
  if (!ts || !parts[2]) return fallback;
  const date = new Date(ts * 1000).toLocaleDateString();
  return parts[2].replace(/\{time(_secs)?\}/g, clock(ts)).replace(/\{date_pretty[^}]*\}|\{date_short_pretty\}/g, day(ts)).replace(/\{date[^}]*\}/g, date);
}

function inline(text) {
  const made = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    if (found.index > at) made.push(unescape(text.slice(at, found.index)));
    const { code, token: inner, emoji: name, bold, italic, strike } = found.groups;
    if (code !== undefined) made.push(h("code", {}, unescape(code)));
    else if (inner !== undefined) made.push(token(inner));
    else if (name !== undefined) made.push(emoji(name));
    else if (bold !== undefined) made.push(h("b", {}, inline(bold)));
    else if (italic !== undefined) made.push(h("i", {}, inline(italic)));
    else made.push(h("s", {}, inline(strike)));
    at = found.index + found[0].length;
  }
  if (at < text.length) made.push(unescape(text.slice(at)));
  return made;
}

function lines(text) {
  const made = [];
  let quote = null;
  const all = text.split("\n");
  all.forEach((line, index) => {
    const quoted = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    if (quoted) {
      if (!quote) made.push((quote = h("blockquote", {})));
      else quote.append(h("br"));
      quote.append(...inline(quoted[1]));
      return;
    }
    quote = null;
    made.push(...inline(line));
    if (index < all.length - 1) made.push(h("br"));
  });
  return made;
}

export function mrkdwn(text) {
  const made = [];
  let at = 0;
  for (const block of text.matchAll(/```\n?([\s\S]*?)\n?```\n?/g)) {
    made.push(...lines(text.slice(at, block.index).replace(/\n$/, "")));
    made.push(h("pre", {}, unescape(block[1].replace(/<([^<>|]+)(?:\|([^<>]+))?>/g, (_, url, label) => label || url))));
    at = block.index + block[0].length;
  }
  made.push(...lines(text.slice(at)));
  return made;
}

export function plain(text, withEmoji = true) {
  const shown = withEmoji ? text.replace(/:([a-z0-9_+'-]+):/g, (_, name) => emoji(name)) : text;
  return shown.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

export function textObject(object) {
  return object.type === "mrkdwn" ? mrkdwn(object.text) : plain(object.text, object.emoji !== false);
}

// A line for lists and notifications: no markup, one line.
export function oneLine(text) {
  const flat = text.replace(/```|[*`]/g, "").replace(/<([@#!]?)([^|>]+)(?:\|([^>]*))?>/g, (_, kind, target, label) => {
    if (kind === "@") return "@" + displayName(target);
    return label || (kind === "!" ? "@" + target : target);
  });
  return unescape(flat.replace(/:([a-z0-9_+'-]+):/g, (_, name) => emoji(name))).replace(/\s+/g, " ");
}
