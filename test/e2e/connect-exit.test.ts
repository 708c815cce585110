/** Shows each exit code of `wsctl connect` by a situation that really is so. */
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { exitWithin, startChild } from "../support/child.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { eventsOf, shellLine } from "./connect-run.js";
import { ConnectTerminal } from "./connect-terminal.js";
import { closeInKind, frame, onFrames, refusingPort, startRaw } from "./raw-server.js";

/** A server that does something with each message, and closes in kind. */
async function serving(message: (socket: Socket) => void): Promise<string> {
  const { url } = await startRaw({
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => {
        if (!closeInKind(socket, opcode, payload) && opcode === 1) message(socket);
      });
    },
  });
  return url;
}

function closing(code: number, reason = ""): (socket: Socket) => void {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)]);
  payload.writeUInt16BE(code);
  return (socket) => socket.end(frame(8, payload));
}

/** Accepts, and never says a word: not even in answer to a close frame. */
async function mute(): Promise<{ url: string; closes: number[] }> {
  const closes: number[] = [];
  const { url } = await startRaw({
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => {
        if (opcode === 8) closes.push(payload.readUInt16BE(0));
      });
    },
  });
  return { url, closes };
}

test.skipIf(!existsSync("/dev/full"))(
  "1: the output cannot be written: the disk is full",
  async () => {
    await using server = await startWsEcho();
    const line = `${shellLine([server.url, "-x", "a"])} > /dev/full`;
    const { code, stderr } = await exitWithin(startChild("bash", ["-c", line]), 15_000);
    expect([code, stderr]).toEqual([1, expect.stringContaining("ENOSPC")]);
  },
);

test("2: the input is not what it has to be; what stood before it was sent", async () => {
  await using server = await startWsEcho();
  const stdin = Buffer.concat([Buffer.from("fine\n"), Buffer.of(0xff, 0x0a)]);
  const got: string[] = [];
  server.wss.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => got.push(data.toString()));
  });
  const { code, stderr } = await runWsctl(["connect", server.url], { stdin });
  expect([code, got]).toEqual([2, ["fine"]]);
  expect(stderr).toMatch(/not UTF-8.*WSCTL_EUSAGE\]\n {2}message 2 of standard input/);
});

test("3: nothing listens", async () => {
  const url = `ws://127.0.0.1:${await refusingPort()}/`;
  const { code, stdout, stderr } = await runWsctl(["connect", url], { stdin: "a\n" });
  expect([code, stdout]).toEqual([3, ""]);
  expect(stderr).toContain("[WSCTL_EREFUSED]");
});

test("3: --timeout bounds the dial", async () => {
  const { url } = await startRaw({ answer: () => undefined });
  const { code, stderr } = await runWsctl(["connect", url, "--timeout", "200ms"]);
  expect([code, stderr]).toEqual([3, expect.stringContaining("[WSCTL_ETIMEOUT]")]);
});

test("4: the server refuses, and what it says is shown", async () => {
  await using server = await startWsEcho({ refuse: 403 });
  const { code, stdout, stderr } = await runWsctl(["connect", server.url, "--json"]);
  expect(code).toBe(4);
  expect(stderr).toMatch(/403 Forbidden[^]*\[WSCTL_EUPGRADE\][^]*refused with 403/);
  expect(eventsOf({ stdout }).at(-1)).toMatchObject({ event: "error", code: "WSCTL_EUPGRADE" });
});

test("5: the server hangs up without a word", async () => {
  const url = await serving((socket) => socket.end());
  const { code, stderr } = await runWsctl(["connect", url, "-x", "a"]);
  expect([code, stderr]).toEqual([5, expect.stringMatching(/without a close frame.*[^]*1006/)]);
});

test("5: the server breaks the protocol", async () => {
  const url = await serving((socket) => socket.write(Buffer.of(0xf1, 0x00)));
  const { code, stderr } = await runWsctl(["connect", url, "-x", "a"]);
  expect([code, stderr]).toEqual([5, expect.stringContaining("[WSCTL_EPROTOCOL]")]);
});

