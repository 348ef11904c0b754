import assert from "node:assert/strict";
import { test } from "node:test";

import { linesOf } from "../src/basket.js";
import { findDiscount } from "../src/discounts.js";
import { totals } from "../src/pricing.js";

test("an empty basket costs nothing", () => {
  assert.deepEqual(totals([]), { subtotal: 0, saved: 0, net: 0, tax: 0, total: 0 });
});

test("the subtotal is the sum of the lines", () => {
  assert.equal(totals(linesOf({ apples: 2, bread: 1 })).subtotal, 2 * 325 + 640);
});

test("the tax is taken on the price after the discount", () => {
  const { net, tax } = totals([{ cents: 2000 }], { discount: findDiscount("MARKET10"), taxPercent: 8 });
  assert.equal(net, 1800);
  assert.equal(tax, 144);
});

test("without tax the total is the price after the discount", () => {
  const { total } = totals([{ cents: 2000 }], { discount: findDiscount("MARKET10"), taxPercent: 0 });
  assert.equal(total, 1800);
});
