// What is sold here. Prices are cents, tax not included.
export const catalog = [
  { id: "apples", name: "Apples", unit: "bag", cents: 325 },
  { id: "tomatoes", name: "Tomatoes", unit: "pound", cents: 289 },
  { id: "carrots", name: "Carrots", unit: "bunch", cents: 210 },
  { id: "bread", name: "Sourdough", unit: "loaf", cents: 640 },
  { id: "eggs", name: "Eggs", unit: "box", cents: 475 },
  { id: "cheese", name: "Cheese", unit: "piece", cents: 583 },
  { id: "honey", name: "Honey", unit: "jar", cents: 899 },
  { id: "flowers", name: "Flowers", unit: "bunch", cents: 750 },
  { id: "coffee", name: "Coffee", unit: "cup", cents: 300 },
];

const byId = new Map(catalog.map((item) => [item.id, item]));

/** The item with that id, or undefined: a basket may remember what is no longer sold. */
export function findItem(id) {
  return byId.get(id);
}
