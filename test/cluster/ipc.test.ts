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

test("a worker gets what it is sent, and Node's flags", async () => {
  const answer = await answerOf({ execArgv: ["--stack-size=900"] }, "hello");
  expect(answer).toEqual({ said: "hello", flags: ["--stack-size=900"], args: [] });
});

test("unless told its flags are those of this process", async () => {
  const { flags } = (await answerOf({}, "hello")) as { flags: string[] };
  expect(flags).toEqual(process.execArgv);
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
