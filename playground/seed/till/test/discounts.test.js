import assert from "node:assert/strict";
import { test } from "node:test";

import { discountOn, findDiscount } from "../src/discounts.js";

test("a code is found however it is typed", () => {
  assert.equal(findDiscount(" market-10 ").code, "MARKET10");
  assert.equal(findDiscount("early bird").percent, 5);
});

test("an unknown code is no discount", () => {
  assert.equal(findDiscount("FREE"), null);
  assert.equal(findDiscount(""), null);
});

test("names every object has are no codes", () => {
  assert.equal(findDiscount("constructor"), null);
  assert.equal(findDiscount("toString"), null);
});

test("a percentage comes off the subtotal", () => {
  assert.equal(discountOn(2000, findDiscount("MARKET10")), 200);
});

test("an amount never takes off more than there is", () => {
  assert.equal(discountOn(150, findDiscount("NEIGHBOR")), 150);
  assert.equal(discountOn(900, findDiscount("NEIGHBOR")), 200);
});

test("no discount takes off nothing", () => {
  assert.equal(discountOn(900, null), 0);
});
