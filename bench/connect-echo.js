/**
 * Owns the benchmark of the prompt: how long after a key is pressed it is on the terminal, with
 * nothing else going on and while a server says 1,000 messages per second.
 *
 *     npm run build && node bench/connect-echo.js [keys] [messages per second]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { loadNow, machine } from "./harness/machine.js";

const keys = Number(process.argv[2] ?? 400);
const rate = Number(process.argv[3] ?? 1000);
/** Milliseconds, at the 99th percentile. */
const wanted = 50;
/** Keys of one line; then it is cleared, so that it does not grow wider than the terminal. */
const lineLength = 40;

const program = fileURLToPath(new URL("../bin/wsctl.js", import.meta.url));

/** A server in a process of its own; a message says how many it has sent so far, and so is what was sent. */
const source = `
  import { WebSocketServer } from "ws";
  const rate = Number(process.argv[1]);
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () =>
    console.log("ws://127.0.0.1:" + server.address().port + "/"));
  server.on("connection", (socket) => {
    const begun = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = ((performance.now() - begun) / 1000) * rate;
      for (; sent < due; sent++) socket.send(JSON.stringify({ tick: sent, price: sent * 1.5 }));
    }, 5);
    socket.on("close", () => { clearInterval(timer); console.log(sent); });
  });
  process.stdin.resume().on("end", () => process.exit());
`;

/** Types on a terminal on which the prompt talks to such a server. */
async function measure(messages) {
  const server = spawn(
    process.execPath,
    ["--input-type=module", "--eval", source, String(messages)],
    { stdio: ["pipe", "pipe", "inherit"], cwd: fileURLToPath(new URL("..", import.meta.url)) },
  );
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const { value: url } = await lines.next();
  const command = `stty cols 100 rows 30; exec '${process.execPath}' '${program}' connect --no-history ${url}`;
  const terminal = spawn("script", ["-qefc", command, "/dev/null"], {
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let recent = "";
  let hidden = 0;
  let look = () => {};
  terminal.stdout.setEncoding("utf8").on("data", (text) => {
    for (const [, count] of text.matchAll(/… ([\d,]+) messages? not shown/g)) {
      hidden += Number(count.replaceAll(",", ""));
    }
    recent = (recent + text).slice(-20_000);
    look();
  });
  const seen = (what) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`never seen: ${what}`)), 10_000);
      look = () => {
        if (!recent.includes(what)) return;
        clearTimeout(late);
        look = () => {};
        resolve(performance.now());
      };
      look();
    });
  await seen(messages > 0 ? "not shown" : "open in");
  const begun = performance.now();
  const times = [];
  for (let each = 0; each < keys; each++) {
    const count = (each % lineLength) + 1;
    recent = "";
    const typed = performance.now();
    terminal.stdin.write("k");
    times.push((await seen("k".repeat(count))) - typed);
    // As fast as hardly anybody types, and never in step with what the screen does.
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 40));
    if (count < lineLength) continue;
    recent = "";
    terminal.stdin.write("\u0015");
    await seen("❯ \r");
  }
  const took = (performance.now() - begun) / 1000;
  terminal.stdin.write("\u0015\u0004");
  await once(terminal, "close");
  const { value: sent } = await lines.next();
  server.stdin.end();
  return { times: times.toSorted((a, b) => a - b), hidden, sent: Number(sent), took };
}

function at(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
}

const about = machine();
const runs = { idle: await measure(0), [`${rate} msg/s`]: await measure(rate) };
const ms = (value) => `${value.toFixed(1)} ms`.padStart(9);
process.stdout.write(
  `${[
    `a key's way to the terminal and back, ${keys} keys a row`,
    `machine: ${about.cpu}, ${about.cores} cores, Linux ${about.linux}, load average ${loadNow().toFixed(1)}`,
    `versions: wsctl ${about.wsctl}, Node ${about.node}`,
    `${"".padEnd(12)}      p50       p99       max   said   not shown`,
    ...Object.entries(runs).map(
      ([name, { times, sent, hidden }]) =>
        `${name.padEnd(12)}${ms(at(times, 0.5))} ${ms(at(times, 0.99))} ${ms(times.at(-1))} ${String(sent).padStart(6)}   ${hidden}`,
    ),
    `wanted: less than ${wanted} ms at p99`,
  ].join("\n")}\n`,
);
process.exitCode = Object.values(runs).every(({ times }) => at(times, 0.99) < wanted) ? 0 : 1;
