/**
 * Owns the benchmark of `wsctl serve`: messages echoed per second of the server's own CPU time,
 * against a server of a few lines that stands on `ws` alone. Both are loaded by `wsctl load`, turn
 * and turn about, so that whatever else the machine does falls on both; the median ratio counts.
 *
 *     npm run build && node bench/serve-echo.js [rounds] [seconds]
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { machine } from "./harness/machine.js";
import { cpuOf } from "./harness/processes.js";
import { median } from "./harness/statistics.js";

const rounds = Number(process.argv[2] ?? 9);
const seconds = Number(process.argv[3] ?? 3);
const connections = 50;
const size = 20;
const wanted = 0.9;

const program = fileURLToPath(new URL("../bin/wsctl.js", import.meta.url));
const bare = `
  import { WebSocketServer } from "ws";
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096 }, () =>
    console.log(JSON.stringify({ url: "ws://127.0.0.1:" + server.address().port + "/" })));
  server.on("connection", (socket) =>
    socket.on("message", (data, binary) => socket.send(data, { binary })));
  process.stdin.resume().on("end", () => process.exit());
`;

/** Starts a server whose first line says where it listens. */
async function startServer(args) {
  const child = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: fileURLToPath(new URL("..", import.meta.url)),
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { child, url: JSON.parse(line).url };
}

/** Messages echoed per CPU second of the server during one load run. */
async function measure({ child, url }) {
  const before = cpuOf(child.pid);
  const args = ["load", url, "-c", connections, "-d", `${seconds}s`, "--size", size];
  const load = spawn(
    process.execPath,
    [program, ...args.map(String), "--json", "-q", "--workers", "1"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let text = "";
  load.stdout.setEncoding("utf8").on("data", (piece) => (text += piece));
  const [code] = await once(load, "close");
  // 98: the machine was too busy for the latencies to be evidence; the counts are exact all the same.
  if (code !== 0 && code !== 98) throw new Error(`the load run ended with ${code}`);
  const cpu = cpuOf(child.pid) - before;
  return { echoed: JSON.parse(text).totals.ws_msgs_received, cpu };
}

const servers = {
  wsctl: await startServer([program, "serve", "--port", "0", "--json", "--until-stdin-ends"]),
  ws: await startServer(["--input-type=module", "--eval", bare]),
};
// The compilers of both have their say before anything counts.
for (const server of Object.values(servers)) await measure(server);

const figures = { wsctl: [], ws: [] };
const ratios = [];
for (let round = 0; round < rounds; round++) {
  // Who goes first changes, so that a machine that slows down favours nobody.
  const order = round % 2 === 0 ? ["wsctl", "ws"] : ["ws", "wsctl"];
  for (const name of order) {
    const { echoed, cpu } = await measure(servers[name]);
    figures[name].push(echoed / cpu);
  }
  ratios.push(figures.wsctl.at(-1) / figures.ws.at(-1));
}
for (const { child } of Object.values(servers)) child.kill();

const about = machine();
const ratio = median(ratios);
process.stdout.write(
  `${[
    `echo of ${size}-byte messages over ${connections} connections, ${rounds} rounds of ${seconds} s, interleaved`,
    `machine: ${about.cpu}, ${about.cores} cores, Linux ${about.linux}`,
    `versions: wsctl ${about.wsctl}, ws ${about.ws}, Node ${about.node}`,
    ...Object.entries(figures).map(
      ([name, values]) =>
        `${name.padEnd(5)} ${Math.round(median(values))} messages per server CPU second` +
        ` (${Math.round(Math.min(...values))} to ${Math.round(Math.max(...values))})`,
    ),
    `ratio ${ratio.toFixed(3)} (rounds: ${ratios.map((each) => each.toFixed(2)).join(" ")}), wanted ${wanted}`,
  ].join("\n")}\n`,
);
process.exitCode = ratio >= wanted ? 0 : 1;
