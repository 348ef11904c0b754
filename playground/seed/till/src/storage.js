// A half-finished sale survives a reload. What was stored is not trusted: anything odd becomes an empty sale.
import { emptyBasket, setQuantity } from "./basket.js";
import { findItem } from "./catalog.js";

const KEY = "till.sale.v1";

export function emptySale(number = 1) {
  return { number, basket: emptyBasket(), code: "", extras: [] };
}

/** A sale read from a store with `getItem` (such as localStorage). */
export function loadSale(store) {
  try {
    const { number, basket, code, extras } = JSON.parse(store.getItem(KEY));
    let kept = emptyBasket();
    for (const [id, quantity] of Object.entries(basket)) {
      if (findItem(id) && Number.isInteger(quantity)) kept = setQuantity(kept, id, quantity);
    }
    return {
      number: Number.isInteger(number) && number > 0 ? number : 1,
      basket: kept,
      code: typeof code === "string" ? code : "",
      extras: Array.isArray(extras) ? extras.filter((id) => typeof id === "string") : [],
    };
  } catch {
    return emptySale();
  }
}

/** Stores the sale; a full or forbidden store is no reason to stop selling. */
export function saveSale(store, sale) {
  try {
    store.setItem(KEY, JSON.stringify(sale));
    return true;
  } catch {
    return false;
  }
}
