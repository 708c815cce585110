/** Shows HS-18: how a server is told that ends what it has opened. */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { frame, startRaw, switching } from "../../e2e/raw-server.js";
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
  [1000, "warn | low", "Normal Closure"],
  [1001, "warn | low", "Going Away"],
  [1008, "warn | medium", "Policy Violation"],
  [3000, "warn | medium", "registered"],
  [4401, "warn | medium", "private use"],
  [1002, "fail | medium", "Protocol Error"],
  [1003, "fail | medium", "Unsupported Data"],
  [1007, "fail | medium", "Invalid Payload Data"],
  [1009, "fail | medium", "Message Too Big"],
  [1011, "fail | medium", "Internal Error"],
  [1012, "fail | medium", "Service Restart"],
  [1013, "fail | medium", "Try Again Later"],
  [1014, "fail | medium", "Bad Gateway"],
])("closed with %i", async (code, row, name) => {
  const findings = await seenAfter((socket) => socket.end(closing(code)));
  expect(rowsOf(findings)).toEqual([`code ${code} | ${row}`]);
  expect(findings[0]?.message).toContain(`opened, and was closed with ${code} after `);
  expect(findings[0]?.message).toContain(name);
});

test("a close frame without a code is a goodbye", async () => {
  const findings = await seenAfter((socket) => socket.end(frame(8)));
  expect(rowsOf(findings)).toEqual(["code 1005 | warn | low"]);
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
  expect(rowsOf(findings)).toEqual(["code 1008 | warn | medium"]);
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
