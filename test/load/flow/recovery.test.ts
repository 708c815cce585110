/** Shows what is known of connections that were lost: when, by what, for how long, and where they went. */
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { RecoveryEpisode } from "../../../src/metrics/recovery.js";
import type { PlanEvent } from "../../../src/scenario/flow-plan.js";
import { refusingPort } from "../../dial/raw-server.js";
import { recover, startNode, terminate } from "./recovery-stage.js";
import { byStamp, expecting, scenario, send, text, type Script } from "./stage.js";

const quick = { kind: "fixed", base: 20 } as const;
const at = (ms: number, more: Partial<PlanEvent> = {}): PlanEvent => ({
  at: ms,
  drop: 1,
  how: "reset",
  ...more,
});

describe.concurrent("a flapping server", () => {
  /** The longest that a user was away while seven connections were opened, and how often it dialled. */
  const flap = async (holds: number, resetAfter: number) => {
    await using node = await startNode();
    node.wss.on("connection", (socket) => setTimeout(() => socket.terminate(), holds));
    const reconnect = { kind: "exponential", base: 20, jitter: "none", resetAfter } as const;
    const { recovery } = await node.playUntil(7, { plan: { reconnect } });
    return recovery!.times.max;
  };

  test("does not begin the waits anew", async () => {
    // 20, 40, 80, 160, 320, 640 ms.
    expect(await flap(5, 10_000)).toBeGreaterThanOrEqual(639);
  });

  test("does so with connections that held", async () => {
    expect(await flap(100, 30)).toBeLessThan(600);
  });
});

describe.concurrent("what an event does", () => {
  test.each(["close", "fin", "reset", "silent"] as const)("%s counts as its doing", async (how) => {
    await using node = await startNode();
    const { recovery, totals } = await recover({
      url: node.url,
      users: 10,
      duration: 1800,
      plan: { events: [at(1000, { drop: 0.3, how })], reconnect: quick },
    });
    const [episode, ...others] = recovery!.episodes;
    expect(others).toEqual([]);
    expect(episode!.cause).toEqual({
      kind: "event",
      event: 1,
      round: 1,
      rounds: 1,
      how,
      share: 0.3,
      over: 0,
    });
    expect(episode).toMatchObject({ at: 1000, cut: totals["ws_losses"] });
    expect(episode!.cut).toBeGreaterThan(0);
    expect(episode!.back + episode!.ended).toBe(episode!.cut);
    expect(totals["ws_given_up"]).toBeUndefined();
  });

  test("comes again until the end where it is not said how often, be it to nobody", async () => {
    await using node = await startNode();
    const { recovery, peaks } = await recover({
      url: node.url,
      users: 2,
      duration: 450,
      plan: { events: [at(100, { drop: 0, every: 100 }), at(300, { drop: 0 })] },
    });
    expect(recovery!.episodes.map((one) => one.at)).toEqual([100, 200, 300, 300, 400]);
    expect(recovery!.episodes[0]).toMatchObject({
      cause: { round: 1, rounds: undefined },
      cut: 0,
      took: 0,
      to100: undefined,
    });
    expect(peaks).not.toHaveProperty("ws_recovery_100");
  });
});

