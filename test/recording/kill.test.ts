/** Shows that a recorder that is killed under load leaves every line whose write had returned. */
import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { killRecorder } from "./kill.js";
import { newPath } from "./recording-files.js";

test("25 times SIGKILL at random moments", async () => {
  let state = 4711;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  let left = 25;
  let messages = 0;
  const killSome = async (): Promise<void> => {
    while (left-- > 0) {
      const path = newPath();
      const fsync = ["none", "1s", "each"][left % 3]!;
      messages += (await killRecorder(path, fsync, random() * 40)).messages;
      rmSync(path);
    }
  };
  await Promise.all([killSome(), killSome()]);
  expect(messages).toBeGreaterThan(25 * 50);
});
