// Discount codes: what a customer says, and what it takes off.
import { percentOf } from "./money.js";

const codes = {
  MARKET10: { label: "Market day", percent: 10 },
  EARLYBIRD: { label: "Early bird", percent: 5 },
  NEIGHBOR: { label: "Neighbor", cents: 200 },
};

/** The discount behind a code, however it is typed; null for an unknown one. */
export function findDiscount(code) {
  const name = code.trim().toUpperCase().replaceAll(/[\s-]/g, "");
  return Object.hasOwn(codes, name) ? { code: name, ...codes[name] } : null;
}

/** What a discount takes off a subtotal: never more than there is. */
export function discountOn(subtotal, discount) {
  if (!discount) return 0;
  return Math.min(subtotal, discount.cents ?? percentOf(subtotal, discount.percent));
}
