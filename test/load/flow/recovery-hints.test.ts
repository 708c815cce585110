/** Shows that what servers ask of those who come again is done, counted, and kept within bounds. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { Header } from "../../../src/frame/upgrade.js";
import { hintOfAnswer, hintOfEnd, longestHint } from "../../../src/load/flow/recovery-hint.js";
import { recover, startNode } from "./recovery-stage.js";

const now = Date.UTC(2026, 10, 21, 12, 0, 0);

function answer(...headers: Header[]) {
  const bytes = Buffer.alloc(0);
  return hintOfAnswer({ httpVersion: "1.1", status: 503, reason: "", headers, bytes }, now);
}

describe("Retry-After", () => {
  test.each([
    ["0", 0],
    ["7", 7000],
    [" 120 ", 120_000],
    ["Sat, 21 Nov 2026 12:00:30 GMT", 30_000],
    ["Saturday, 21-Nov-26 12:00:30 GMT", 30_000],
    ["Sat Nov 21 12:00:30 2026", 30_000],
    // What is over is no pause.
    ["Fri, 20 Nov 2026 12:00:00 GMT", 0],
    ["999999999999", 999_999_999_999_000],
  ])("%s is a pause", (value, least) => {
    expect(answer(["retry-AFTER", value])).toEqual({ hint: "retry-after", least });
  });

  test.each([
    "",
    "-1",
    "1.5",
    "soon",
    "1e3",
    "2026-11-21",
    "Sat, 99 Foo",
    `Sat, ${"x".repeat(100)}`,
  ])("%j is not understood", (value) => {
    expect(answer(["Retry-After", value])).toEqual({ hint: "retry-after", least: undefined });
    expect(answer(["Server", value])).toBeUndefined();
  });
});

describe("a close frame", () => {
  test.each([
    ["1012 by server", "1012", 0],
    ["1013 by server", "1013", 0],
    ["1013 by server: 5s", "1013", 5000],
    ["1013 by server: 250 ms", "1013", 250],
    ["1012 by server: 30", "1012", 30_000],
    ["1012 by server: please retry after 2 minutes", "1012", 120_000],
    ["1013 by server: overloaded, retry-after: 1.5", "1013", 1500],
    ["1013 by server: Retry in 3 seconds.", "1013", 3000],
    ["1013 by server: 503 overloaded", "1013", 0],
    ["1013 by server: node 7", "1013", 0],
    ["1013 by server: retry\nafter", "1013", 0],
  ])("%s", (end, hint, least) => {
    expect(hintOfEnd(end)).toEqual({ hint, least });
  });

  test.each(["1011 by server: retry after 5s", "1013 by client", "1006 by server (fin)", ""])(
    "%j asks for nothing",
    (end) => expect(hintOfEnd(end)).toBeUndefined(),
  );
});

describe.concurrent("a server that asks for a pause", () => {
  const first = { kind: "fixed", base: 10 } as const;

  const pause = async (reason: string, hints: "honour" | "ignore", until: number) => {
    await using node = await startNode();
    node.when(4, (sockets) => {
      for (const socket of sockets) socket.close(1013, reason);
    });
    const script = { users: 4, plan: { reconnect: { ...first, hints } } };
    const { recovery, totals } =
      until > 0
        ? await node.playUntil(until, script)
        : await recover({ url: node.url, duration: 1500, ...script });
    return { recovery: recovery!, totals };
  };

  test("with 1013 gets it", async () => {
    const { recovery, totals } = await pause("retry after 700ms", "honour", 8);
    expect(recovery).toMatchObject({ cut: 4, back: 4 });
    expect(recovery.times.min).toBeGreaterThanOrEqual(699);
    expect(recovery.hints).toEqual([{ hint: "1013", honoured: 4, capped: 0, ignored: 0 }]);
    expect(totals["ws_reconnect_hints{hint:1013,taken:honoured}"]).toBe(4);
  });

  test("is not heard where hints are ignored", async () => {
    const { recovery } = await pause("retry after 50s", "ignore", 8);
    expect(recovery).toMatchObject({ cut: 4, back: 4, policy: { hints: "ignore" } });
    expect(recovery.hints).toEqual([{ hint: "1013", honoured: 0, capped: 0, ignored: 4 }]);
  });

  test("for longer than anyone waits is told so", async () => {
    expect(longestHint).toBe(60_000);
    const { recovery } = await pause("retry after 2h", "honour", 0);
    expect(recovery).toMatchObject({ cut: 4, back: 0, ended: 4, attempts: 0 });
    expect(recovery.hints).toEqual([{ hint: "1013", honoured: 0, capped: 4, ignored: 0 }]);
  });

  test("in words that nobody understands is told so, and the policy's own wait stands", async () => {
    const server = http.createServer();
    let stop = (): void => {};
    let asked = 0;
    server.on("upgrade", (_request, socket) => {
      if (++asked === 3) setTimeout(() => stop(), 100);
      socket.on("error", () => {});
      socket.end("HTTP/1.1 503 Busy\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n");
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    try {
      const { totals } = await recover(
        { url: `ws://127.0.0.1:${port}/`, plan: { reconnect: first } },
        (engine) => (stop = () => engine.stop()),
      );
      expect(
        totals["ws_reconnect_hints{hint:retry-after,taken:not-understood}"],
      ).toBeGreaterThanOrEqual(2);
      expect(totals["ws_reconnect_hints{hint:retry-after,taken:honoured}"]).toBeUndefined();
    } finally {
      server.close();
    }
  });

  test("by refusing an upgrade with Retry-After gets it", async () => {
    const asked: number[] = [];
    const server = http.createServer();
    let stop = (): void => {};
    server.on("upgrade", (_request, socket) => {
      if (asked.push(performance.now()) === 2) setTimeout(() => stop(), 100);
      socket.on("error", () => {});
      socket.end(
        "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      );
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    try {
      const { totals } = await recover(
        { url: `ws://127.0.0.1:${port}/`, plan: { reconnect: first } },
        (engine) => (stop = () => engine.stop()),
      );
      expect(asked.length).toBe(2);
      expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(999);
      expect(totals["ws_reconnect_hints{hint:retry-after,taken:honoured}"]).toBeGreaterThanOrEqual(
        1,
      );
    } finally {
      server.close();
    }
  });
});
