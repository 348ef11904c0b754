import assert from "node:assert/strict";
import { test } from "node:test";

import { checkout } from "../src/checkout.js";
import { formatMoney } from "../src/money.js";
import { WIDTH, centered, receiptText, spread } from "../src/receipt.js";
import { settings } from "../src/settings.js";

const at = new Date(2026, 4, 16, 10, 30);

test("a line puts its words at both ends", () => {
  assert.equal(spread("Tax", "1.20", 12), "Tax     1.20");
});

test("a long name is cut so that the amount stays", () => {
  const line = spread("A very long name for a small tomato", "$12.00", 20);
  assert.equal(line.length, 20);
  assert.ok(line.endsWith("… $12.00"), line);
});

test("a title stands in the middle", () => {
  assert.equal(centered("abc", 9), "   abc");
});

test("a receipt names the stall, the items and what was paid", () => {
  const sale = checkout({ bread: 2 });
  const text = receiptText(sale, { number: 7, at });
  assert.ok(text.includes(settings.stall));
  assert.match(text, /^2 x Sourdough +\S/m);
  assert.ok(text.includes(spread("TOTAL", formatMoney(sale.due))));
  assert.match(text, /No\. 7, May 16, 2026/);
});

test("a receipt has one line for every row", () => {
  const sale = checkout({ bread: 1, cheese: 2 }, { extras: ["bag"] });
  const text = receiptText(sale, { number: 1, at });
  for (const row of sale.rows) assert.ok(text.includes(spread(row.label, formatMoney(row.cents))), row.label);
});

test("no line is wider than a phone shows", () => {
  const text = receiptText(checkout({ bread: 99, honey: 99 }, { extras: ["bag"] }), { number: 1, at });
  for (const line of text.split("\n")) assert.ok(line.length <= WIDTH + 2, line);
});
