// What this phone knows, and its two ways of asking. Law: the server is the truth; after every reconnect everything is asked again.

export const query = new URLSearchParams(location.search);

export const state = {
  as: query.get("as") || "ana",
  me: "",
  people: new Map(),
  rooms: new Map(),
  lists: new Map(), // "C…" or "C…/ts" -> Map of ts -> message
  status: new Map(), // "C…/ts" -> what the assistant says it is doing
  stack: [],
  home: null,
  boot: null,
};

async function answer(response) {
  const body = await response.json().catch(() => ({ ok: false, error: "The playground did not answer." }));
  return body;
}

export async function look(what, params = {}) {
  const search = new URLSearchParams({ as: state.as, ...params });
  return answer(await fetch("/_phone/" + what + "?" + search));
}

export async function act(name, body = {}) {
  try {
    const request = { method: "POST", headers: { "Content-Type": "application/json" } };
    return await answer(await fetch("/_phone/act/" + name, { ...request, body: JSON.stringify({ as: state.as, ...body }) }));
  } catch {
    return { ok: false, error: "The playground is not reachable." };
  }
}

export function person(id) {
  const unknown = { id, name: "someone", real_name: id === "USLACKBOT" ? "Slackbot" : "Someone", color: "777777" };
  return state.people.get(id) || unknown;
}

export function displayName(id) {
  const found = person(id);
  return found.is_bot ? found.real_name : found.name;
}

export function roomName(room) {
  return room.is_im ? state.boot.bot_name : room.name;
}

export function listOf(key) {
  if (!state.lists.has(key)) state.lists.set(key, new Map());
  return state.lists.get(key);
}

export function fill(key, answer) {
  const list = new Map();
  for (const message of [...answer.messages, ...answer.ephemerals]) list.set(message.ts, message);
  state.lists.set(key, list);
}

export function keep(channel, message) {
  const root = message.thread_ts;
  if (!root || root === message.ts || message.subtype === "thread_broadcast") listOf(channel).set(message.ts, message);
  if (root || message.reply_count) listOf(channel + "/" + (root || message.ts)).set(message.ts, message);
  else if (state.lists.has(channel + "/" + message.ts)) listOf(channel + "/" + message.ts).set(message.ts, message);
  const room = state.rooms.get(channel);
  if (room && !message.is_ephemeral && (!root || root === message.ts) && (!room.last || room.last.ts <= message.ts)) room.last = message;
}

export function forget(channel, ts) {
  for (const [key, list] of state.lists) if (key === channel || key.startsWith(channel + "/")) list.delete(ts);
}

export function sorted(key) {
  return [...listOf(key).values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));
}
