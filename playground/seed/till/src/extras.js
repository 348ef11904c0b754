// What can be added to a sale besides goods. Each one is a button on the page and, once chosen, a row on the receipt.
export const extras = [
  { id: "bag", label: "Paper bag", button: "Paper bag", cents: () => 20 },
];

/** The chosen extras in the order of this list. `chosen` is a list of ids; unknown ids are ignored. */
export function chosenExtras(chosen = []) {
  return extras.filter((extra) => chosen.includes(extra.id));
}
