/** Shows that hostile servers are told within the time that was given, and that nothing passes for them. */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import {
  closeInKind,
  frame,
  onFrames,
  type RawBehaviour,
  startRaw,
  switching,
} from "../../e2e/raw-server.js";
import { startHttp2 } from "../http2/servers.js";
import { inspected } from "./inspecting.js";
import { faultless, unheard } from "./verdicts.js";

/** A byte every 200 ms, for as long as somebody listens. */
function drip(socket: Socket): void {
  const text = "HTTP/1.1 101 Switching Protocols\r\n".repeat(50);
  let at = 0;
  const timer = setInterval(() => {
    if (at >= text.length || socket.destroyed) clearInterval(timer);
    else socket.write(text[at++]!);
  }, 200);
  socket.on("close", () => clearInterval(timer));
}

const megabyte = `HTTP/1.1 101 Switching Protocols\r\n${`X-A: ${"a".repeat(1000)}\r\n`.repeat(1000)}\r\n`;

const behaviours = {
  hangs: { answer: () => undefined },
  drips: { answer: () => "", upgraded: drip },
  "has a megabyte of headers": { answer: () => megabyte },
  "closes at once": { answer: () => "", upgraded: (socket) => void socket.end() },
  resets: { answer: () => "", upgraded: (socket) => void socket.resetAndDestroy() },
  "talks garbage": { answer: () => "\0\x01\xffgarbage\r\n\r\n\r\n" },
} satisfies Record<string, RawBehaviour>;

/** Milliseconds: only what waits for all of it needs so little; a busy machine wants more. */
function totalFor(kind: keyof typeof behaviours): number {
  return kind === "hangs" || kind === "drips" ? 300 : 3000;
}

describe("a server that from the first on", () => {
  test.each<[keyof typeof behaviours, Record<string, string>, RegExp, string[]]>([
    ["hangs", { "H2-2": "inconclusive" }, /time ran out .*300 ms/, []],
    ["drips", { "H2-2": "inconclusive" }, /time ran out .*300 ms/, []],
    // What cannot be read is a head that breaks the grammar, and more cannot be said.
    [
      "has a megabyte of headers",
      { "HS-02": "fail" },
      /large|long|bytes|limit/i,
      ["HS-02 unreadable: fail medium"],
    ],
    ["closes at once", {}, /closed|hung up/i, []],
    ["resets", {}, /cut/, []],
    // That is another protocol, and no head that is written badly.
    ["talks garbage", {}, /HTTP/, []],
  ])("%s", async (kind, besides, message, against) => {
    const server = await startRaw(behaviours[kind]);
    const page = await inspected(server.url, { timeouts: { total: totalFor(kind) } });
    expect(page.inspection).toMatchObject({ outcome: "failed", failure: { phase: "upgrade" } });
    expect(page.inspection.failure?.message).toMatch(message);
    expect(page.verdicts).toEqual({ ...unheard, ...besides });
    expect(page.against).toEqual(against);
    // It is asked once, and once more for HTTP/2: that is all the time it can take.
    expect(page.inspection.budget.handshakes).toBeLessThanOrEqual(2);
    expect(JSON.stringify(page.inspection).length).toBeLessThan(100_000);
  });
});

/** What none of its checks may pass without an answer after the first. */
const asked = ["HS-06", "HS-07", "HS-08", "HS-09", "HS-10", "HS-11", "HS-12", "HS-13"];

