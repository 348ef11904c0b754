// The receipt as text: as wide as a phone shows without wrapping, and good for sharing.
import { formatMoney } from "./money.js";
import { settings } from "./settings.js";

export const WIDTH = 32;

/** Two words at the two ends of a line; a long left one is cut so that the amount always stays. */
export function spread(left, right, width = WIDTH) {
  const room = width - right.length - 1;
  const start = left.length > room ? `${left.slice(0, room - 1)}…` : left;
  return start.padEnd(width - right.length) + right;
}

export function centered(text, width = WIDTH) {
  return text.padStart(Math.floor((width + text.length) / 2)).trimEnd();
}

/** The receipt of a sale: head, one line per item, one per row, and the amount paid. `at` is a Date. */
export function receiptText(sale, { number, at }) {
  const rule = "-".repeat(WIDTH);
  const when = at.toLocaleString(settings.locale, { dateStyle: "medium", timeStyle: "short" });
  return [
    centered(settings.stall),
    centered(settings.place),
    rule,
    ...sale.lines.map(({ item, quantity, cents }) => spread(`${quantity} x ${item.name}`, formatMoney(cents))),
    rule,
    ...sale.rows.map(({ label, cents }) => spread(label, formatMoney(cents))),
    rule,
    spread("TOTAL", formatMoney(sale.due)),
    "",
    centered(`No. ${number}, ${when}`),
    centered("Thank you!"),
  ].join("\n");
}
