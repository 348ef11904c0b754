// A sale: its lines, the rows that explain what is due, and the amount due.
import { linesOf } from "./basket.js";
import { chosenExtras } from "./extras.js";
import { sum } from "./money.js";
import { totals } from "./pricing.js";
import { settings } from "./settings.js";

/**
 * The sale of a basket. `choices` may hold a `discount`, ids of `extras`, and a `taxPercent` other than the stall's.
 * Each row is `{ id, label, cents }`.
 */
export function checkout(basket, choices = {}) {
  const lines = linesOf(basket);
  const sums = totals(lines, choices);
  const rows = [{ id: "subtotal", label: "Subtotal", cents: sums.subtotal }];
  if (sums.saved > 0) {
    rows.push({ id: "discount", label: choices.discount.label, cents: -sums.saved });
  }
  const taxPercent = choices.taxPercent ?? settings.taxPercent;
  if (taxPercent > 0) {
    rows.push({ id: "tax", label: `Tax (${taxPercent}%)`, cents: sums.tax });
  }

  const added = chosenExtras(choices.extras).map(({ id, label, cents }) => ({ id, label, cents: cents(sums) }));
  rows.push(...added);

  const due = sums.total + sum(added.map((row) => row.cents));
  return { lines, rows, due };
}
