/** Shows HS-18: how a server is told that ends what it has opened. */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { closeInKind, frame, onFrames, startRaw, switching } from "../../e2e/raw-server.js";
import { stayingCheck } from "../../../src/inspect/handshake/staying.js";
import { planOf } from "../../../src/inspect/plan.js";
import { parseTarget } from "../../../src/dial/target.js";
import { lookAt } from "../looking.js";
import { http, lookWith, rowsOf, startFaulty } from "./exemplary.js";

/** Long enough for what comes at once. */
const watch = 60;

function closing(code: number, reason = ""): Buffer {
  return frame(8, Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]));
}

async function seenAfter(upgraded: (socket: Socket) => void) {
  const { url } = await startRaw({ upgraded });
  const { findings } = await lookWith("HS-18", url, { watch });
  return findings;
}

test("who is left open passes, also when the server speaks", async () => {
  const { url } = await startFaulty();
  const { findings } = await lookWith("HS-18", url, { watch });
  expect(rowsOf(findings)).toEqual(["pass | info"]);
  const spoken = await seenAfter((socket) => socket.write(frame(1, "welcome")));
  expect(rowsOf(spoken)).toEqual(["pass | info"]);
});

describe("without a close frame", () => {
  test.each<[string, (socket: Socket) => void]>([
    ["ended", (socket) => socket.end()],
    ["reset", (socket) => socket.resetAndDestroy()],
    ["after a message", (socket) => socket.end(frame(1, "welcome"))],
    ["in the middle of a frame", (socket) => socket.end(Buffer.of(0x81, 5, 0x61))],
  ])("%s", async (_what, upgraded) => {
    const findings = await seenAfter(upgraded);
    expect(rowsOf(findings)).toEqual(["cut | fail | high"]);
    expect(findings[0]?.message).toMatch(
      /^opened, and was cut without a close frame after [\d.]+ (?:ms|µs): clients see 1006/,
    );
    expect(findings[0]?.fix).toMatch(/connection handler.*proxy_read_timeout.*timeout tunnel/);
    expect(findings[0]?.repro).toMatch(/^wsctl inspect --only HS-18 ws:/);
  });
});

test.each<[number, string, string]>([
  [1000, "fail | medium", "Normal Closure"],
  [1001, "fail | high", "Going Away"],
  [1008, "fail | high", "Policy Violation"],
  [3000, "fail | high", "registered"],
  [4401, "fail | high", "private use"],
  [1002, "fail | high", "Protocol Error"],
  [1003, "fail | high", "Unsupported Data"],
  [1007, "fail | high", "Invalid Payload Data"],
  [1009, "fail | high", "Message Too Big"],
  [1011, "fail | high", "Internal Error"],
  [1012, "fail | high", "Service Restart"],
  [1013, "fail | high", "Try Again Later"],
  [1014, "fail | high", "Bad Gateway"],
])("closed with %i", async (code, row, name) => {
  const findings = await seenAfter((socket) => socket.end(closing(code)));
  expect(rowsOf(findings)).toEqual([`code ${code} | ${row}`]);
  expect(findings[0]?.message).toContain(`opened, and was closed with ${code} after `);
  expect(findings[0]?.message).toContain(name);
});

test("a close frame without a code is a goodbye", async () => {
  const findings = await seenAfter((socket) => socket.end(frame(8)));
  expect(rowsOf(findings)).toEqual(["code 1005 | fail | medium"]);
});

test("the reason is told, and made harmless", async () => {
  const findings = await seenAfter((socket) => socket.end(closing(4401, "no \x1b[2Jtoken\n")));
  expect(findings[0]?.message).toContain('closed with 4401 "no ␛[2Jtoken⏎" after ');
  expect(findings[0]?.fix).toContain("401 or 403 before the 101");
});

test("a close that came in one piece with the 101 counts", async () => {
  const { url } = await startRaw({
    answer: (head) => switching(head) + closing(1008, "who?").toString("latin1"),
  });
  const { findings } = await lookWith("HS-18", url, { watch });
  expect(rowsOf(findings)).toEqual(["code 1008 | fail | high"]);
});

test("frames that break the protocol end it as well, and are told once", async () => {
  const { url } = await startRaw({
    upgraded: (socket) => setImmediate(() => socket.write(Buffer.of(0xff, 0xff, 0xff, 0xff))),
  });
  const { findings } = await lookWith("HS-18", url, { watch });
  // It may come so soon that HS-17 tells it.
  expect(["broken frames | fail | medium", "inconclusive | info"]).toContain(rowsOf(findings)[0]);
  const glued = await startRaw({ answer: (head) => `${switching(head)}<html>` });
  const seen = await lookWith("HS-18", glued.url, { watch });
  expect(rowsOf(seen.findings)).toEqual(["inconclusive | info"]);
});

test("who was not watched, or never opened, is not judged", async () => {
  const { url } = await startRaw({ upgraded: (socket) => socket.end() });
  expect((await lookWith("HS-18", url)).verdicts).toEqual({ "HS-18": "inconclusive" });
  const refusing = await startFaulty(() => http("403 Forbidden"));
  const seen = await lookWith("HS-18", refusing.url, { watch });
  expect(seen.verdicts).toEqual({ "HS-18": "inconclusive" });
});

describe("a ping while it is watched", () => {
  async function pinged(answer: (socket: Socket, payload: Buffer) => void) {
    const server = await startRaw({
      upgraded: (socket) =>
        onFrames(socket, (opcode, payload) => {
          if (!closeInKind(socket, opcode, payload) && opcode === 9) answer(socket, payload);
        }),
    });
    return (await lookAt(server.url, [stayingCheck], { watch, ping: true })).findings;
  }

  test("is answered, and for how long it was watched is told", async () => {
    const [found] = await pinged((socket, payload) => socket.write(frame(10, payload)));
    expect(found).toMatchObject({ verdict: "pass" });
    expect(found?.evidence[0]).toMatch(/^watched for [\d.]+ (?:ms|s), and not ended$/);
    expect(found?.evidence[1]).toMatch(/^answered a ping after [\d.]+ (?:ms|µs|s)$/);
  });

  test.each<[string, (socket: Socket) => void]>([
    ["not at all", () => {}],
    ["with another payload", (socket) => socket.write(frame(10, "else"))],
    ["by a message", (socket) => socket.write(frame(1, "pong"))],
  ])("answered %s is a warning", async (_what, answer) => {
    const findings = await pinged(answer);
    expect(rowsOf(findings)).toEqual(["no pong | warn | medium"]);
    expect(findings[0]?.message).toContain("§5.5.2");
  });

  test("which ends the connection is a failure, and the ping is told", async () => {
    const findings = await pinged((socket) => socket.end(closing(1002)));
    expect(rowsOf(findings)).toEqual(["code 1002 | fail | high"]);
    expect(findings[0]?.evidence.join()).toMatch(/a ping was sent after/);
  });
});

test("an inspection watches for a second, and sends ten bytes for it", () => {
  const selection = { tiers: new Set(["default"] as const), only: ["HS-18"], skip: [] };
  const plan = planOf(parseTarget("ws://h"), { dial: {}, selection, runs: 0 });
  expect(plan.watch).toBe(1000);
  expect(plan.cost).toEqual({ handshakes: 1, connections: 1, bytes: 10 });
});