test("5: the server closes with a code that is not 1000", async () => {
  const url = await serving(closing(1011, "it \x1b[31mbroke"));
  const { code, stderr } = await runWsctl(["connect", url, "-x", "a"]);
  expect([code, stderr]).toEqual([5, expect.stringMatching(/1011 \(Internal Error.*␛\[31mbroke/)]);
});

test("5: a message is larger than --max-payload", async () => {
  const url = await serving((socket) => socket.write(frame(1, "x".repeat(100))));
  const { code, stderr } = await runWsctl(["connect", url, "-x", "a", "--max-payload", "50"]);
  expect([code, stderr]).toEqual([5, expect.stringContaining("--max-payload")]);
});

test("0: the server closes with 1000 when all was said", async () => {
  const url = await serving(closing(1000));
  const { code, stderr } = await runWsctl(["connect", url, "-x", "a", "--wait", "forever"]);
  expect([code, stderr]).toEqual([0, ""]);
});

test.each(["--expect", "--until"])("6: it is closed before what %s asks for", async (flag) => {
  const url = await serving(closing(1000));
  const { code, stderr } = await runWsctl(["connect", url, "-x", "a", flag, "$.ok == true"]);
  expect([code, stderr]).toEqual([6, expect.stringMatching(/WSCTL_EEXPECT[^]*\$\.ok == true/)]);
});

test("6: --until ends it before what --expect asks for", async () => {
  await using server = await startWsEcho();
  const flags = ["-x", "a", "--until", "a", "--expect", "b"];
  expect((await runWsctl(["connect", server.url, ...flags])).code).toBe(6);
});

test.each([
  ["--expect", "nothing"],
  ["--until", "nothing"],
  ["--count", "5"],
])("7: what %s asks for does not come in time, whatever else comes", async (flag, value) => {
  await using server = await startWsEcho();
  const timers: NodeJS.Timeout[] = [];
  server.wss.on("connection", (socket) => {
    timers.push(setInterval(() => socket.ping(), 50));
    if (flag !== "--count") timers.push(setInterval(() => socket.send("chatter"), 50));
  });
  const args = ["connect", server.url, "-x", "a", flag, value, "--wait", "400ms"];
  const { code, stderr } = await runWsctl(args);
  for (const timer of timers) clearInterval(timer);
  expect([code, stderr]).toEqual([7, expect.stringMatching(/within 400 ms +\[WSCTL_EWAIT\]/)]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s closes with 1000 and ends with %d", async (signal, exitCode) => {
  await using server = await startWsEcho();
  const closes: number[] = [];
  server.wss.on("connection", (socket) => {
    socket.on("close", (code) => closes.push(code));
  });
  const args = ["connect", server.url, "-x", "a", "--wait", "forever"];
  const signalWhen = { pattern: /a/, signal };
  const { code, stderr } = await runWsctl(args, { signalWhen });
  expect([code, stderr]).toEqual([exitCode, ""]);
  await expect.poll(() => closes, { timeout: 10_000 }).toEqual([1000]);
});

test("130 while the server has not answered yet", async () => {
  let asked = (): void => {};
  const { url } = await startRaw({
    answer: () => {
      asked();
      return undefined;
    },
  });
  const heard = new Promise<void>((resolve) => {
    asked = resolve;
  });
  await using child = startWsctl(["connect", url]);
  await heard;
  child.kill("SIGINT");
  expect((await child.exit).code).toBe(130);
});

const ctrlC = "\u0003";
const ctrlD = "\u0004";

// The server has 5 s to answer a close frame: whoever leaves before that was not waited for.
const soon = 4000;

test("130: Ctrl-C on a terminal says goodbye, and a second one leaves without an answer", async () => {
  const { url, closes } = await mute();
  const terminal = new ConnectTerminal([url, "-x", "a", "-v", "--wait", "forever"]);
  await terminal.see(/open|101/);
  const begun = performance.now();
  terminal.type(ctrlC);
  await expect.poll(() => closes, { timeout: 10_000 }).toEqual([1000]);
  terminal.type(ctrlC);
  expect(await terminal.exit()).toBe(130);
  expect(performance.now() - begun).toBeLessThan(soon);
});

test("0: Ctrl-C at the prompt closes, and a second one leaves without an answer", async () => {
  const { url, closes } = await mute();
  const terminal = new ConnectTerminal([url]);
  await terminal.see(/open in/);
  terminal.type(`half a line${ctrlC}`);
  terminal.type(ctrlC);
  await terminal.see(/Ctrl-C leaves at once/);
  await expect.poll(() => closes, { timeout: 10_000 }).toEqual([1000]);
  const begun = performance.now();
  terminal.type(ctrlC);
  expect(await terminal.exit()).toBe(0);
  expect(performance.now() - begun).toBeLessThan(soon);
});

test.each([
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const)("%s at the prompt: the terminal is given back, and it is %d", async (signal, code) => {
  const { url } = await mute();
  const terminal = new ConnectTerminal([url]);
  await terminal.see(/open in/);
  process.kill(terminal.pid, signal);
  expect(await terminal.exit()).toBe(code);
  expect(terminal.text).toContain("\u001b[?2004l");
});

test("6: an /expect at the prompt was not met", async () => {
  const { url } = await mute();
  const terminal = new ConnectTerminal([url]);
  await terminal.see(/open in/);
  terminal.type("/expect 50ms nothing\r");
  // A script ends it at once; a person may go on.
  await Promise.race([terminal.see(/✗/), terminal.exit()]);
  terminal.type(`${ctrlC}${ctrlC}`);
  expect(await terminal.exit()).toBe(6);
});

test("5: the server broke it off, and the person leaves", async () => {
  const url = await serving((socket) => socket.destroy());
  const terminal = new ConnectTerminal([url]);
  await terminal.see(/open in/);
  terminal.type("a\r");
  await terminal.see(/reconnect opens it again/);
  terminal.type(ctrlD);
  expect(await terminal.exit()).toBe(5);
});
