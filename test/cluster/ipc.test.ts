import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IpcTransport, type WorkerProgram } from "../../src/cluster/ipc.js";

let folder: string;
let entry: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-ipc-"));
  entry = path.join(folder, "worker.cjs");
  writeFileSync(
    entry,
    `process.on("message", (said) => {
       if (said === "fail") throw new RangeError("out of \\u001b[31mcheese");
       process.send({ said, flags: process.execArgv, args: process.argv.slice(2) });
     });`,
  );
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a worker answers to a word. */
function answerOf(program: WorkerProgram, word: string): Promise<unknown> {
  return new Promise((resolve) => {
    const worker = new IpcTransport({ entry, ...program }).launch(0, {
      message: (message) => {
        worker.kill();
        resolve(message);
      },
      gone: resolve,
    });
    worker.send(word as never);
  });
}

/** Every worker's: it is to have few threads beside its own. */
const few = "--v8-pool-size=1";

test("a worker gets what it is sent, and Node's flags, which go before our own", async () => {
  const answer = await answerOf({ execArgv: ["--v8-pool-size=3"] }, "hello");
  expect(answer).toEqual({ said: "hello", flags: [few, "--v8-pool-size=3"], args: [] });
});

test("one that never rests has a young space that is not collected all the while", async () => {
  const roomy = expect.stringMatching(/^--min-semi-space-size=\d+$/);
  const flagsAt = async (pacer: WorkerProgram["pacer"]) =>
    (await answerOf({ execArgv: ["--stack-size=900"], pacer }, "hello")) as { flags: string[] };
  expect((await flagsAt("spin")).flags).toEqual([few, roomy, "--stack-size=900"]);
  expect((await flagsAt("ticker")).flags).toEqual([few, "--stack-size=900"]);
});

test("a worker's end is told with the error that it died of, harmless for a terminal", async () => {
  const gone = await answerOf({}, "fail");
  expect(gone).toMatch(/^exit code 1: .*RangeError: out of .*cheese/);
  expect(gone).not.toContain("\u001b");
});

test("a worker that is killed is told as gone by that signal, and hears nothing more", async () => {
  const gone = await new Promise((resolve) => {
    const worker = new IpcTransport({ entry }).launch(0, { message: () => {}, gone: resolve });
    worker.kill();
    worker.send("hello" as never);
  });
  expect(gone).toBe("SIGKILL");
});
