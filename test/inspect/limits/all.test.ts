/** What holds for all checks of limits: when they are run, what stops them, and hostile servers. */
import { describe, expect, test } from "vitest";
import { limitChecks } from "../../../src/inspect/limits/checks.js";
import { slowness } from "../../../src/inspect/limits/slowness.js";
import { messageRate } from "../../../src/inspect/limits/message-rate.js";
import { handshakeRate } from "../../../src/inspect/limits/handshake-rate.js";
import { costOf, selected } from "../../../src/inspect/selection.js";
import type { Tier } from "../../../src/inspect/check.js";
import { frame, startRaw, switching } from "../../e2e/raw-server.js";
import { lookAt } from "../looking.js";
import { find, quick, startWs } from "./looking.js";

const idsOf = (...tiers: readonly Tier[]) =>
  selected(limitChecks, { tiers: new Set(tiers), only: [], skip: [] }).map(({ rule }) => rule.id);

test("nothing of it is done unless it is asked for", () => {
  expect(idsOf("default", "origins", "security")).toEqual([]);
  expect(idsOf("active")).toEqual(["SM-1", "RL-1", "RL-2", "RL-3", "SZ-1"]);
  expect(idsOf("intrusive")).toEqual(["SZ-2", "SZ-3", "SL-1"]);
});

test("what it costs is bounded", () => {
  const bounds = new Map(limitChecks.map(({ rule, cost }) => [rule.id, cost]));
  expect(bounds.get("RL-1")!.handshakes).toBeLessThanOrEqual(40);
  expect(bounds.get("RL-3")!.connections).toBe(50);
  expect(bounds.get("SZ-1")).toEqual({ handshakes: 12, bytes: 4 * 1024 * 1024 });
  expect(costOf(limitChecks).connections).toBe(50);
});

const longer = {
  handshakeRate: handshakeRate({ stepMs: 60_000, watch: 60_000, patience: 60_000 }),
  messageRate: messageRate({ stepMs: 60_000, patience: 60_000 }),
  slowness: slowness({ bearing: 60_000, patience: 60_000 }),
};

test.each(Object.entries(longer))("%s ends when it is to end", async (_, check) => {
  const end = new AbortController();
  const { url, server } = await startWs();
  let count = 0;
  server.on("connection", () => {
    if (++count === 2) end.abort();
  });
  const { findings } = await lookAt(url, [check], { signal: end.signal });
  expect(findings.map(({ verdict }) => verdict)).toEqual(["inconclusive"]);
});

describe.each(Object.entries(quick).filter(([name]) => name !== "smuggling"))("%s", (_, check) => {
  test.each([
    ["closed with 1008", frame(8, Buffer.of(0x03, 0xf0))],
    ["cut without a close frame", ""],
  ] as const)("is not tried where each WebSocket is %s", async (how, bytes) => {
    const server = await startRaw({ upgraded: (socket) => socket.end(bytes) });
    const { first, handshakes } = await find(server.url, check, { watch: 200 });
    expect(first.verdict).toBe("skip");
    expect(first.message).toContain(how);
    expect(handshakes).toBe(0);
  });

  test("is tried although the first one was closed at its end, as are all", async () => {
    const { url } = await startWs();
    const { first } = await find(url, check, { watch: 510 });
    expect(first.message).not.toContain("by itself");
  });
});

test("RL-1: a server that cuts the first of them is not taken for one with a limit", async () => {
  const server = await startRaw({ upgraded: (socket) => socket.end() });
  const { first } = await find(server.url, quick.handshakeRate);
  expect(first.verdict).toBe("inconclusive");
});

/** Servers that are good for one handshake, and then hostile. */
const hostile: Readonly<Record<string, () => string | undefined>> = {
  hanging: () => undefined,
  "talking garbage": () => "\x16\x03\x01 garbage\r\n\r\n",
  "with a head of a megabyte": () => `HTTP/1.1 101 X\r\nX: ${"x".repeat(1 << 20)}\r\n\r\n`,
  failing: () => "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
};

describe.each(Object.keys(hostile))("a server that is %s", (kind) => {
  test.concurrent.each(Object.entries(quick))("does not pass %s", async (_, check) => {
    let count = 0;
    const server = await startRaw({
      answer: (head) => (++count === 1 ? switching(head) : hostile[kind]!()),
    });
    const { findings } = await find(server.url, check, {
      options: { timeouts: { total: 700 } },
    });
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.map(({ verdict }) => verdict)).not.toContain("pass");
  });
});

test.each([
  ["messages", quick.messageRate],
  ["sizes", quick.messageSize],
  ["fragments", quick.fragments],
] as const)("frames that break the protocol do not pass for %s", async (_, check) => {
  const server = await startRaw({ upgraded: (socket) => socket.write(Buffer.of(0xf3, 0x05)) });
  expect((await find(server.url, check)).first.verdict).toBe("inconclusive");
});
