// On a wide screen the phone stands on a desk, or two beside each other: a change needs a second person.
// Law: a framed page never builds a stage of its own.

import { h } from "./dom.js";

const WIDE = 700;
const ROOM_FOR_TWO = 900;

async function people() {
  const answer = await (await fetch("/_phone/boot?as=ana")).json();
  return answer.ok ? answer : { people: [], notice: "", team: "Playground" };
}

export function stage(query) {
  if (query.has("framed") || window.top !== window || window.innerWidth < WIDE) return false;
  document.body.classList.add("staged");
  build(query);
  return true;
}

function names(query) {
  const two = query.get("two");
  if (two) return two.split(",").slice(0, 2);
  if (query.has("as")) return [query.get("as")];
  return window.innerWidth >= ROOM_FOR_TWO ? ["ana", "ben"] : ["ana"];
}

async function build(query) {
  const boot = await people();
  const known = boot.people.filter((one) => !one.is_bot && !one.deleted);
  const shown = names(query);
  const phones = shown.map((name, index) => phone(name, index, shown, known, query));
  const root = document.getElementById("root");
  const say = boot.notice ? h("p", { class: "stage-notice", role: "note" }, boot.notice) : null;
  const hint = "Each phone is one person. Ask on one, approve on the other.";
  root.replaceChildren(h("header", { class: "stage-top" }, h("h1", {}, boot.team), h("p", {}, hint), say), h("div", { class: "phones" }, phones));
}

function phone(name, index, shown, known, query) {
  const who = known.find((one) => one.name === name);
  const pick = h("select", { "aria-label": "Who holds this phone" }, known.map((one) => h("option", { value: one.name, selected: one.name === name }, one.real_name + " · " + one.title)));
  pick.addEventListener("change", () => {
    const next = [...shown];
    next[index] = pick.value;
    location.search = new URLSearchParams({ two: next.join(",") });
  });
  const inside = new URLSearchParams({ as: name, framed: "1" });
  for (const key of ["channel", "thread"]) if (query.get(key)) inside.set(key, query.get(key));
  const frame = h("iframe", { src: "/?" + inside + location.hash, title: (who ? who.real_name : name) + "'s phone" });
  return h("section", { class: "phone" }, h("label", { class: "holder" }, pick), h("div", { class: "bezel" }, frame));
}
