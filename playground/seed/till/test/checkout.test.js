import assert from "node:assert/strict";
import { test } from "node:test";

import { checkout } from "../src/checkout.js";
import { findDiscount } from "../src/discounts.js";
import { sum } from "../src/money.js";

const untaxed = { taxPercent: 0 };
const rowIds = (sale) => sale.rows.map((row) => row.id);

test("a sale shows its tax as a row", () => {
  const tax = checkout({ bread: 2 }, { taxPercent: 10 }).rows.find((row) => row.id === "tax");
  assert.deepEqual(tax, { id: "tax", label: "Tax (10%)", cents: 128 });
});

test("a stall without tax shows no tax row", () => {
  assert.equal(rowIds(checkout({ bread: 1 }, untaxed)).includes("tax"), false);
});

test("a discount is a row that takes away", () => {
  const { rows } = checkout({ bread: 2 }, { ...untaxed, discount: findDiscount("MARKET10") });
  assert.deepEqual(rows[1], { id: "discount", label: "Market day", cents: -128 });
});

test("a paper bag is a row and is paid for", () => {
  const sale = checkout({ bread: 1 }, { ...untaxed, extras: ["bag"] });
  assert.deepEqual(sale.rows.at(-1), { id: "bag", label: "Paper bag", cents: 20 });
  assert.equal(sale.due, 660);
});

test("an unknown extra is left out", () => {
  assert.equal(checkout({ bread: 1 }, { ...untaxed, extras: ["yacht"] }).due, 640);
});

test("without tax, the rows add up to the amount due", () => {
  for (const basket of [{ bread: 1 }, { cheese: 1 }, { honey: 2, tomatoes: 1 }, { apples: 3, eggs: 1, coffee: 2 }]) {
    for (const discount of [null, findDiscount("EARLYBIRD"), findDiscount("NEIGHBOR")]) {
      const sale = checkout(basket, { ...untaxed, discount, extras: ["bag"] });
      assert.equal(sum(sale.rows.map((row) => row.cents)), sale.due, `rows of ${JSON.stringify(basket)}`);
    }
  }
});
