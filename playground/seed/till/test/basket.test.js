import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST, add, countItems, emptyBasket, isEmpty, linesOf, remove, setQuantity } from "../src/basket.js";
import { catalog, findItem } from "../src/catalog.js";

test("a new basket is empty", () => {
  assert.equal(isEmpty(emptyBasket()), true);
  assert.equal(countItems(emptyBasket()), 0);
});

test("tapping an item twice makes two of it", () => {
  assert.deepEqual(add(add(emptyBasket(), "apples"), "apples"), { apples: 2 });
});

test("adding leaves the old basket as it was", () => {
  const before = { apples: 1 };
  add(before, "apples");
  assert.deepEqual(before, { apples: 1 });
});

test("the last one taken out removes the line", () => {
  assert.deepEqual(remove({ apples: 1, bread: 2 }, "apples"), { bread: 2 });
});

test("taking out more than there is leaves none", () => {
  assert.deepEqual(remove({ bread: 1 }, "bread", 5), {});
});

test("a quantity is whole and never above the most", () => {
  assert.deepEqual(setQuantity({}, "eggs", 2.9), { eggs: 2 });
  assert.deepEqual(setQuantity({}, "eggs", 500), { eggs: MOST });
});

test("what is not sold cannot be added", () => {
  assert.throws(() => add({}, "unicorn"), RangeError);
});

test("a line costs its price times its quantity", () => {
  const [line] = linesOf({ bread: 3 });
  assert.equal(line.item.name, "Sourdough");
  assert.equal(line.cents, 3 * findItem("bread").cents);
});

test("an item no longer sold drops out of the lines", () => {
  assert.deepEqual(linesOf({ fax: 1 }), []);
});

test("every item has its own id and a price in whole cents", () => {
  assert.equal(new Set(catalog.map((item) => item.id)).size, catalog.length);
  for (const { cents } of catalog) assert.ok(Number.isInteger(cents) && cents > 0);
});
