/**
 * Owns a recorder under load that tests kill: numbered messages of all sizes, as fast as it takes them.
 *
 *     node flood-process.js FILE FSYNC
 *
 * Writes a line for each change of how many bytes are in the file as far as it knows.
 */
import { writeSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { Recorder } from "../../dist/recording/recorder.js";

const [path, fsync] = process.argv.slice(2);
const recorder = await Recorder.open({
  path,
  fsync,
  url: "ws://h/",
  tool: "test",
  startedAt: new Date(),
  now: () => performance.now(),
});
const padding = "é\u0000 ".repeat(20_000);
let told = 0;
for (let number = 0; ; number++) {
  const size = number % 100 === 0 ? 50_000 : (number * 7) % 300;
  const payload = Buffer.from(`${number} ${padding.slice(0, size)}`);
  recorder.message({ direction: number % 3 === 0 ? "out" : "in", op: 1 + (number % 2), payload });
  if (number % 50 !== 0 && !recorder.behind) continue;
  // As whoever feeds a recorder does: nothing is dropped then, however slow the disk is.
  do await turn();
  while (recorder.behind);
  const { bytes } = recorder.counts;
  if (bytes === told) continue;
  told = bytes;
  writeSync(1, `${bytes}\n`);
}
