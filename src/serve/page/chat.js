/** Owns the chat page: a room as one member hears it, gaps and what closed them included. */
import { $, count, hueOf, make, showState } from "./dom.js";
import { Link } from "./link.js";

const mostShown = 500;
/** Messages of one person within so many ms are shown under one name. */
const together = 60_000;

const me = { name: "", room: "", peer: 0 };
const people = new Map();
const tally = { recovered: 0, lost: 0 };
/** The seq of the last message shown, and the server that counted it. */
let seen = 0;
let node = "";
/** While history is on its way, what is broadcast waits here. */
let waiting;
let requests = 0;
let shownLast;
const sent = new Map();

const link = new Link(document.querySelector("meta[name=wsctl-path]").content, {
  state: showState,
  open: () => me.name && join(),
  message: (message) => hear[message.op]?.(message),
});

function join() {
  waiting = [];
  link.send({ op: "join", id: "join", room: me.room, name: me.name });
}

const hear = {
  ok(message) {
    if (message.re === "join") return joined(message);
    const began = sent.get(message.id);
    sent.delete(message.id);
    if (began !== undefined) $("trip").textContent = `${(performance.now() - began).toFixed(1)} ms`;
  },
  error({ error, re }) {
    if (re !== "join") return note(`refused: ${error}`, "warn");
    me.name = "";
    $("trouble").textContent = error;
  },
  history({ messages }) {
    const live = new Set(waiting?.map((one) => one.seq));
    const known = new Map([...messages, ...(waiting ?? [])].map((one) => [one.seq, one]));
    waiting = undefined;
    const first = seen === 0;
    let recovered = 0;
    for (const message of [...known.values()].sort((a, b) => a.seq - b.seq)) {
      if (message.seq <= seen) continue;
      if (!first && !live.has(message.seq)) recovered++;
      if (first && seen === 0) seen = message.seq - 1;
      show(message, false);
    }
    if (recovered === 0) return;
    tally.recovered += recovered;
    note(`caught up: ${recovered} recovered from history`, "good");
    showTally();
  },
  said: receive,
  joined(message) {
    people.set(message.peer, message.from);
    showPeople(message.count);
    receive(message);
  },
  left(message) {
    people.delete(message.peer);
    showPeople(message.count);
    receive(message);
  },
};

function joined(message) {
  me.peer = message.peer;
  if (node !== message.node) seen = 0;
  ({ node } = message);
  people.clear();
  for (const { peer, name } of message.members) people.set(peer, name);
  showPeople(message.count);
  $("node").textContent = node;
  $("where").textContent = `#${me.room}`;
  $("where").hidden = false;
  $("cut").hidden = false;
  $("door").hidden = true;
  $("inside").hidden = false;
  document.title = `#${me.room} · wsctl serve`;
  $("text").focus();
  link.send({ op: "history", room: me.room, after: seen });
}

function receive(message) {
  if (message.room !== me.room) return;
  if (waiting) return void waiting.push(message);
  if (message.seq <= seen + 1) return show(message, true);
  waiting = [message];
  link.send({ op: "history", room: me.room, after: seen });
}

/** Shows one broadcast; those before it that are known to be missing are lost. */
function show(message, live) {
  const missing = message.seq - seen - 1;
  if (missing > 0) {
    tally.lost += missing;
    note(`${missing} lost: no longer kept by the server`, "warn");
  }
  seen = message.seq;
  if (message.op === "said") showSaid(message, live);
  else note(`${message.from} ${message.op}`);
  showTally();
}

function showSaid({ from, peer, seq, at, text }, live) {
  const follows = shownLast?.peer === peer && at - shownLast.at < together;
  const avatar = make("span", "avatar", initial(from));
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const head = make("div", "head", make("b", "", from), make("time", "", time));
  const own = peer === me.peer ? " own" : "";
  const item = make("li", `said${follows ? " follows" : ""}${own}${live ? " new" : ""}`);
  item.style.setProperty("--hue", hueOf(from));
  item.append(head, avatar, make("div", "bubble", text), make("span", "seq", `#${seq}`));
  append(item);
  shownLast = { peer, at };
}

function note(text, kind = "") {
  append(make("li", `note ${kind}`, text));
  shownLast = undefined;
}

function append(item) {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  log.append(item);
  while (log.childElementCount > mostShown) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function showPeople(total) {
  $("count").textContent = count.format(total);
  const items = [...people].slice(0, 100).map(([peer, name]) => {
    const avatar = make("span", "avatar", initial(name));
    const item = make("li", "", avatar, make("span", "who", name));
    item.style.setProperty("--hue", hueOf(name));
    if (peer === me.peer) item.append(make("span", "you", "you"));
    return item;
  });
  $("people").replaceChildren(...items);
}

function showTally() {
  $("seq").textContent = count.format(seen);
  $("recovered").textContent = count.format(tally.recovered);
  $("lost").textContent = count.format(tally.lost);
}

function initial(name) {
  return [...name][0] ?? "";
}

$("join").addEventListener("submit", (event) => {
  event.preventDefault();
  me.name = $("name").value.trim();
  me.room = $("room").value.trim();
  $("trouble").textContent = "";
  if (me.name && me.room) join();
});

$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value;
  const id = ++requests;
  if (text.trim() === "" || !link.send({ op: "say", id, room: me.room, text })) return;
  sent.set(id, performance.now());
  $("text").value = "";
});

$("cut").addEventListener("click", () => link.cut(2000));

$("name").focus();
link.start();
