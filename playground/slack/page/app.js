// The phone: which screen is open, and the stream that keeps it true. Law: one stream, opened first; everything is read after it.

import { banner } from "./banners.js";
import { channelScreen, header, notice, threadScreen } from "./conversation.js";
import { clock, h, icon } from "./dom.js";
import { avatar } from "./elements.js";
import { drawModals } from "./modal.js";
import { oneLine } from "./mrkdwn.js";
import { stage } from "./stage.js";
import { displayName, forget, keep, look, person, query, roomName, state } from "./store.js";

const root = document.getElementById("root");
let screen = null;
let drawing = 0;

async function boot() {
  const answer = await look("boot");
  if (!answer.ok) throw new Error(answer.error);
  state.boot = answer;
  state.me = answer.me;
  state.people = new Map(answer.people.map((one) => [one.id, one]));
  state.rooms = new Map(answer.channels.map((one) => [one.id, one]));
  state.stack = answer.stack;
  state.home = answer.home;
  document.title = person(state.me).real_name + " · " + answer.team;
}

function roomRow(room) {
  const last = room.last;
  const who = last ? (last.user === state.me ? "You: " : room.is_im ? "" : displayName(last.user) + ": ") : "";
  const line = last ? who + oneLine(last.text || "(a card)") : room.is_im ? "Message the app directly" : room.topic || "No messages yet";
  return h(
    "a",
    { class: "room" + (room.unread ? " unread" : ""), href: "#/c/" + room.id },
    room.is_im ? avatar(state.boot.bot) : h("span", { class: "avatar hash" }, icon("hash")),
    h("span", { class: "room-words" }, h("b", {}, roomName(room)), h("span", { class: "room-last" }, line)),
    h("span", { class: "room-side" }, last ? h("time", {}, clock(last.ts)) : null, room.unread ? h("span", { class: "badge" }, room.unread) : null),
  );
}

function listScreen() {
  const body = h("div", { class: "rooms" });
  const update = () => {
    const rooms = [...state.rooms.values()];
    body.replaceChildren(
      h("h2", {}, "Channels"),
      ...rooms.filter((room) => !room.is_im).map(roomRow),
      h("h2", {}, "Direct messages"),
      ...rooms.filter((room) => room.is_im).map(roomRow),
    );
  };
  update();
  return { key: "list", nodes: [header(state.boot.team, "You are " + person(state.me).real_name, null), notice(), body], update };
}

function wanted() {
  const [, channel, rest, ts] = /^#\/c\/([A-Z0-9]+)(?:\/(t|home))?(?:\/([\d.]+))?/.exec(location.hash) || [];
  return { room: state.rooms.get(channel), rest, ts };
}

async function show() {
  const mine = ++drawing;
  const { room, rest, ts } = wanted();
  const next = !room ? listScreen() : rest === "t" && ts ? await threadScreen(room, ts) : await channelScreen(room, rest);
  if (mine !== drawing) return;
  screen = next;
  root.replaceChildren(...next.nodes.filter(Boolean));
  root.dataset.screen = next.key;
  if (next.update) next.update("open", true);
}

function onEvent(event) {
  if (event.type === "message" || event.type === "ephemeral") keep(event.channel, event.message);
  if (event.type === "message_removed") forget(event.channel, event.ts);
  if (event.type === "views") {
    state.stack = event.stack;
    drawModals();
  }
  if (event.type === "home") state.home = event.view;
  if (event.type === "status") {
    const key = event.channel + "/" + event.thread_ts;
    if (event.status) state.status.set(key, event.status);
    else state.status.delete(key);
  }
  if (event.type === "message" && event.message.bot_id) state.status.delete(event.channel + "/" + event.message.thread_ts);
  if (event.type === "notification") onNotification(event.notification);
  if (screen && screen.update) screen.update(event.type, false);
}

function onNotification(note) {
  const here = note.thread_ts ? note.channel + "/" + note.thread_ts : note.channel;
  if (screen && screen.key === here) return;
  const room = state.rooms.get(note.channel);
  if (room && (!screen || screen.key !== note.channel)) room.unread += 1;
  banner(note);
}

function live() {
  const stream = new EventSource("/_phone/stream?as=" + encodeURIComponent(state.as));
  stream.onopen = async () => {
    root.classList.remove("offline");
    await boot();
    if (screen && screen.read) {
      await screen.read();
      screen.update("read", false);
    } else if (!screen) {
      if (!location.hash) location.replace(first());
      await show();
      window.addEventListener("hashchange", show);
    }
    drawModals();
  };
  stream.onmessage = (message) => onEvent(JSON.parse(message.data));
  stream.onerror = () => root.classList.add("offline");
  // A page put aside by the browser would hold one of its few connections; coming back, it starts over.
  window.addEventListener("pagehide", () => stream.close(), { once: true });
}

// A permalink's message, else the first channel the app is in.
function first() {
  const channel = query.get("channel");
  const thread = query.get("thread");
  if (channel && thread && /^[A-Z0-9]+$/.test(channel) && /^[\d.]+$/.test(thread)) return "#/c/" + channel + "/t/" + thread;
  const room = [...state.rooms.values()].find((one) => !one.is_im && one.members.includes(state.boot.bot));
  return room ? "#/c/" + room.id : "#/";
}

window.addEventListener("pageshow", (event) => event.persisted && location.reload());
if (!stage(query)) live();

