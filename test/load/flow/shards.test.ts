/** Shows that what every connection says follows from the plan alone, and not from how it is cut. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Engine } from "../../../src/load/engine.js";
import type { PlanFeeder, PlanScenario, PlanStep } from "../../../src/scenario/flow-plan.js";
import { cut } from "../../../src/scenario/shard.js";
import { startWsEcho, type WsEcho } from "../../support/servers.js";
import { expecting, flowPlan, json, probe, scenario, text, uncorrelated } from "./stage.js";

const mostUsers = 12;
const shards = [2, 3, 4, 5, 6, 7, 8];

let server: WsEcho;
let folder: string;
/** What each connection said, in turn, by the index that its request named. */
let said: Map<string, string[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wsctl-shards-"));
  for (let rows = 1; rows <= mostUsers; rows++) {
    const lines = Array.from({ length: rows }, (_, i) => `name-${i},${i * 7}`);
    await writeFile(join(folder, `${rows}.csv`), ["name,n", ...lines, ""].join("\n"));
  }
  server = await startWsEcho();
  server.wss.on("connection", (socket, request) => {
    const index = String(request.headers["x-index"]);
    socket.on("message", (data) => {
      said.set(index, [...(said.get(index) ?? []), (data as Buffer).toString()]);
    });
  });
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const unheard = { reply: false };
const template = fc.constantFrom(
  "hello",
  "number {{ $index }}",
  "{{ $seq }}",
  "{{ rows.name }} {{ rows.n }}",
  "{{ $randomInt(1,1000000) }}",
  "{{ $uuid }} {{ $seq }} {{ $index }}",
  '{{ $randomString(8) }}/{{ $pick("red", "blue") }}',
  "{{ drawn }} {{ heard }}",
);

const leaf: fc.Arbitrary<PlanStep> = fc.oneof(
  {
    weight: 4,
    arbitrary: template.map((one): PlanStep => ({
      name: "send",
      kind: "send",
      message: text(one, unheard),
      expect: undefined,
    })),
  },
  {
    weight: 2,
    arbitrary: template.map((one): PlanStep => ({
      name: "ask",
      kind: "send",
      message: json({ say: one, row: "{{ rows }}" }),
      expect: expecting(
        { json: "$.say" },
        { within: 5000, captures: [{ json: "$.say", as: "heard" }] },
      ),
    })),
  },
  fc.constant<PlanStep>({
    name: "set",
    kind: "set",
    variables: { drawn: "{{ $randomInt(1,1000) }} {{ rows.name }}" },
  }),
  fc.constant<PlanStep>({ name: "think", kind: "think", for: [0, 2] }),
  fc.constant<PlanStep>({ name: "again", kind: "reconnect" }),
  fc.array(template, { minLength: 1, maxLength: 2 }).map((all): PlanStep => ({
    name: "every",
    kind: "every",
    rate: 250,
    for: 18,
    messages: all.map((one) => text(one, unheard)),
    expect: undefined,
  })),
);

const inner = fc.array(leaf, { minLength: 1, maxLength: 3 });

const step: fc.Arbitrary<PlanStep> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), inner).map(([count, flow]): PlanStep => ({
      name: "loop",
      kind: "loop",
      count,
      over: undefined,
      while: undefined,
      flow,
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(fc.integer({ min: 1, max: 4 }), inner), { minLength: 2, maxLength: 3 })
      .map((options): PlanStep => ({
        name: "choose",
        kind: "choose",
        options: options.map(([weight, flow]) => ({ weight, flow })),
      })),
  },
);

const scenarios = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.array(step, { minLength: 1, maxLength: 4 })), {
    minLength: 1,
    maxLength: 3,
  })
  .map((all): readonly PlanScenario[] =>
    all.map(([weight, flow], number) => {
      const name = `scenario ${number}`;
      const first: PlanStep = {
        name: "first",
        kind: "send",
        message: text(`${name} {{ rows.name }}`, unheard),
        expect: undefined,
      };
      return scenario([first, ...flow], { name, weight });
    }),
  );

/** A plan in small: who there is, what they carry, and what they do. */
const small = fc.record({
  users: fc.integer({ min: 1, max: mostUsers }),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  order: fc.constantFrom<PlanFeeder["order"]>("sequence", "random", "unique"),
  rows: fc.integer({ min: 1, max: 3 }),
  scenarios,
});

type Small = typeof small extends fc.Arbitrary<infer T> ? T : never;

/** Plays it in so many shards; returns what every connection said. */
async function playIn(count: number, { users, seed, order, rows, scenarios: all }: Small) {
  said = new Map();
  const known = order === "unique" ? users : rows;
  const plan = flowPlan({
    url: server.url,
    users,
    scenarios: all,
    correlate: uncorrelated,
    connection: { headers: [["x-index", "{{ $index }}"]] },
    plan: {
      seed,
      variables: { drawn: "nothing yet", heard: "silence" },
      feeders: [
        { name: "rows", path: join(folder, `${known}.csv`), format: "csv", rows: known, order },
      ],
    },
  });
  const engines = cut(users, Math.min(count, users)).map(
    (shard) => new Engine(plan, shard, "r", probe, () => {}),
  );
  await Promise.all(engines.map(async (engine) => engine.open(probe.monotonic())));
  const at = probe.monotonic();
  await Promise.all(engines.map(async (engine) => engine.run(at)));
  await Promise.all(engines.map(async (engine) => engine.close()));
  const finished = engines.map((engine) => engine.finish());
  const lives = finished.reduce((sum, { flow }) => sum + flow!.users.completed, 0);
  const errors = finished.flatMap((one) => one.errors);
  return { lives, errors, said };
}

test("in 1 to 8 shards the same indices say the same, in the same order", async () => {
  await fc.assert(
    fc.asyncProperty(small, async (plan) => {
      const alone = await playIn(1, plan);
      expect(alone.errors).toEqual([]);
      expect(alone.lives).toBe(plan.users);
      expect([...alone.said.keys()].map(Number).toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: plan.users }, (_, index) => index),
      );
      for (const count of shards) expect(await playIn(count, plan)).toEqual(alone);
    }),
    { numRuns: 6 },
  );
}, 30_000);
