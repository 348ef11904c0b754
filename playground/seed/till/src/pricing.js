// What the goods in a basket cost. Extras are added later, in checkout.js.
import { discountOn } from "./discounts.js";
import { percentOf, sum } from "./money.js";
import { settings } from "./settings.js";

/**
 * The sums of a sale, in cents: `subtotal` of all lines, `saved` by the discount, `net` after it, `tax` on that, and
 * the `total` to pay for the goods.
 */
export function totals(lines, { discount = null, taxPercent = settings.taxPercent } = {}) {
  const subtotal = sum(lines.map((line) => line.cents));
  const saved = discountOn(subtotal, discount);
  const net = subtotal - saved;
  const tax = percentOf(net, taxPercent);
  const total = net;
  return { subtotal, saved, net, tax, total };
}
