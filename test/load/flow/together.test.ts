/** Shows what users do together: barriers over workers, stamped messages from one to all, one seed. */
import { describe, expect, test, vi } from "vitest";
import { Barriers } from "../../../src/cluster/barriers.js";
import { Engine } from "../../../src/load/engine.js";
import { User } from "../../../src/load/flow/user.js";
import { cut } from "../../../src/scenario/shard.js";
import type { PlanStep } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import {
  byStamp,
  expecting,
  flowPlan,
  json,
  play,
  probe,
  scenario,
  send,
  text,
  uncorrelated,
  type Script,
} from "./stage.js";

const barrier = (timeout: number, name = "all"): PlanStep => ({
  name,
  kind: "barrier",
  barrier: name,
  timeout,
});
const think = (from: number, to = from): PlanStep => ({
  name: "think",
  kind: "think",
  for: [from, to],
});

/** Plays a script on several workers, which meet at barriers as in a run. */
async function playOn(workers: number, script: Script) {
  const plan = flowPlan(script);
  const releases: string[] = [];
  const meet: Barriers = new Barriers(Array(workers).keys(), (message) => {
    const { type, barrier: name, round } = message;
    if (type === "release") releases.push(`${name} ${round}`);
    for (const engine of engines) {
      if (type === "release") engine.release(name, round);
      else engine.confirm(name, round, message.ask);
    }
  });
  const engines = cut(plan.connections, workers).map(
    (shard): Engine =>
      new Engine(plan, shard, "r", probe, () => {}, {
        barrier: (state) => meet.hear(shard.index, state),
      }),
  );
  const epoch = probe.monotonic();
  await Promise.all(engines.map(async (engine) => engine.open(epoch)));
  const at = probe.monotonic() + 1;
  await Promise.all(engines.map(async (engine) => engine.run(at)));
  await Promise.all(engines.map(async (engine) => engine.close()));
  return { finished: engines.map((engine) => engine.finish()), releases };
}

/** A server that keeps what it hears, by connection. */
async function listening() {
  const server = await startWsEcho();
  const heard: { readonly at: number; readonly text: string }[] = [];
  server.wss.on("connection", (socket) => {
    socket.on("message", (data) =>
      heard.push({ at: performance.now(), text: (data as Buffer).toString() }),
    );
  });
  return { server, heard };
}

