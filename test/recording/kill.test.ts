/** Shows that a recorder that is killed under load leaves every line whose write had returned. */
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { killRecorder } from "./kill.js";
import { newPath } from "./recording-files.js";

test("25 times SIGKILL at random moments", async () => {
  let state = 4711;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  let left = 25;
  const killSome = async (): Promise<void> => {
    while (left-- > 0) {
      const path = newPath();
      const fsync = ["none", "1s", "each"][left % 3]!;
      // However slow the machine is, so much is there; the milliseconds end it in the midst of things.
      const writes = 2 + Math.floor(random() * 10);
      const { messages } = await killRecorder(path, fsync, { writes, after: random() * 10 });
      // The first write may be the head of the file alone; each other holds a message at least.
      expect(messages).toBeGreaterThanOrEqual(writes - 1);
      rmSync(path);
    }
  };
  await Promise.all([killSome(), killSome()]);
});
