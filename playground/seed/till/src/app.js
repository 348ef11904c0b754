// The page: draws the sale, and turns taps into a new one. All sums come from checkout.js.
import { add, countItems, isEmpty, remove } from "./basket.js";
import { catalog } from "./catalog.js";
import { checkout } from "./checkout.js";
import { findDiscount } from "./discounts.js";
import { extras } from "./extras.js";
import { formatMoney } from "./money.js";
import { receiptText } from "./receipt.js";
import { settings } from "./settings.js";
import { emptySale, loadSale, saveSale } from "./storage.js";
import { commit, version } from "./version.js";

const find = (id) => document.getElementById(id);
let sale = loadSale(localStorage);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "onclick") made.addEventListener("click", value);
    else if (value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

function change(next) {
  sale = { ...sale, ...next };
  saveSale(localStorage, sale);
  draw();
}

function goodsTile(item) {
  const quantity = sale.basket[item.id] ?? 0;
  const label = `${item.name}, ${formatMoney(item.cents)} a ${item.unit}`;
  return element(
    "button",
    {
      class: "tile",
      type: "button",
      "aria-label": quantity ? `${label}, ${quantity} in the basket` : label,
      onclick: () => change({ basket: add(sale.basket, item.id) }),
    },
    element("img", { src: `pictures/${item.id}.svg`, alt: "", width: 52, height: 52 }),
    element("span", { class: "tile-name" }, item.name),
    element("span", { class: "tile-price" }, `${formatMoney(item.cents)} / ${item.unit}`),
    ...(quantity ? [element("span", { class: "badge" }, String(quantity))] : []),
  );
}

function saleLine({ item, quantity, cents }) {
  const step = (label, text, basket) =>
    element("button", { class: "step", type: "button", "aria-label": label, onclick: () => change({ basket }) }, text);
  return element(
    "li",
    {},
    element("span", { class: "line-name" }, item.name),
    element(
      "span",
      { class: "stepper" },
      step(`One ${item.name} less`, "−", remove(sale.basket, item.id)),
      element("output", {}, String(quantity)),
      step(`One ${item.name} more`, "+", add(sale.basket, item.id)),
    ),
    element("span", { class: "amount" }, formatMoney(cents)),
  );
}

function extraButton(extra) {
  const chosen = sale.extras.includes(extra.id);
  const next = chosen ? sale.extras.filter((id) => id !== extra.id) : [...sale.extras, extra.id];
  return element(
    "button",
    {
      class: "extra",
      type: "button",
      "data-extra": extra.id,
      "aria-pressed": String(chosen),
      onclick: () => change({ extras: next }),
    },
    extra.button,
  );
}

function currentSale() {
  return checkout(sale.basket, { discount: findDiscount(sale.code), extras: sale.extras });
}

function draw() {
  const empty = isEmpty(sale.basket);
  const { lines, rows, due } = currentSale();
  const count = countItems(sale.basket);
  const discount = findDiscount(sale.code);

  find("goods").replaceChildren(...catalog.map(goodsTile));
  find("lines").replaceChildren(...lines.map(saleLine));
  find("extras").replaceChildren(...extras.map(extraButton));
  find("rows").replaceChildren(
    ...rows.flatMap(({ id, label, cents }) => [
      element("dt", { "data-row": id }, label),
      element("dd", { "data-row": id }, formatMoney(cents)),
    ]),
  );
  find("number").textContent = `No. ${sale.number}`;
  find("count").textContent = empty ? "" : `${count} ${count === 1 ? "item" : "items"}`;
  find("hint").hidden = !empty;
  find("more").hidden = empty;
  find("clear").hidden = empty;
  find("charge").disabled = empty;
  find("due").textContent = formatMoney(empty ? 0 : due);
  find("code").value = sale.code;
  find("code-note").hidden = !sale.code;
  find("code-note").textContent = discount ? `${discount.label}: applied` : `No discount is called “${sale.code}”`;
  find("code-note").classList.toggle("bad", !discount);
}

find("stall").textContent = settings.stall;
find("place").textContent = settings.place;
find("stamp").textContent = `Till ${version} · ${commit}`;
document.title = `${settings.stall} · Till`;

find("clear").addEventListener("click", () => change(emptySale(sale.number)));

find("code-form").addEventListener("submit", (event) => {
  event.preventDefault();
  find("code").blur();
  change({ code: find("code").value.trim() });
});

find("charge").addEventListener("click", () => {
  find("receipt-text").textContent = receiptText(currentSale(), { number: sale.number, at: new Date() });
  find("share").hidden = !navigator.share;
  find("receipt").showModal();
});

find("share").addEventListener("click", () => {
  navigator.share({ title: settings.stall, text: find("receipt-text").textContent }).catch(() => {});
});

find("next").addEventListener("click", () => {
  find("receipt").close();
  change(emptySale(sale.number + 1));
  window.scrollTo({ top: 0 });
});

draw();