describe("a barrier", () => {
  test.each([1, 2, 3])(
    "holds everybody until the last has come, on %d workers",
    async (workers) => {
      const { server, heard } = await listening();
      const { releases, finished } = await playOn(workers, {
        url: server.url,
        users: 6,
        flow: [
          think(0, 80),
          send(text("before")),
          barrier(5000),
          send(text("after")),
          think(0, 30),
          send(text("again")),
          barrier(5000),
          send(text("last")),
        ],
        correlate: uncorrelated,
      });
      expect(heard).toHaveLength(24);
      expect(heard.slice(0, 6).every((each) => each.text === "before")).toBe(true);
      expect(heard.slice(18).every((each) => each.text === "last")).toBe(true);
      expect(releases).toEqual(["all 0", "all 1"]);
      expect(
        finished.every(({ flow }) => flow!.expectations.every(({ failed }) => failed === 0)),
      ).toBe(true);
      await server.close();
    },
  );

  test("that not everybody reaches is passed after its timeout, and counted as failed", async () => {
    await using server = await startWsEcho();
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      scenarios: [
        scenario([
          {
            name: "c",
            kind: "choose",
            options: [{ weight: 1, flow: [barrier(40)] }],
          },
          send(text("x")),
        ]),
        scenario([think(300), barrier(40)], { name: "late" }),
      ],
    });
    expect(totals["ws_msgs_sent"]).toBe(1);
    expect(totals["checks{result:fail}"]).toBeGreaterThanOrEqual(1);
    expect(finished.flow!.expectations.find(({ scenario: name }) => name === "main")).toMatchObject(
      {
        failed: 1,
        example: "not everybody came within 40 ms",
      },
    );
  });

  test("tells when others can come by now: what was complete is so no longer", async () => {
    await using server = await startWsEcho();
    const told: string[] = [];
    await play(
      {
        url: server.url,
        users: 2,
        duration: 1400,
        // It comes long before the other one is near enough to be waited for, and waits until then.
        flow: [think(50), barrier(600)],
        plan: {
          load: {
            kind: "population",
            maxConnections: undefined,
            stages: [
              { name: "one", duration: 1100, from: 1, to: 1 },
              { name: "two", duration: 300, from: 2, to: 2 },
            ],
          },
        },
      },
      { barrier: ({ state, waiting, ask }) => told.push(`${state} ${waiting} ${ask}`) },
    );
    expect(told.slice(0, 2)).toEqual(["complete 1 undefined", "incomplete 1 undefined"]);
  });

  test("released while a user greets the server anew does not keep it busy", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      socket.on("message", (data) => {
        if ((data as Buffer).toString() === "cut me") setTimeout(() => socket.terminate(), 20);
      });
    });
    const wake = vi.spyOn(User.prototype, "wake");
    const { releases, finished } = await playOn(1, {
      url: server.url,
      users: 2,
      duration: 1200,
      scenarios: [
        scenario([send(text("cut me")), barrier(5000), send(text("past it"))]),
        scenario([think(200), barrier(5000), send(text("past it"))], { name: "late" }),
      ],
      correlate: uncorrelated,
      plan: { reconnect: { kind: "fixed", base: 20 }, onReconnect: [think(600)] },
    });
    expect(releases).toEqual(["all 0"]);
    expect(finished[0]!.totals["ws_msgs_sent"]).toBe(3);
    expect(finished[0]!.totals["ws_reconnects"]).toBe(1);
    expect(wake.mock.calls.length).toBeLessThan(100);
    wake.mockRestore();
    await server.close();
  });

  test("does not wait for those who have ended", async () => {
    await using server = await startWsEcho();
    const releases: number[] = [];
    const engines: Engine[] = [];
    const { totals } = await play(
      {
        url: server.url,
        users: 4,
        flow: [
          {
            name: "c",
            kind: "choose",
            options: [
              { weight: 1, flow: [{ name: "x", kind: "close", code: 1000, reason: "" }] },
              { weight: 1, flow: [] },
            ],
          },
          barrier(4000),
          send(text("x")),
        ],
      },
      {
        barrier: ({ barrier: name, round, state, waiting }) => {
          if (state === "incomplete" || waiting === 0) return;
          releases.push(round);
          engines[0]!.release(name, round);
        },
      },
      (engine) => engines.push(engine),
    );
    expect(totals["checks{result:fail}"]).toBeUndefined();
    expect(releases.length).toBeLessThanOrEqual(1);
  });
});

describe("one seed", () => {
  test("says the same, whatever the number of workers", async () => {
    const said = async (workers: number): Promise<string[]> => {
      const { server, heard } = await listening();
      await playOn(workers, {
        url: server.url,
        users: 7,
        scenarios: [
          scenario(
            [
              {
                name: "l",
                kind: "loop",
                count: 12,
                over: undefined,
                while: undefined,
                flow: [
                  send(text("{{ $index }} {{ $seq }} {{ $randomInt(1,6) }} {{ $uuid }}")),
                  send(json({ of: "{{ $index }}", r: "{{ $randomInt(1,1000) }}" })),
                  send(text("{{ $uuid }} {{ $seq }}")),
                  think(0, 2),
                ],
              },
            ],
            { weight: 3 },
          ),
          scenario([send(text("{{ $randomString(8) }}"))], { name: "other" }),
        ],
        correlate: uncorrelated,
      });
      await server.close();
      return heard.map((each) => each.text).toSorted();
    };
    const alone = await said(1);
    expect(alone.length).toBeGreaterThan(100);
    expect(new Set(alone).size).toBeGreaterThan(100);
    expect(await said(3)).toEqual(alone);
  });
});

