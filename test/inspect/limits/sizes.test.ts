/** SZ-1, SZ-2, SZ-3: what is too large, inflates to too much, or comes in too many pieces. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { searchLimit } from "../../../src/inspect/limits/size-search.js";
import { guarded } from "../../serve/guards/guarded.js";
import { start } from "../../serve/running.js";
import { die, find, quick, startWs } from "./looking.js";

const kib = 1024;
const mib = 1024 * kib;

test("the search finds every limit to a step, in few attempts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 1100 }), async (limit) => {
      let attempts = 0;
      const found = await searchLimit(1024, async (size) => {
        attempts++;
        return size <= limit ? "taken" : "refused";
      });
      expect(found).toEqual(
        limit >= 1024 ? { taken: 1024, refused: undefined } : { taken: limit, refused: limit + 1 },
      );
      expect(attempts).toBeLessThanOrEqual(20);
    }),
    { numRuns: 60 },
  );
});

test("SZ-1: 1009 above the limit passes, and the limit is told", async () => {
  const server = await start({ maxPayload: 64 * kib });
  const { first } = await find(server.url, quick.messageSize);
  expect(first).toMatchObject({ rule: "SZ-1", verdict: "pass" });
  expect(first.message).toContain("between 64 KiB, which is taken, and 65 KiB, which is not");
});

test("SZ-1: a high limit is found as closely as 4 MiB allow", async () => {
  const server = await start({ maxPayload: 700 * kib });
  const { first, handshakes } = await find(server.url, quick.messageSize);
  expect(first.verdict).toBe("pass");
  const [, low = 0, high = 0] = /between (\d+) KiB.* and (\d+) KiB/.exec(first.message) ?? [];
  expect(Number(low)).toBeLessThanOrEqual(700);
  expect(Number(high)).toBeGreaterThan(700);
  expect(handshakes).toBeLessThanOrEqual(12);
});

test("SZ-1: a limit below 1 KiB passes too", async () => {
  const server = await start({ maxPayload: 100 });
  const { first } = await find(server.url, quick.messageSize);
  expect(first.verdict).toBe("pass");
  expect(first.message).toContain("below 1 KiB");
});

test("SZ-1: a megabyte taken is only worth knowing", async () => {
  const server = await start({ maxPayload: 16 * mib });
  const { first, handshakes } = await find(server.url, quick.messageSize);
  expect(first.verdict).toBe("info");
  expect(first.message).toContain("1 MiB");
  expect(handshakes).toBe(1);
});

test("SZ-1: too many messages are not taken for one too large", async () => {
  const server = await guarded({ "limit-messages": "5" }, { maxPayload: 2 * mib });
  const { first } = await find(server.url, quick.messageSize);
  expect(first.verdict).toBe("info");
});

const above = (most: number, act: (socket: WebSocket) => void) => (socket: WebSocket) => {
  socket.on("message", (data: Buffer) => {
    if (data.length > most) act(socket);
  });
};

test.each([
  [
    "a cut",
    (socket: WebSocket) => {
      socket.terminate();
    },
    "tentative",
    "cut without",
  ],
  [
    "1011",
    (socket: WebSocket) => {
      socket.close(1011);
    },
    "certain",
    "closed with 1011",
  ],
] as const)("SZ-1: %s in place of 1009 is warned of", async (_, act, confidence, said) => {
  const { url } = await startWs(above(5000, act));
  const { first } = await find(url, quick.messageSize);
  expect(first).toMatchObject({ verdict: "warn", severity: "low", confidence });
  expect(first.message).toContain(said);
  expect(first.message).toContain("between 4 KiB, which is taken, and 5 KiB");
});

test("SZ-1: a server that likes no message at all says nothing of sizes", async () => {
  const { url } = await startWs(above(0, (socket) => socket.close(1003)));
  expect((await find(url, quick.messageSize)).first.verdict).toBe("inconclusive");
});

test("SZ-2: 1009 passes, and the server lives", async () => {
  const server = await start({ compress: true, maxPayload: 64 * kib });
  const { findings, first, handshakes } = await find(server.url, quick.bomb);
  expect(findings).toHaveLength(1);
  expect(first).toMatchObject({ rule: "SZ-2", verdict: "pass" });
  expect(first.message).toMatch(
    /^a message of 1\d\d\d bytes that inflates to 1 MiB is closed with 1009/,
  );
  expect(handshakes).toBe(2);
});

test("SZ-2: taking it is only worth knowing; without compression it is skipped", async () => {
  const large = await start({ compress: true, maxPayload: 16 * mib });
  expect((await find(large.url, quick.bomb)).first.verdict).toBe("info");
  const none = await start({ compress: false });
  const { first, handshakes } = await find(none.url, quick.bomb);
  expect(first.verdict).toBe("skip");
  expect(handshakes).toBe(1);
});

test("SZ-2: a cut connection fails; one that is closed with another code is warned of", async () => {
  const options = { perMessageDeflate: true };
  const cutting = await startWs(
    above(5000, (socket) => socket.terminate()),
    options,
  );
  const { first, findings } = await find(cutting.url, quick.bomb);
  expect(first).toMatchObject({ verdict: "fail", severity: "medium" });
  expect(findings).toHaveLength(1);
  const other = await startWs(
    above(5000, (socket) => socket.close(1011)),
    options,
  );
  expect((await find(other.url, quick.bomb)).first.verdict).toBe("warn");
});

test("SZ-2: pings that are answered no more fail", async () => {
  const { url } = await startWs(
    (socket) => {
      socket.on("ping", (payload: Buffer) => socket.pong(payload));
      above(5000, () => void socket.removeAllListeners("ping"))(socket);
    },
    { perMessageDeflate: true, autoPong: false },
  );
  const { first } = await find(url, quick.bomb);
  expect(first).toMatchObject({ verdict: "fail", severity: "medium" });
  expect(first.message).toContain("a ping is not answered within");
});

test("SZ-2: a server that is gone afterwards fails high", async () => {
  const { url } = await startWs((socket, server) => above(5000, () => die(server))(socket), {
    perMessageDeflate: true,
  });
  const { findings } = await find(url, quick.bomb);
  expect(findings.map(({ verdict, severity }) => [verdict, severity])).toEqual([
    ["fail", "high"],
    ["fail", "medium"],
  ]);
  expect(findings[0]!.message).toContain(
    "the server stopped answering after the compressed message",
  );
});

test("SZ-3: taking all fragments passes, and so does 1008", async () => {
  const server = await start();
  const { first, handshakes } = await find(server.url, quick.fragments);
  expect(first).toMatchObject({ rule: "SZ-3", verdict: "pass" });
  expect(first.message).toContain("is survived");
  expect(handshakes).toBe(2);
  const limited = await startWs(undefined, { maxFragments: 100 });
  const closed = await find(limited.url, quick.fragments);
  expect(closed.first.verdict).toBe("pass");
  expect(closed.first.message).toContain("closed with 1008");
});

test("SZ-3: what is cut, fails, or falls silent does not pass", async () => {
  const act = (then: (socket: WebSocket) => void) => above(2000, then);
  const cutting = await startWs(act((socket) => socket.terminate()));
  const cut = (await find(cutting.url, quick.fragments)).first;
  expect(cut).toMatchObject({ verdict: "warn", severity: "low" });
  const failing = await startWs(act((socket) => socket.close(1011)));
  expect((await find(failing.url, quick.fragments)).first.verdict).toBe("warn");
  const silent = await startWs(
    (socket) => {
      socket.on("ping", (payload: Buffer) => socket.pong(payload));
      act(() => void socket.removeAllListeners("ping"))(socket);
    },
    { autoPong: false },
  );
  expect((await find(silent.url, quick.fragments)).first).toMatchObject({
    verdict: "fail",
    severity: "medium",
  });
});

test("SZ-3: a server that is gone afterwards fails high", async () => {
  const { url } = await startWs((socket, server) => above(2000, () => die(server))(socket));
  const { first } = await find(url, quick.fragments);
  expect(first).toMatchObject({ verdict: "fail", severity: "high", case: "afterwards" });
});
