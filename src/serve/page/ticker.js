/** Owns the ticker page: prices as they come, and what a lost connection cost. */
import { $, count, make, showState } from "./dom.js";
import { Link } from "./link.js";

const trendPoints = 60;
const mostNotes = 40;
/** Rates are those of the last so many seconds. */
const rateWindow = 3;

const rows = new Map();
const dirty = new Set();
const total = { updates: 0, replayed: 0, missing: 0, recent: [0] };
const price = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let node;
let resuming = false;
/** What gaps told by the server came to since the last resume. */
let lost = 0;

const link = new Link(document.querySelector("meta[name=wsctl-path]").content, {
  state(name, detail) {
    showState(name, detail);
    if (name === "waiting") note(`connection lost (${detail.code})`, "bad");
  },
  open() {
    resuming = rows.size > 0;
    if (!resuming) return link.send({ op: "subscribe", id: 1 });
    const from = Object.fromEntries([...rows].map(([symbol, { seq }]) => [symbol, seq]));
    note("connected again, resuming where each symbol stood");
    return link.send({ op: "resume", id: 1, node, from });
  },
  message: (message) => hear[message.op]?.(message),
});

const hear = {
  snapshot(message) {
    ({ node } = message);
    $("node").textContent = node;
    for (const quote of message.quotes) addRow(quote);
    note(`subscribed to ${message.quotes.length} symbols`, "good");
  },
  update({ symbol, seq, price: value }) {
    const row = rows.get(symbol);
    if (!row || seq <= row.seq) return;
    if (seq > row.seq + 1) miss(row, seq - row.seq - 1);
    row.seq = seq;
    move(row, value);
    total.updates++;
    if (resuming) total.replayed++;
    else {
      row.recent[0]++;
      total.recent[0]++;
    }
  },
  /** Another server counts from now on. */
  source({ symbol, seq, price: value, node: by }) {
    const row = rows.get(symbol);
    if (!row) return;
    if (node !== by) note(`${by} is the source now`, "warn");
    node = by;
    $("node").textContent = node;
    row.seq = seq;
    move(row, value);
  },
  gap({ symbol, from, to }) {
    const row = rows.get(symbol);
    if (!row) return;
    row.seq = to;
    miss(row, to - from + 1);
    lost += to - from + 1;
  },
  resumed(message) {
    resuming = false;
    ({ node } = message);
    $("node").textContent = node;
    for (const { symbol, seq, price: value } of message.quotes) {
      const row = rows.get(symbol);
      if (!row) continue;
      row.seq = seq;
      move(row, value);
    }
    const { gaps, replayed } = message;
    note(`resumed: ${count.format(replayed)} updates replayed`, "good");
    if (gaps > 0)
      note(`${count.format(lost)} updates of ${gaps} symbols are no longer kept`, "warn");
    lost = 0;
  },
  error({ error }) {
    note(error, "bad");
    if (!resuming) return;
    // Another server, with other symbols: begin anew.
    resuming = false;
    rows.clear();
    $("rows").replaceChildren();
    link.send({ op: "subscribe", id: 1 });
  },
};

function addRow({ symbol, seq, price: value }) {
  const shown = {
    price: make("span", "num"),
    change: make("td", "num right"),
    seq: make("td", "num right soft"),
    rate: make("td", "num right soft", "0.0/s"),
    gaps: make("td", "num right soft", "0"),
    canvas: make("canvas"),
  };
  shown.canvas.width = 300;
  shown.canvas.height = 60;
  const line = make("tr", "", make("td", "symbol", symbol), make("td", "price right", shown.price));
  line.append(shown.change, make("td", "trend", shown.canvas), shown.seq, shown.rate, shown.gaps);
  line.dataset.symbol = symbol;
  $("rows").append(line);
  const row = { seq, price: value, first: value, drawn: value, trend: [value], gaps: 0 };
  rows.set(symbol, { ...row, recent: [0], shown });
  dirty.add(rows.get(symbol));
}

function move(row, value) {
  row.price = value;
  row.trend.push(value);
  if (row.trend.length > trendPoints) row.trend.shift();
  dirty.add(row);
}

function miss(row, missing) {
  row.gaps++;
  total.missing += missing;
  dirty.add(row);
}

/** Draws what changed; as often as the screen can show it, however many updates there were. */
function draw() {
  for (const row of dirty) drawRow(row);
  if (dirty.size > 0) {
    $("updates").textContent = count.format(total.updates);
    $("replayed").textContent = count.format(total.replayed);
    $("missing").textContent = count.format(total.missing);
    $("missing-tile").classList.toggle("warn", total.missing > 0);
  }
  dirty.clear();
  requestAnimationFrame(draw);
}

function drawRow(row) {
  const { shown } = row;
  const change = ((row.price - row.first) / row.first) * 100;
  shown.price.textContent = price.format(row.price);
  shown.change.textContent = `${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(2)} %`;
  shown.change.className = `num right ${change < 0 ? "down" : "up"}`;
  shown.seq.textContent = count.format(row.seq);
  shown.gaps.textContent = count.format(row.gaps);
  shown.gaps.className = `num right ${row.gaps > 0 ? "warn" : "soft"}`;
  drawTrend(row, getComputedStyle(shown.change).color);
  if (row.price !== row.drawn && !calm.matches) flash(shown.price, row.price > row.drawn);
  row.drawn = row.price;
}

function flash(element, up) {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(
    up ? "--good" : "--bad",
  );
  for (const old of element.getAnimations()) old.cancel();
  const from = `color-mix(in srgb, ${colour} 34%, transparent)`;
  element.animate([{ backgroundColor: from }, { backgroundColor: "transparent" }], 650);
}

function drawTrend({ trend, shown: { canvas } }, colour) {
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  const [low, high] = [Math.min(...trend), Math.max(...trend)];
  const x = (at) => (at / (trendPoints - 1)) * (width - 8) + 4;
  const y = (value) => height - 6 - ((value - low) / (high - low || 1)) * (height - 12);
  pen.clearRect(0, 0, width, height);
  pen.beginPath();
  for (const [at, value] of trend.entries()) pen.lineTo(x(at), y(value));
  pen.strokeStyle = colour;
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.stroke();
  pen.lineTo(x(trend.length - 1), height);
  pen.lineTo(x(0), height);
  pen.globalAlpha = 0.12;
  pen.fillStyle = colour;
  pen.fill();
  pen.globalAlpha = 1;
}

/** Each second: the rates, from the counts of the last seconds. */
function tick() {
  const rate = (counts) => {
    const sum = counts.reduce((all, one) => all + one, 0);
    const value = sum / counts.length;
    counts.unshift(0);
    counts.length = Math.min(counts.length, rateWindow);
    return value;
  };
  $("rate").textContent = count.format(Math.round(rate(total.recent)));
  for (const { recent, shown } of rows.values()) {
    shown.rate.textContent = `${rate(recent).toFixed(1)}/s`;
  }
}

function note(text, kind = "") {
  const time = make("time", "", new Date().toLocaleTimeString());
  $("journal").prepend(make("li", kind, make("span", "", text), time));
  while ($("journal").childElementCount > mostNotes) $("journal").lastElementChild.remove();
}

$("cut").addEventListener("click", () => link.cut(2000));
setInterval(tick, 1000);
requestAnimationFrame(draw);
link.start();