describe("stamps", () => {
  test("measure the way to oneself and to others, and tell what was lost, doubled, reordered", async () => {
    await using server = await startWsEcho();
    let count = 0;
    server.wss.on("connection", (socket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => {
        const message = (data as Buffer).toString();
        const n = ++count;
        // Everybody hears everything but: the 5th is lost, the 8th comes twice, the 11th has a bit changed.
        for (const client of server.wss.clients) {
          if (n === 5) continue;
          client.send(n === 11 ? message.replace(/ws1~./, "ws1~v") : message);
          if (n === 8) client.send(message);
        }
      });
    });
    const { totals, finished, snapshots } = await play({
      url: server.url,
      users: 3,
      scenarios: [
        scenario(
          [
            // By then everybody is there, on a busy machine as well.
            think(400),
            {
              name: "e",
              kind: "every",
              rate: 100,
              for: 200,
              messages: [json({ at: "{{ $stamp }}" })],
              expect: undefined,
            },
            think(100),
          ],
          { name: "speaker" },
        ),
        scenario([think(1100)], { name: "listener", weight: 2 }),
      ],
      correlate: { ...byStamp, timeout: 600 },
    });
    expect(totals).toMatchObject({
      ws_msg_stamped: 20,
      ws_msg_expected: 20,
      ws_msg_answered: 18,
      ws_msg_timeout: 2,
      ws_msg_delivered: 3 * 18,
      // Of the damaged one everybody knows which it was: it is not lost.
      ws_msg_lost: 3,
      ws_msg_duplicate: 3,
      ws_msg_corrupt: 3,
      ws_msg_extra: 1,
      "ws_seq_gap{where:connected}": 3,
    });
    expect(finished.errors.map(({ what, count: times }) => [what, times])).toEqual(
      expect.arrayContaining([
        ["stamp corrupt", 3],
        ["stamped messages lost", 3],
        ["stamped message came twice", 3],
      ]),
    );
    expect(snapshots.some(({ scenarios }) => scenarios["listener"]!.trends["ws_delivery"])).toBe(
      true,
    );
    expect(totals["ws_msg_unmatched"]).toBeUndefined();
  });
});

describe("a server that does not read", () => {
  test("blocks users: nothing grows, what was due keeps its time, and is told as overdue", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => socket.pause());
    const { totals, finished, snapshots } = await play({
      url: server.url,
      users: 1,
      duration: 500,
      gracefulStop: 100,
      flow: [
        {
          name: "e",
          kind: "every",
          rate: 2000,
          for: 10_000,
          messages: [text("x".repeat(32 * 1024), { reply: false })],
          expect: undefined,
        },
      ],
      correlate: uncorrelated,
    });
    const { due, sent } = finished.schedule;
    expect(sent).toBe(totals["ws_msgs_sent"]);
    expect(due).toBe(sent + totals["ws_msg_overdue"]!);
    expect(totals["ws_msg_overdue"]).toBeGreaterThan(100);
    const queued = Math.max(...snapshots.map(({ gauges }) => gauges["ws_backpressure"]!));
    expect(queued).toBeLessThan(256 * 1024);
  });
});

test("a send with an expectation waits for a blocked socket without being skipped", async () => {
  await using server = await startWsEcho();
  server.wss.on("connection", (socket) => {
    socket.pause();
    setTimeout(() => socket.resume(), 150);
  });
  const { totals } = await play({
    url: server.url,
    flow: [
      send(text("y".repeat(12 * 1024 ** 2), { reply: false })),
      send(text("z"), expecting({ text: "z" }, { within: 5000 })),
    ],
    correlate: uncorrelated,
    duration: 5000,
  });
  expect(totals).toMatchObject({ ws_msgs_sent: 2, "checks{result:pass}": 1 });
});
