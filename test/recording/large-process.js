/**
 * Owns writing or reading a large recording in a process of its own, and how much memory that took.
 *
 *     node large-process.js write|read FILE BYTES
 *
 * Prints JSON: messages, bytes, seconds, and the most MiB that were resident.
 */
import { setImmediate as turn } from "node:timers/promises";
import { readRecording } from "../../dist/recording/reader.js";
import { Recorder } from "../../dist/recording/recorder.js";

const [what, path, size] = process.argv.slice(2);

async function write() {
  const recorder = await Recorder.open({
    path,
    url: "ws://h/",
    tool: "test",
    startedAt: new Date(),
    now: () => performance.now(),
  });
  const small = Buffer.from('{"id":4711,"op":"tick","price":1.25,"note":"žluťoučký kůň"}');
  const large = Buffer.alloc(100_000, 7);
  let messages = 0;
  while (recorder.counts.bytes < Number(size)) {
    for (let n = 0; n < 200 && !recorder.behind; n++, messages++) {
      const isLarge = n === 0 && messages % 1000 === 0;
      recorder.message({ direction: "in", op: isLarge ? 2 : 1, payload: isLarge ? large : small });
    }
    await turn();
  }
  await recorder.finish();
  const { bytes, missed } = recorder.counts;
  if (missed > 0) throw new Error(`${missed} messages were missed`);
  return { messages, bytes };
}

async function read() {
  let messages = 0;
  let bytes = 0;
  for await (const { line, raw } of readRecording(path)) {
    bytes += raw.length;
    if (line.k === "in") messages++;
  }
  return { messages, bytes };
}

const began = performance.now();
const came = await (what === "write" ? write() : read());
const seconds = (performance.now() - began) / 1000;
const peakMiB = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ ...came, seconds, peakMiB }));