describe.concurrent("what nobody planned", () => {
  test("is an episode when many are lost at once, and says how they ended", async () => {
    await using node = await startNode();
    node.when(12, (sockets) => {
      for (const socket of sockets) socket.close(1001, "restart\u001B[2J");
    });
    const { recovery } = await node.playUntil(24, { users: 12, plan: { reconnect: quick } });
    expect(recovery!.episodes).toMatchObject([
      {
        cause: { kind: "losses", ends: [{ what: "1001 by server", count: 12 }] },
        cut: 12,
        back: 12,
        openBefore: 12,
      },
    ]);
    expect(recovery!.moves).toEqual([]);
  });

  test("is not over for those who are still there, though all are let go in the end", async () => {
    await using node = await startNode();
    const away = { kind: "fixed", base: 30_000 } as const;
    const script: Script = {
      url: node.url,
      users: 10,
      // The curve begins before the event: by then all have to be there, on the busiest machine.
      duration: 930,
      plan: { events: [at(600, { drop: 0.5 })], reconnect: away },
    };
    const whole = await recover(script);
    const stopped = await recover({ ...script, duration: 20_000 }, (engine) =>
      setTimeout(() => engine.stop(), 1130),
    );
    for (const { recovery } of [whole, stopped]) {
      const [episode] = recovery!.episodes;
      expect(episode).toMatchObject({ cut: 5, back: 0, ended: 5, fewest: 5 });
      expect(Math.min(...episode!.curve.map(({ open }) => open))).toBe(5);
    }
  });

  test("is none where one of many is lost, nor is what a profile does", async () => {
    await using node = await startNode();
    node.when(20, (sockets) => terminate(sockets.slice(0, 1)));
    const profile = { name: "shaky", readRate: undefined, mute: false };
    const { recovery } = await node.playUntil(26, {
      users: 20,
      plan: { reconnect: quick, profiles: [{ ...profile, share: 0.1, drop: [400, 600] }] },
    });
    expect(recovery!.cut).toBeGreaterThanOrEqual(6);
    expect(recovery!.episodes).toEqual([]);
  });

  test("nothing lost, nothing told", async () => {
    await using node = await startNode();
    const { recovery, peaks } = await node.playUntil(3, { users: 3 });
    expect(recovery).toBeUndefined();
    expect(peaks).toMatchObject({ ws_availability: 1 });
  });
});

describe.concurrent("who does not come back", () => {
  test("is lost for good without a policy, and away for the rest of its time", async () => {
    await using node = await startNode();
    node.when(10, (sockets) => terminate(sockets.slice(0, 5)));
    const { recovery, totals, peaks } = await recover({
      url: node.url,
      users: 10,
      duration: 1500,
    });
    expect(recovery).toMatchObject({
      policy: { kind: "none" },
      cut: 5,
      back: 0,
      lostForGood: 5,
      attempts: 0,
      firstRetries: { count: 0, crowded: 0, at: undefined },
    });
    expect(totals["ws_given_up"]).toBe(5);
    // Half of them for most of the time.
    expect(recovery!.availability).toBeGreaterThan(0.5);
    expect(recovery!.availability).toBeLessThan(0.9);
    expect(peaks).not.toHaveProperty("ws_recovery_50");
  });

  test("gives up after so many attempts", async () => {
    const node = await startNode();
    node.when(4, () => void node.close());
    const { recovery } = await recover({
      url: node.url,
      users: 4,
      plan: { reconnect: { ...quick, attempts: 3 } },
    });
    expect(recovery).toMatchObject({ cut: 4, back: 0, lostForGood: 4, ended: 0, attempts: 12 });
    expect(recovery!.episodes).toMatchObject([{ cut: 4, to50: undefined, fewest: 0 }]);
  });

  test("is overtaken by the end", async () => {
    await using node = await startNode();
    node.when(2, terminate);
    const { recovery, totals } = await recover({
      url: node.url,
      users: 2,
      duration: 1500,
      plan: { reconnect: { kind: "fixed", base: 60_000 } },
    });
    expect(totals["ws_away_at_end"]).toBe(2);
    expect(recovery).toMatchObject({ cut: 2, back: 0, lostForGood: 0, ended: 2, attempts: 0 });
    const [{ at: began, took }] = recovery!.episodes as readonly [RecoveryEpisode];
    expect(began + took).toBeGreaterThan(1490);
    expect(began + took).toBeLessThan(2500);
  });

  test("has lost nothing where there never was a connection", async () => {
    const port = await refusingPort();
    const { recovery } = await recover({ url: `ws://127.0.0.1:${port}/`, duration: 100 });
    expect(recovery).toBeUndefined();
  });
});

