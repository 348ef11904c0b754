// rich_text blocks, markdown blocks and tables. Law: an element of an unknown type is shown as its text, never dropped silently.

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";
import { mention, plain } from "./mrkdwn.js";
import { state } from "./store.js";

function styled(node, style = {}) {
  const wraps = [["bold", "b"], ["italic", "i"], ["strike", "s"], ["underline", "u"], ["highlight", "mark"], ["code", "code"]];
  return wraps.reduce((inner, [name, tag]) => (style[name] ? h(tag, {}, inner) : inner), node);
}

function inlineElement(element) {
  const style = element.style;
  if (element.type === "text") {
    const parts = element.text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
    return style ? [styled(h("span", {}, parts), style)] : parts;
  }
  if (element.type === "link") return [styled(link(element.url, element.text || element.url), style)];
  if (element.type === "user") return [mention(element.user_id)];
  if (element.type === "channel") {
    const room = state.rooms.get(element.channel_id);
    return [h("span", { class: "mention" }, "#" + (room ? room.name : "channel"))];
  }
  if (element.type === "emoji") return [emoji(element.name)];
  if (element.type === "broadcast") return [h("span", { class: "mention mention-me" }, "@" + element.range)];
  if (element.type === "usergroup") return [h("span", { class: "mention" }, "@group")];
  if (element.type === "date") return [element.fallback || new Date(element.timestamp * 1000).toLocaleString()];
  return [element.text || element.value || ""];
}

const inlineAll = (elements) => elements.flatMap(inlineElement);

export function richText(block) {
  return h("div", { class: "rich" }, block.elements.map((part) => {
    if (part.type === "rich_text_list") {
      const items = part.elements.map((item) => h("li", {}, inlineAll(item.elements)));
      return h(part.style === "ordered" ? "ol" : "ul", { class: "indent-" + (part.indent || 0), start: (part.offset || 0) + 1 }, items);
    }
    if (part.type === "rich_text_quote") return h("blockquote", {}, inlineAll(part.elements));
    if (part.type === "rich_text_preformatted") return h("pre", {}, inlineAll(part.elements));
    return h("p", {}, inlineAll(part.elements));
  }));
}

export function table(block) {
  const cell = (content, index, tag) => {
    const align = ((block.column_settings || [])[index] || {}).align || "left";
    const inner = content.type === "rich_text" ? richText(content) : String(content.text ?? content.value ?? "");
    return h(tag, { class: "to-" + align }, inner);
  };
  const rows = block.rows.map((row, at) => h("tr", {}, row.map((content, index) => cell(content, index, at ? "td" : "th"))));
  return h("div", { class: "scroll-x" }, h("table", {}, rows));
}

// Standard Markdown, as far as a chat message goes.
function markdownInline(text) {
  const made = [];
  const pattern = /`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)|\*\*(.+?)\*\*|(?<![\w*])\*(\S[^*]*?)\*|(?<!\w)_(\S[^_]*?)_(?!\w)|~~(.+?)~~/g;
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    if (found.index > at) made.push(...plain(text.slice(at, found.index)));
    if (found[1] !== undefined) made.push(h("code", {}, found[1]));
    else if (found[2] !== undefined) made.push(link(found[3], found[2]));
    else if (found[4] !== undefined) made.push(h("b", {}, markdownInline(found[4])));
    else if (found[7] !== undefined) made.push(h("s", {}, markdownInline(found[7])));
    else made.push(h("i", {}, markdownInline(found[5] || found[6])));
    at = found.index + found[0].length;
  }
  made.push(...plain(text.slice(at)));
  return made;
}

export function markdown(text) {
  const out = h("div", { class: "rich" });
  let list = null;
  let code = null;
  for (const line of text.split("\n")) {
    if (/^\s*```/.test(line)) {
      if (code) code = null;
      else out.append((code = h("pre", {})));
      list = null;
      continue;
    }
    if (code) {
      code.append((code.textContent ? "\n" : "") + line);
      continue;
    }
    const item = /^\s*(?:([-*+])|(\d+)[.)])\s+(.*)$/.exec(line);
    const head = /^(#{1,6})\s+(.*)$/.exec(line);
    const quote = /^>\s?(.*)$/.exec(line);
    if (item) {
      const tag = item[1] ? "UL" : "OL";
      if (!list || list.tagName !== tag) out.append((list = h(tag.toLowerCase(), {})));
      list.append(h("li", {}, markdownInline(item[3])));
      continue;
    }
    list = null;
    if (head) out.append(h("h" + Math.min(6, head[1].length + 2), {}, markdownInline(head[2])));
    else if (quote) out.append(h("blockquote", {}, markdownInline(quote[1])));
    else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) out.append(h("hr"));
    else if (line.trim()) out.append(h("p", {}, markdownInline(line)));
  }
  return out;
}
