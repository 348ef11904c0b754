// A basket is a plain object, item id -> quantity. Nothing here changes a basket: each function returns a new one.
import { findItem } from "./catalog.js";

export const MOST = 99;

export function emptyBasket() {
  return {};
}

/** The basket with `quantity` of an item: none removes it, and more than MOST is MOST. */
export function setQuantity(basket, id, quantity) {
  if (!findItem(id)) throw new RangeError(`nothing is sold as "${id}"`);
  const wanted = Math.min(Math.max(Math.trunc(quantity), 0), MOST);
  const { [id]: _, ...rest } = basket;
  return wanted === 0 ? rest : { ...rest, [id]: wanted };
}

export function add(basket, id, quantity = 1) {
  return setQuantity(basket, id, (basket[id] ?? 0) + quantity);
}

export function remove(basket, id, quantity = 1) {
  return add(basket, id, -quantity);
}

export function isEmpty(basket) {
  return countItems(basket) === 0;
}

export function countItems(basket) {
  return Object.values(basket).reduce((count, quantity) => count + quantity, 0);
}

/** The basket's lines in the order of tapping: item, quantity, and what they cost together. */
export function linesOf(basket) {
  return Object.entries(basket).flatMap(([id, quantity]) => {
    const item = findItem(id);
    return item ? [{ item, quantity, cents: item.cents * quantity }] : [];
  });
}