describe.concurrent("nodes", () => {
  test("tell where connections went", async () => {
    await using a = await startNode("node-a");
    await using b = await startNode("node\u0007b");
    b.when(4, terminate);
    const { recovery } = await a.playUntil(4, { users: 8, duration: 1800, plan: {} });
    expect(recovery).toBeUndefined();
    const both = await recover(
      { url: [a.url, b.url], users: 8, plan: { reconnect: quick } },
      (engine) => b.when(8, () => engine.stop()),
    );
    const [move, ...others] = both.recovery!.moves;
    expect(others).toEqual([]);
    expect(move!.from).toBe(move!.to);
    expect(move!.from).toMatch(/^node.+b$/);
    expect(move!.from).not.toContain("\u0007");
    expect(move!.connections).toBe(4);
    expect(move!.away.p50).toBeGreaterThanOrEqual(19);
    expect(move!.away.max).toBeGreaterThanOrEqual(move!.away.p50);
  });

  test("may name themselves in another header, and are few", async () => {
    await using node = await startNode("unused");
    let number = 0;
    node.wss.on("headers", (headers) => headers.push(`X-Served-By: n${number++}`));
    node.when(80, terminate);
    const { recovery } = await node.playUntil(160, {
      users: 80,
      plan: { node: "x-served-by", reconnect: quick },
    });
    const names = recovery!.moves.map(({ from }) => from);
    expect(names).toContain("(others)");
    expect(names.filter((name) => !/^(?:n\d+|\(others\))$/.test(name ?? ""))).toEqual([]);
    expect(new Set(names).size).toBeLessThanOrEqual(64);
    const told = recovery!.moves.reduce((sum, { connections }) => sum + connections, 0);
    expect(told + recovery!.furtherMoves).toBe(80);
  });
});

describe.concurrent("what is played on a connection in place of a lost one", () => {
  const resumed = async (answer: string) => {
    await using node = await startNode();
    node.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", () => socket.send(answer));
    });
    node.when(6, (sockets) => terminate(sockets.slice(0, 3)));
    const ask = expecting({ contains: "resumed" }, { within: answer === "no" ? 20 : 5000 });
    const { recovery } = await node.playUntil(9, {
      users: 6,
      plan: { reconnect: quick, onReconnect: [send(text("resume {{ $lastSeq }}"), ask)] },
    });
    return recovery!.resubscribed;
  };

  test("is asked for and confirmed", async () => {
    expect(await resumed("resumed")).toEqual({ verified: true, asked: 3, confirmed: 3, failed: 0 });
  });

  test("has failed where what came is something else", async () => {
    expect(await resumed("no")).toEqual({ verified: true, asked: 3, confirmed: 0, failed: 3 });
  });
});

test("messages missed while away are told, by the ledger of stamps", async () => {
  await using node = await startNode("a");
  // One speaks to all; the listeners are cut once, and what is said meanwhile is lost to them.
  let speaker: WebSocket | undefined;
  node.wss.on("connection", (socket) => {
    socket.removeAllListeners("message");
    socket.on("message", (data, binary) => {
      speaker = socket;
      for (const one of node.wss.clients) if (one !== socket) one.send(data, { binary });
    });
  });
  const speak = { opcode: 1, payload: { kind: "text", template: "{{ $stamp }}" } } as const;
  const { recovery, totals } = await recover(
    {
      url: node.url,
      users: 4,
      correlate: byStamp,
      scenarios: [
        scenario(
          [
            {
              name: "speak",
              kind: "every",
              rate: 100,
              for: 60_000,
              messages: [{ ...speak, fragments: 1, reply: false }],
              expect: undefined,
            },
          ],
          { name: "speaker" },
        ),
        scenario([{ name: "hear", kind: "listen", for: 60_000 }], { name: "hearer", weight: 3 }),
      ],
      plan: { reconnect: { kind: "fixed", base: 200 } },
    },
    (engine) => {
      // What is heard from the speaker's first message on can be missed.
      node.when(4, (sockets) => {
        terminate(sockets.filter((socket) => socket !== speaker).slice(0, 2));
      });
      node.when(6, () => engine.stop());
    },
  );
  expect(recovery).toMatchObject({ cut: 2, back: 2 });
  expect(recovery!.missed).toBe(totals["ws_msg_lost"]);
  expect(recovery!.missed).toBe(totals["ws_msg_missing{where:reconnect}"]);
  expect(recovery!.missed!).toBeGreaterThan(0);
  expect(recovery!.moves[0]).toMatchObject({ from: "a", to: "a", missed: recovery!.missed });
});
