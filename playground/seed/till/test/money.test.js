import assert from "node:assert/strict";
import { test } from "node:test";

import { formatMoney, parseMoney, percentOf, sum } from "../src/money.js";

test("cents are written as an amount of the currency", () => {
  assert.equal(formatMoney(1234, "USD", "en-US"), "$12.34");
  assert.equal(formatMoney(5, "USD", "en-US"), "$0.05");
});

test("a negative amount keeps its sign", () => {
  assert.equal(formatMoney(-250, "USD", "en-US"), "-$2.50");
});

test("an amount is read with a point, a comma, or neither", () => {
  assert.equal(parseMoney("12.34"), 1234);
  assert.equal(parseMoney("12,34"), 1234);
  assert.equal(parseMoney(" $12 "), 1200);
});

test("what is not an amount is not read as one", () => {
  for (const text of ["", "twelve", "12.3", "1.2.3", "-", "12345678"]) assert.equal(parseMoney(text), null);
});

test("a percentage is rounded to the cent", () => {
  assert.equal(percentOf(999, 10), 100);
  assert.equal(percentOf(1000, 8), 80);
  assert.equal(percentOf(0, 8), 0);
});

test("the sum of no amounts is nothing", () => {
  assert.equal(sum([]), 0);
  assert.equal(sum([1, 2, 3]), 6);
});
