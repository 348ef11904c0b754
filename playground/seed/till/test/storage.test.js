import assert from "node:assert/strict";
import { test } from "node:test";

import { emptySale, loadSale, saveSale } from "../src/storage.js";

function shelf(content = null) {
  return { content, getItem() { return this.content; }, setItem(_, value) { this.content = value; } };
}

test("a sale that was stored comes back", () => {
  const store = shelf();
  const sale = { number: 4, basket: { bread: 2 }, code: "MARKET10", extras: ["bag"] };
  assert.equal(saveSale(store, sale), true);
  assert.deepEqual(loadSale(store), sale);
});

test("nothing stored is an empty sale", () => {
  assert.deepEqual(loadSale(shelf()), emptySale());
});

test("what cannot be read is an empty sale", () => {
  for (const content of ["{", "[]", '"x"', "null", '{"basket": 5}']) assert.deepEqual(loadSale(shelf(content)).basket, {});
});

test("only what is sold comes back, in whole numbers", () => {
  const content = JSON.stringify({ number: -2, basket: { bread: 1, fax: 3, eggs: 1.5 }, code: 7, extras: ["bag", 3] });
  assert.deepEqual(loadSale(shelf(content)), { number: 1, basket: { bread: 1 }, code: "", extras: ["bag"] });
});

test("a full store does not stop the sale", () => {
  const full = { setItem() { throw new Error("QuotaExceededError"); } };
  assert.equal(saveSale(full, emptySale()), false);
});
