/** Owns the chat page: a room as one member hears it, gaps and what closed them included. */
import { $, count, hueOf, make, showState } from "./dom.js";
import { Link } from "./link.js";

const mostShown = 500;
/** Messages of one person within so many ms are shown under one name. */
const together = 60_000;

const me = { name: "", room: "", peer: 0 };
const people = new Map();
const tally = { recovered: 0, lost: 0 };
/** By server, the seq of its last message shown: in a fleet each counts its own. */
const seen = new Map();
let node = "";
/** While history is on its way, what is broadcast waits here. */
let waiting;
let requests = 0;
let lastSeq = 0;
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
    const live = new Set(waiting?.map(keyOf));
    const known = new Map([...messages, ...(waiting ?? [])].map((one) => [keyOf(one), one]));
    waiting = undefined;
    const first = seen.size === 0;
    let recovered = 0;
    for (const [key, message] of known) {
      if (message.seq <= seenOf(message)) continue;
      if (!first && !live.has(key)) recovered++;
      show(message, false);
    }
    if (recovered === 0) return;
    tally.recovered += recovered;
    note(`caught up: ${recovered} recovered from history`, "good");
    showTally();
  },
  said: receive,
  joined(message) {
    people.set(personOf(message), message.from);
    showPeople(message.count);
    receive(message);
  },
  left(message) {
    people.delete(personOf(message));
    showPeople(message.count);
    receive(message);
  },
  gone({ node: lost, members, count: left }) {
    for (const person of people.keys()) if (person.endsWith(` ${lost}`)) people.delete(person);
    showPeople(left);
    note(`${lost} is gone, and ${members} with it`, "warn");
  },
};

const keyOf = ({ node: by, seq }) => `${seq} ${by}`;
const personOf = ({ node: by = node, peer }) => `${peer} ${by}`;
/** What comes first of a server has nothing before it. */
const seenOf = ({ node: by, seq }) => seen.get(by) ?? seq - 1;

function joined(message) {
  me.peer = message.peer;
  ({ node } = message);
  // Numbers of servers that are not known any more are of no use.
  const counting = message.seqs ?? { [node]: message.seq };
  for (const by of seen.keys()) if (!Object.hasOwn(counting, by)) seen.delete(by);
  people.clear();
  for (const member of message.members) people.set(personOf(member), member.name);
  showPeople(message.count);
  $("node").textContent = node;
  $("where").textContent = `#${me.room}`;
  $("where").hidden = false;
  $("cut").hidden = false;
  $("door").hidden = true;
  $("inside").hidden = false;
  document.title = `#${me.room} · wsctl serve`;
  $("text").focus();
  askHistory();
}

function askHistory() {
  link.send({ op: "history", room: me.room, after: Object.fromEntries(seen) });
}

function receive(message) {
  if (message.room !== me.room) return;
  if (waiting) return void waiting.push(message);
  if (message.seq <= seenOf(message) + 1) return show(message, true);
  waiting = [message];
  askHistory();
}

/** Shows one broadcast; those before it that are known to be missing are lost. */
function show(message, live) {
  const missing = message.seq - seenOf(message) - 1;
  if (missing > 0) {
    tally.lost += missing;
    note(`${missing} lost: no longer kept by the server`, "warn");
  }
  seen.set(message.node, message.seq);
  lastSeq = message.seq;
  if (message.op === "said") showSaid(message, live);
  else note(`${message.from} ${message.op}`);
  showTally();
}

function showSaid(message, live) {
  const { from, seq, at, text } = message;
  const person = personOf(message);
  const follows = shownLast?.person === person && at - shownLast.at < together;
  const avatar = make("span", "avatar", initial(from));
  const time = new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const head = make("div", "head", make("b", "", from), make("time", "", time));
  const own = person === personOf(me) ? " own" : "";
  const item = make("li", `said${follows ? " follows" : ""}${own}${live ? " new" : ""}`);
  item.style.setProperty("--hue", hueOf(from));
  item.append(head, avatar, make("div", "bubble", text), make("span", "seq", `#${seq}`));
  append(item);
  shownLast = { person, at };
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
  const items = [...people].slice(0, 100).map(([person, name]) => {
    const avatar = make("span", "avatar", initial(name));
    const item = make("li", "", avatar, make("span", "who", name));
    item.style.setProperty("--hue", hueOf(name));
    if (person === personOf(me)) item.append(make("span", "you", "you"));
    return item;
  });
  $("people").replaceChildren(...items);
}

function showTally() {
  $("seq").textContent = count.format(lastSeq);
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
