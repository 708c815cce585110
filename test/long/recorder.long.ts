/**
 * Shows the two promises of the recorder at length: 1,000 kills at random moments under load, and a
 * file of 2 GiB that is written and read in little memory.
 */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { killRecorder } from "../recording/kill.js";
import { newPath } from "../recording/recording-files.js";
import { exitWithin, startChild } from "../support/child.js";
import { record } from "./record.js";

const kills = 1000;
const seed = 20_261_121;

test("1,000 times SIGKILL", async () => {
  let state = seed;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  await record(
    "recorder-kills",
    {
      guarantee:
        "A recorder killed with SIGKILL under load leaves at most one torn line, and every line whose write had returned.",
      seed,
    },
    async () => {
      let left = kills;
      let [killed, torn, messages] = [0, 0, 0];
      const killSome = async (): Promise<void> => {
        while (left-- > 0) {
          const path = newPath();
          const fsync = ["none", "1s", "each"][left % 3]!;
          // It throws for a line that is missing or malformed.
          const found = await killRecorder(path, fsync, { writes: 1, after: random() * 200 });
          rmSync(path);
          killed++;
          torn += found.torn ? 1 : 0;
          messages += found.messages;
        }
      };
      await Promise.all([killSome(), killSome()]);
      return { killed, torn, messages };
    },
    ({ killed, messages }) => {
      expect(killed).toBe(kills);
      expect(messages).toBeGreaterThan(kills * 50);
    },
  );
});

test("2 GiB are written and read with less than 150 MiB of memory", async () => {
  const path = newPath();
  const program = fileURLToPath(new URL("../recording/large-process.js", import.meta.url));
  const run = async (what: string): Promise<Record<string, number>> => {
    const child = startChild(process.execPath, [program, what, path, String(2 * 1024 ** 3)]);
    const { stdout, stderr } = await exitWithin(child, 1_200_000);
    expect(stderr).toBe("");
    return JSON.parse(stdout) as Record<string, number>;
  };
  try {
    await record(
      "recorder-memory",
      { guarantee: "A recording of 2 GiB is written and read in less than 150 MiB of memory." },
      async () => ({ written: await run("write"), read: await run("read") }),
      ({ written, read }) => {
        expect(written["bytes"]).toBeGreaterThanOrEqual(2 * 1024 ** 3);
        expect(read["messages"]).toBe(written["messages"]);
        expect(written["peakMiB"]).toBeLessThan(150);
        expect(read["peakMiB"]).toBeLessThan(150);
      },
    );
  } finally {
    rmSync(path, { force: true });
  }
});
