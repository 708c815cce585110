/**
 * Owns the echo server that latencies are held against: it stands on `ws`, not on our own code, holds
 * each reply back for a time drawn for it, and logs by how much it really did, in order.
 *
 *     node delay-process.js SEED KIND A [B [C]]
 *
 * Its first line is `{"port": …}`. Answers as JSON, times in ms: GET /log the log, GET /count how long
 * that is, GET /lag by how much its event loop was late at most since the first connection, POST
 * /stall/400 how long it was frozen, when it was so for about 400 ms.
 */
import { createServer } from "node:http";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { WebSocketServer } from "ws";

const [seed, kind, ...parameters] = process.argv.slice(2);
const [a = 0, b = 0, c = 0] = parameters.map(Number);

let state = Number(seed);
/** From 0 to 1, neither included (Park and Miller). */
const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;

const draws = {
  constant: () => a,
  uniform: () => a + (b - a) * random(),
  exponential: () => -a * Math.log(random()),
  // Usually a, in a share c of cases b.
  bimodal: () => (random() < c ? b : a),
  // Pareto from a on with the exponent b, cut at c.
  "heavy-tail": () => Math.min(c, a * random() ** (-1 / b)),
};
const draw = draws[kind];

const log = [];
/** In ms; the monitor's readings include it. */
const resolution = 5;
const lag = monitorEventLoopDelay({ resolution });
const nobody = new Int32Array(new SharedArrayBuffer(4));

/** As a long garbage collection does: nothing is read, nothing is written. */
const freeze = (ms) => {
  const from = performance.now();
  Atomics.wait(nobody, 0, 0, ms);
  return performance.now() - from;
};

const answers = {
  log: () => log,
  count: () => log.length,
  lag: () => Math.max(0, lag.max / 1e6 - resolution),
  stall: (ms) => freeze(Number(ms)),
};

const http = createServer(({ url }, response) => {
  const [, what, argument] = url.split("/");
  response.end(JSON.stringify(answers[what](argument)));
});
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

server.on("connection", (socket) => {
  lag.enable();
  // Replies leave in the order in which their messages came, whatever their own delays.
  const waiting = [];
  let timer;
  const flow = () => {
    timer = undefined;
    for (;;) {
      const first = waiting[0];
      if (!first) return;
      const wait = first.due - performance.now();
      if (wait > 0) {
        timer = setTimeout(flow, wait);
        return;
      }
      waiting.shift();
      socket.send(first.data, { binary: false });
      log.push(performance.now() - first.arrived);
    }
  };
  socket.on("message", (data) => {
    const arrived = performance.now();
    waiting.push({ data, arrived, due: arrived + draw() });
    if (timer === undefined) flow();
  });
  socket.on("error", () => socket.terminate());
  socket.on("close", () => clearTimeout(timer));
});

http.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${JSON.stringify({ port: http.address().port })}\n`);
});
