// Money is whole cents; only this file turns it into words and back.
import { settings } from "./settings.js";

/** Cents as people write them: 1234 -> "$12.34". */
export function formatMoney(cents, currency = settings.currency, locale = settings.locale) {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
}

/** "12.34", "12,34" or "$12" as cents; null when it is not an amount. */
export function parseMoney(text) {
  const found = /^\D{0,3}(\d{1,6})(?:[.,](\d{2}))?\s*\D{0,3}$/.exec(text.trim());
  return found ? Number(found[1]) * 100 + Number(found[2] ?? 0) : null;
}

/** A percentage of an amount, rounded to the cent. */
export function percentOf(cents, percent) {
  return Math.round((cents * percent) / 100);
}

export function sum(amounts) {
  return amounts.reduce((total, cents) => total + cents, 0);
}