describe("a server that after one right answer", () => {
  test.each<[keyof typeof behaviours, number]>([
    // The first; 1 of HS-06, 2 of each of HS-07 to HS-11 and HS-13, 1 of HS-12, of HTTP/2, of HS-19.
    ["hangs", 1 + 1 + 6 * 2 + 1 + 1 + 1],
    ["drips", 1 + 1 + 6 * 2 + 1 + 1 + 1],
    ["has a megabyte of headers", 35],
    ["closes at once", 35],
    ["resets", 35],
    ["talks garbage", 35],
  ])("%s", async (kind, most) => {
    let answers = 0;
    const { answer, upgraded }: RawBehaviour = behaviours[kind];
    const server = await startRaw({
      answer: (head) => (answers++ === 0 ? switching(head) : answer?.(head)),
      upgraded: (socket) => {
        if (answers > 1) return upgraded?.(socket);
        return onFrames(socket, (opcode, payload) => {
          if (!closeInKind(socket, opcode, payload)) socket.write(frame(10, payload));
        });
      },
    });
    const page = await inspected(server.url, { timeouts: { total: totalFor(kind) } });
    expect(page.inspection.outcome).toBe("open");
    for (const id of asked) expect(page.verdicts[id], id).not.toBe("pass");
    // What the one answer shows, it shows.
    for (const id of ["HS-01", "HS-02", "HS-03", "HS-04", "HS-05", "HS-14", "HS-17", "HS-18"]) {
      expect(page.verdicts[id], id).toBe("pass");
    }
    expect([page.verdicts["HS-06"], page.verdicts["FP"]]).toEqual(["inconclusive", "skip"]);
    // What is no HTTP is an answer all the same, if none that could be read.
    const isGone = !["has a megabyte of headers", "talks garbage"].includes(kind);
    expect(page.verdicts["HS-19"]).toBe(isGone ? "fail" : "inconclusive");
    expect(page.inspection.budget.handshakes).toBeLessThanOrEqual(most);
    // One line of each check at most, one for what was left out, HS-19: the page stays short.
    expect(page.against.length).toBeLessThanOrEqual(asked.length + 2);
  });

  test("hangs on whatever is malformed, is given less and less time", async () => {
    const isProper = (head: string): boolean =>
      head.startsWith("GET / HTTP/1.1\r\n") &&
      ["host: .+", "upgrade: websocket", "connection: upgrade", "sec-websocket-version: 13"].every(
        (line) => new RegExp(`\r\n${line}\r\n`, "i").test(head),
      ) &&
      head.match(/^sec-websocket-(?:key: [\w+/]{22}==$|version:)/gim)?.length === 2;
    const server = await startRaw({
      answer: (head) => (isProper(head) ? switching(head) : undefined),
      upgraded: (socket) =>
        onFrames(socket, (opcode, payload) => {
          if (!closeInKind(socket, opcode, payload)) socket.write(frame(10, payload));
        }),
    });
    const page = await inspected(server.url, { timeouts: { total: 900 } });
    expect(page.verdicts).toEqual({
      ...faultless,
      "HS-07": "warn",
      "HS-08": "warn",
      "HS-09": "warn",
      "HS-10": "fail",
      "HS-11": "info",
    });
    expect(page.against).toEqual([
      "HS-07 silent: warn low",
      "HS-08 silent: warn low",
      "HS-09 silent: warn low",
      "HS-10 silent: fail low",
    ]);
    // Twice all the time there is, and then a third of it, or what a busy machine makes of that.
    const [first] = page.of("HS-07");
    expect(first?.message).toMatch(/^no answer within 900 ms/);
    for (const id of ["HS-08", "HS-09", "HS-10"]) {
      expect(page.of(id)[0]?.message, id).toMatch(/^no answer within [3-8]\d\d ms/);
    }
  });
});

test("HTTP/2 alone, on plain TCP: it is said where a WebSocket opens", async () => {
  const server = await startHttp2({
    connect: (stream, protocol) => {
      stream.respond({ ":status": protocol === "websocket" ? 200 : 501 });
    },
  });
  const page = await inspected(server.url, { timeouts: { total: 3000 } });
  expect(page.inspection.outcome).toBe("failed");
  // It answers HTTP/1.1 with frames of HTTP/2, which are no head.
  expect(page.verdicts).toEqual({ ...unheard, "H2-1": "pass", "H2-2": "pass" });
  expect(page.inspection.budget.handshakes).toBe(3);
});
