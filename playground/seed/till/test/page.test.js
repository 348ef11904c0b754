import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { catalog } from "../src/catalog.js";

const source = new URL("../src/", import.meta.url);
const page = readFileSync(new URL("index.html", source), "utf8");
const script = readFileSync(new URL("app.js", source), "utf8");

test("every file the page names is there, by a relative URL", () => {
  const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((found) => found[1]);
  assert.ok(links.length >= 4);
  for (const link of links) {
    assert.doesNotMatch(link, /^(\/|https?:)/);
    assert.ok(existsSync(new URL(link, source)), link);
  }
});

test("every element the script looks for is on the page", () => {
  for (const [, id] of script.matchAll(/find\("([^"]+)"\)/g)) assert.ok(page.includes(`id="${id}"`), id);
});

test("every item has a picture", () => {
  for (const { id } of catalog) assert.ok(existsSync(new URL(`pictures/${id}.svg`, source)), id);
});
