/** Shows that slow readers keep to their rates, whatever they read from, and what is known of them. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { SlowProfile } from "../../../src/metrics/slow-consumers.js";
import type { Plan } from "../../../src/scenario/plan.js";
import type { PlanProfile, PlanStep } from "../../../src/scenario/flow-plan.js";
import { startHttpProxy } from "../../dial/proxies.js";
import { makeCertificates } from "../../support/certificates.js";
import { startWsEcho, type WsEcho, type WsEchoOptions } from "../../support/servers.js";
import { play, type Outcome } from "./stage.js";

const listen: PlanStep = { name: "listen", kind: "listen", for: 60_000 };
const usual: PlanProfile = {
  name: "slow",
  share: 1,
  readRate: undefined,
  drop: undefined,
  mute: false,
};
const hasTables = existsSync("/proc/net/tcp");

/** A server that sends more than any buffer of the kernel holds, in messages of that size. */
async function pushing(options: WsEchoOptions & { size?: number; mebibytes?: number } = {}) {
  const { size = 16 * 1024, mebibytes = 8, ...rest } = options;
  const server = await startWsEcho(rest);
  server.wss.on("connection", (socket: WebSocket) => {
    for (let i = 0; i < (mebibytes * 1024 * 1024) / size; i++) socket.send(Buffer.alloc(size));
  });
  return server;
}

/** Reads at that rate for a second, from a server that has begun to talk. */
async function readAt(
  server: WsEcho,
  readRate: number,
  connection: Partial<Plan["connection"]> = {},
): Promise<Outcome & { profile: SlowProfile }> {
  const profiles = [{ ...usual, readRate }];
  const outcome = await play(
    { url: server.url, duration: 60_000, flow: [listen], plan: { profiles }, connection },
    {},
    (engine) => server.wss.once("connection", () => setTimeout(() => engine.stop(), 1000)),
  );
  return { ...outcome, profile: outcome.finished.flow!.slow!.profiles[0]! };
}

/** Pieces are a quarter of a second's; one more is read at once, and one made up for. */
function expectRate({ read, readFor, rate }: SlowProfile): void {
  const piece = Math.max(16, rate / 4);
  expect(read).toBeGreaterThanOrEqual(Math.min(piece, 64 * 1024));
  expect(read).toBeLessThanOrEqual((rate * readFor) / 1000 + 2 * piece);
}

describe("a slow reader keeps to", () => {
  test.concurrent.each([1000, 20_000, 1_000_000])("%i bytes a second", async (rate) => {
    expectRate((await readAt(await pushing(), rate)).profile);
  });

  test.concurrent("a rate below its messages' sizes, and hands none on before it is whole", async () => {
    const server = await pushing({ size: 100_000 });
    const { totals, finished, profile } = await readAt(server, 4000);
    expect(finished.inTraffic.received).toBe(0);
    expectRate(profile);
    // When it leaves it reads what stands before the answer to its close frame.
    expect(totals).toMatchObject({ "ws_close{by:client,code:1000}": 1 });
    expect(totals["ws_msgs_received"]).toBe(84);
  });

  test("its rate through a proxy, where the socket has a queue of its own", async () => {
    const server = await pushing();
    const proxy = await startHttpProxy({ to: server.port });
    const proxies = [`http://127.0.0.1:${proxy.port}`];
    expectRate((await readAt(server, 20_000, { route: { proxies } })).profile);
  });

  test.concurrent("its rate over TLS, but for what is deciphered at once", async () => {
    const { server: certificate } = await makeCertificates();
    const server = await pushing({ tls: certificate });
    const { profile } = await readAt(server, 100_000, { tls: { insecure: true } });
    expect(profile.read).toBeGreaterThan(20_000);
    expect(profile.read).toBeLessThan(100_000 * (profile.readFor / 1000) + 128 * 1024);
  });
});

test.concurrent("who does not always have something to read gets it at once", async () => {
  let said = 0;
  await using server = await startWsEcho();
  server.wss.on("connection", (socket: WebSocket) => {
    const beat = setInterval(() => socket.send(`${++said}`), 50);
    socket.on("close", () => clearInterval(beat));
  });
  const { finished } = await readAt(server, 1000);
  // But for what is under way at the end.
  expect(finished.inTraffic.received).toBeGreaterThan(said - 4);
});

describe("of slow readers is told", () => {
  test.runIf(hasTables)(
    "what lay unread when they left, on both sides of a connection",
    async () => {
      const { finished, profile } = await readAt(await pushing(), 1000);
      const { connections, received, sending } = profile.unread!;
      expect(connections).toBe(1);
      expect(received.total).toBeGreaterThan(10_000);
      expect(sending!.total).toBeGreaterThan(10_000);
      // What ws itself still holds is in no kernel's queue.
      expect(received.total + sending!.total).toBeLessThanOrEqual(8 * 1024 * 1024 + 2048);
      const { receive, send } = finished.flow!.slow!.buffers!;
      expect(received.most).toBeLessThanOrEqual(receive.most);
      expect(sending!.most).toBeLessThanOrEqual(send.most);
    },
  );

  test.concurrent("how the server ended them, as soon as they read up to there", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket: WebSocket) => {
      socket.send(Buffer.alloc(1000));
      socket.close(1013, "slow consumer");
    });
    const { totals, profile } = await readAt(server, 4000);
    expect(totals["ws_close{by:server,code:1013}"]).toBe(1);
    expect(profile).toMatchObject({ connections: 1, unread: undefined });
    expect(profile.ends).toEqual([
      { code: "1013", by: "server", cause: undefined, count: 1, after: expect.anything() },
    ]);
    expect(profile.read).toBeGreaterThan(1000);
  });

  test.concurrent("nothing where nobody reads slowly", async () => {
    await using server = await startWsEcho();
    const { finished, snapshots } = await play({
      url: server.url,
      duration: 50,
      flow: [{ ...listen, for: 30 }],
    });
    expect(finished.flow!.slow).toBeUndefined();
    expect(snapshots.every(({ profiles }) => profiles === undefined)).toBe(true);
  });
});

test.concurrent("figures of slow and of healthy users are told apart, and sum up to the whole", async () => {
  const { url } = await pushing({ mebibytes: 1 });
  const { totals, snapshots } = await play({
    url,
    users: 10,
    duration: 500,
    flow: [listen],
    plan: {
      profiles: [{ ...usual, share: 0.2, readRate: 1000 }],
      heartbeat: { ping: 50, timeout: 60_000, autoReplies: [] },
    },
  });
  const sum = (key: string, of: "scenarios" | "slow"): number =>
    snapshots.reduce((all, { scenarios, profiles }) => {
      const figures = of === "slow" ? profiles!["slow"]!["main"] : scenarios["main"];
      return all + (figures?.counters[key] ?? 0);
    }, 0);
  expect([sum("ws_sessions", "slow"), sum("ws_sessions", "scenarios")]).toEqual([2, 8]);
  expect(totals).toMatchObject({ ws_sessions: 10, "ws_close{by:client,code:1000}": 10 });
  for (const key of ["ws_bytes_received", "ws_pings_sent"]) {
    expect(sum(key, "slow") + sum(key, "scenarios")).toBe(totals[key]);
  }
});
