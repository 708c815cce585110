/**
 * Owns the benchmark of `wsctl proxy`: what it adds to a round trip, and what passes it, on one
 * connection: without it, through it, and through it with everything recorded. All are measured in
 * one run, turn and turn about, so that whatever else the machine does falls on each; the medians of
 * the rounds' ratios count.
 *
 *     npm run build && node bench/proxy.js [rounds] [messages]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { loadNow, machine } from "./harness/machine.js";
import { cpuOf } from "./harness/processes.js";
import { median } from "./harness/statistics.js";

const rounds = Number(process.argv[2] ?? 7);
const messages = Number(process.argv[3] ?? 100_000);
const roundTrips = 3000;
const size = 100;
/** So many messages are under way when throughput is measured. */
const inFlight = 500;
/** What a recorded proxy has to keep of an unrecorded one's throughput. */
const wanted = 0.5;

const program = fileURLToPath(new URL("../bin/wsctl.js", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const directory = mkdtempSync(path.join(tmpdir(), "wsctl-bench-proxy-"));
const text = "x".repeat(size);

const echo = `
  import { WebSocketServer } from "ws";
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false }, () =>
    console.log(JSON.stringify({ url: "ws://127.0.0.1:" + server.address().port + "/" })));
  server.on("connection", (socket) =>
    socket.on("message", (data, binary) => socket.send(data, { binary })));
  process.stdin.resume().on("end", () => process.exit());
`;

/** Starts a program whose first line says where it listens. */
async function start(args) {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], cwd: root });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, url: JSON.parse(line).url };
}

function proxyTo(url, ...more) {
  const flags = ["--port", "0", "--json", "-q", "--until-stdin-ends", "--target", url];
  return start([program, "proxy", ...flags, ...more]);
}

async function connect(url) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  // Small messages are not to wait for each other.
  socket._socket.setNoDelay(true);
  return socket;
}

/** Milliseconds of the median round trip. */
async function roundTrip(url) {
  const socket = await connect(url);
  const times = [];
  for (let each = 0; each < roundTrips; each++) {
    const begun = performance.now();
    socket.send(text);
    await once(socket, "message");
    times.push(performance.now() - begun);
  }
  socket.terminate();
  return median(times);
}

/** Messages per second there and back, and the proxy's own CPU time for each in µs. */
async function throughput({ url, child }) {
  const socket = await connect(url);
  const cpu = cpuOf(child.pid);
  const begun = performance.now();
  let sent = 0;
  let got = 0;
  await new Promise((resolve) => {
    socket.on("message", () => {
      got++;
      if (sent < messages) {
        sent++;
        socket.send(text);
      } else if (got === messages) resolve();
    });
    for (; sent < inFlight; sent++) socket.send(text);
  });
  const seconds = (performance.now() - begun) / 1000;
  socket.terminate();
  return { rate: messages / seconds, cpu: ((cpuOf(child.pid) - cpu) * 1e6) / (2 * messages) };
}

const server = await start(["--input-type=module", "--eval", echo]);
const ways = {
  direct: server,
  proxied: await proxyTo(server.url),
  recorded: await proxyTo(server.url, "--record", directory),
};
const figures = Object.fromEntries(
  Object.keys(ways).map((name) => [name, { rtt: [], rate: [], cpu: [] }]),
);
// The compilers of all have their say before anything counts.
for (const way of Object.values(ways)) {
  await roundTrip(way.url);
  await throughput(way);
}
const names = Object.keys(ways);
for (let round = 0; round < rounds; round++) {
  // Who goes first changes, so that a machine that slows down favours nobody.
  const order = [...names.slice(round % 3), ...names.slice(0, round % 3)];
  for (const name of order) {
    figures[name].rtt.push(await roundTrip(ways[name].url));
    const { rate, cpu } = await throughput(ways[name]);
    figures[name].rate.push(rate);
    figures[name].cpu.push(cpu);
  }
}
for (const { child } of Object.values(ways)) child.stdin.end();
await Promise.all(Object.values(ways).map(({ child }) => once(child, "exit")));
rmSync(directory, { recursive: true });

/** The median over the rounds of one figure over another's. */
function ratio(what, name, to) {
  return median(figures[name][what].map((value, round) => value / figures[to][what][round]));
}

const about = machine();
const kept = ratio("rate", "recorded", "proxied");
process.stdout.write(
  `${[
    `one connection, messages of ${size} bytes; ${rounds} rounds, interleaved`,
    `machine: ${about.cpu}, ${about.cores} cores, Linux ${about.linux}, load average ${loadNow().toFixed(1)}`,
    `versions: wsctl ${about.wsctl}, ws ${about.ws}, Node ${about.node}`,
    ...Object.entries(figures).map(
      ([name, { rtt, rate, cpu }]) =>
        `${name.padEnd(8)} round trip ${(median(rtt) * 1000).toFixed(0).padStart(4)} µs, ` +
        `${Math.round(median(rate)).toString().padStart(6)} messages per second there and back` +
        (name === "direct"
          ? ""
          : `, ${median(cpu).toFixed(2)} µs of the proxy's CPU time each way`),
    ),
    `round trip: proxied/direct ${ratio("rtt", "proxied", "direct").toFixed(2)}, recorded/proxied ${ratio("rtt", "recorded", "proxied").toFixed(2)}`,
    `throughput: proxied/direct ${ratio("rate", "proxied", "direct").toFixed(2)}, recorded/proxied ${kept.toFixed(2)}, wanted ${wanted}`,
  ].join("\n")}\n`,
);
process.exitCode = kept >= wanted ? 0 : 1;
