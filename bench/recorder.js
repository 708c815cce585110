/**
 * Owns the benchmark of the recorder: a relay over 1,000,000 messages, which reads the frames and
 * passes the bytes on, with and without a recording; and reading the file again. The two take turns,
 * and the ratio within a round counts.
 *
 *     npm run build && node bench/recorder.js [messages] [rounds] [bytes of a message]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { MessageReader } from "../dist/frame/message-reader.js";
import { readRecording } from "../dist/recording/reader.js";
import { Recorder } from "../dist/recording/recorder.js";
import { Redactor } from "../dist/recording/redactor.js";
import { writeMessage } from "../dist/recording/write-line.js";
import { loadNow, machine } from "./harness/machine.js";
import { median } from "./harness/statistics.js";

const [messages = 1_000_000, rounds = 5, size = 60] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(path.join(tmpdir(), "wsctl-bench-"));
const file = path.join(folder, "a.wsrec");

const ends = fork(fileURLToPath(new URL("recorder/ends.js", import.meta.url)), [messages, size]);
const [ports] = await once(ends, "message");

async function opened(port) {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  return socket;
}

/** All messages through the relay; `record` is told of each. */
async function relay(record, watch = () => {}) {
  const [from, to] = [await opened(ports.source), await opened(ports.sink)];
  let count = 0;
  const reader = new MessageReader(
    {
      message: (op, buffer, start, end, wire) => {
        count++;
        record?.(op, buffer.subarray(start, end), wire);
      },
      control: () => {},
    },
    { role: "client", maxPayload: 2 ** 26 },
  );
  watch(from);
  from.on("data", (bytes) => {
    reader.feed(bytes, 0, bytes.length);
    if (!to.write(bytes)) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  });
  await once(from, "end");
  to.end();
  if (count !== messages) throw new Error(`${count} of ${messages} messages came`);
}

/** Thousands of messages per second of time, and of this process's CPU time, its threads included. */
async function measured(what) {
  const before = process.cpuUsage();
  const began = performance.now();
  await what();
  const { user, system } = process.cpuUsage(before);
  return { rate: messages / (performance.now() - began), cpu: messages / ((user + system) / 1000) };
}

let paused = 0;

async function recorded(redactor) {
  rmSync(file, { force: true });
  const recorder = await Recorder.open({
    path: file,
    url: "ws://127.0.0.1/",
    tool: "bench",
    startedAt: new Date(),
    now: () => performance.now(),
    redactor,
  });
  let pauses = 0;
  const watch = (from) =>
    recorder.on("pressure", (isOn) => {
      if (isOn) pauses++;
      if (isOn) from.pause();
      else from.resume();
    });
  await relay(
    (op, payload, wire) => recorder.message({ direction: "in", op, payload, wire }),
    watch,
  );
  // All of it is in the file then, and on the disk.
  await recorder.finish();
  const { missed } = recorder.counts;
  if (missed > 0 || recorder.failed) throw new Error(`${missed} messages were missed`);
  paused += pauses;
}

async function read() {
  let count = 0;
  for await (const { line } of readRecording(file)) if (line.k === "in") count++;
  if (count !== messages) throw new Error(`${count} of ${messages} messages were read`);
}

/** Nanoseconds for one message to become a line, and how many bytes that is. */
function serialise() {
  const payload = Buffer.from('{"id":4711,"op":"tick","price":1.25,"note":"xxxxxxxxxxxxxxxx"}');
  const facts = { direction: "in", op: 1, payload, wire: payload.length + 2 };
  let length = 0;
  const began = performance.now();
  for (let n = 0; n < messages; n++) length += writeMessage(n * 1.234_567, facts).length;
  return { ns: ((performance.now() - began) / messages) * 1e6, length: length / messages };
}

/** With secrets that are known, and looked for in each message. */
function wary() {
  const redactor = new Redactor();
  redactor.upgrade({
    target: "/?token=7f3a9c0e5b1d4826",
    request: [
      ["Authorization", "Bearer a8f5f167f44f4964e6c998dee827110c"],
      ["Cookie", "sid=0a1b2c3d4e5f60718293; theme=solarized-dark"],
    ],
    response: [["Set-Cookie", "csrf=99887766554433221100; Path=/"]],
  });
  return redactor;
}

const load = [loadNow()];
const runs = { plain: [], recorded: [], wary: [], read: [] };
const serialised = [];
serialise();
for (let round = 0; round <= rounds; round++) {
  const came = {
    plain: await measured(() => relay()),
    recorded: await measured(() => recorded()),
    read: await measured(read),
    wary: await measured(() => recorded(wary())),
  };
  const { ns } = serialise();
  // The compiler has its say before anything counts.
  if (round === 0) continue;
  for (const [name, run] of Object.entries(came)) runs[name].push(run);
  serialised.push(ns);
  load.push(loadNow());
}
const bytes = statSync(file).size;
ends.disconnect();
rmSync(folder, { recursive: true });

const about = machine();
const thousands = (values) => `${Math.round(median(values)).toLocaleString("en")} k/s`;
const row = (what, name) => {
  const cells = ["rate", "cpu"].flatMap((kind) => {
    const values = runs[name].map((run) => run[kind]);
    const ratios = values.map((value, round) => value / runs.plain[round][kind]);
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
    return [thousands(values), `${median(ratios).toFixed(2)} (${spread})`];
  });
  return `| ${what} | ${cells.join(" | ")} |`;
};
process.stdout.write(
  `${[
    `${messages.toLocaleString("en")} messages of ${ports.payload} bytes, ${rounds} rounds, interleaved; ${Math.round(bytes / 2 ** 20)} MiB`,
    `machine: ${about.cpu}, ${about.cores} cores, Linux ${about.linux}, load average ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)}`,
    `versions: wsctl ${about.wsctl}, Node ${about.node}`,
    "",
    "| case | messages | ratio to the relay | per CPU second | ratio to the relay |",
    "| --- | --- | --- | --- | --- |",
    row("relay alone", "plain"),
    row("recorded, on the disk at the end", "recorded"),
    row("recorded, secrets looked for", "wary"),
    row("read again", "read"),
    "",
    `a message becomes a line in ${Math.round(median(serialised))} ns; the relay was paused ${paused} times`,
  ].join("\n")}\n`,
);
