// Block Kit to elements. Law: a block this page cannot draw says so; nothing an app sends disappears.

import { h, safeUrl } from "./dom.js";
import { element } from "./elements.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { markdown, richText, table } from "./rich.js";

// `surface` is where the blocks are: {press(block, element, value) -> answer, picked: Map, errors: {block_id: sentence}}.
export function blocks(list, surface) {
  return list.map((block) => draw(block, surface));
}

function draw(block, surface) {
  const make = DRAW[block.type];
  if (make) return make(block, surface);
  return h("p", { class: "block unknown" }, "[" + block.type + " block: not shown here]");
}

export function image(source, alt) {
  const url = safeUrl(source || "");
  if (!url) return h("span", { class: "muted" }, alt);
  return h("img", { src: url, alt, loading: "lazy", referrerpolicy: "no-referrer" });
}

function section(block, surface) {
  const text = block.text ? h("div", { class: "text" }, textObject(block.text)) : null;
  const fields = block.fields
    ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "field" }, textObject(field))))
    : null;
  const beside = block.accessory;
  if (!beside) return h("div", { class: "block section" }, text, fields);
  const drawn = beside.type === "image" ? h("div", { class: "thumb" }, image(beside.image_url, beside.alt_text)) : element(beside, block, surface);
  const corner = beside.type === "image" || beside.type === "overflow" ? " beside" : "";
  return h("div", { class: "block section with-accessory" + corner }, h("div", { class: "words" }, text, fields), h("div", { class: "accessory" }, drawn));
}

function input(block, surface) {
  const error = (surface.errors || {})[block.block_id];
  const optional = block.optional ? h("span", { class: "muted" }, " (optional)") : null;
  return h(
    "div",
    { class: "block input" + (error ? " wrong" : ""), "data-block": block.block_id },
    h("div", { class: "label" }, block.label.text, optional),
    element(block.element, block, surface),
    error ? h("p", { class: "error", role: "alert" }, error) : null,
    block.hint ? h("p", { class: "hint" }, block.hint.text) : null,
  );
}

const DRAW = {
  section,
  input,
  header: (block) => h("h3", { class: "block header" }, textObject(block.text)),
  divider: () => h("hr", { class: "block" }),
  context: (block) =>
    h(
      "div",
      { class: "block context" },
      block.elements.map((part) =>
        part.type === "image" ? image(part.image_url, part.alt_text) : h("span", {}, textObject(part)),
      ),
    ),
  actions: (block, surface) =>
    h("div", { class: "block actions" }, block.elements.map((part) => element(part, block, surface))),
  context_actions: (block, surface) =>
    h("div", { class: "block actions small" }, block.elements.map((part) => element(part, block, surface))),
  image: (block) =>
    h(
      "figure",
      { class: "block image" },
      block.title ? h("figcaption", {}, textObject(block.title)) : null,
      image(block.image_url || (block.slack_file || {}).url, block.alt_text),
    ),
  rich_text: (block) => h("div", { class: "block" }, richText(block)),
  markdown: (block) => h("div", { class: "block" }, markdown(block.text)),
  table: (block) => h("div", { class: "block" }, table(block)),
  alert: (block) => h("div", { class: "block alert alert-" + (block.level || "default") }, textObject(block.text)),
};

export function textOnly(message) {
  return h("div", { class: "block text" }, message.mrkdwn === false ? message.text : mrkdwn(message.text));
}
