/** Shows the worker's side of the conversation: open, wait, play, report; or say why it cannot. */
import { describe, expect, test } from "vitest";
import type { FromWorker } from "../../src/cluster/messages.js";
import { Worker } from "../../src/cluster/worker.js";
import type { LoadFlags } from "../../src/scenario/from-flags.js";
import { flowPlan, send, text } from "../load/flow/stage.js";
import { until } from "../load/pair.js";
import { planOf } from "../scenario/flags.js";
import { startWsEcho } from "../support/servers.js";

const probe = {
  cpu: () => 0,
  rss: () => 1,
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};

/** A worker that was given the plan of those flags, and what it says. */
function workerWith(flags: Partial<LoadFlags>) {
  const said: FromWorker[] = [];
  const worker = new Worker(probe, (message) => said.push(message));
  const plan = planOf({ connections: "3", duration: "100ms", ...flags });
  const shard = { index: 0, of: 1, from: 0, to: plan.connections };
  worker.receive({ type: "plan", plan, shard, run: "r", epoch: probe.monotonic() });
  const heard = (type: FromWorker["type"]): boolean => said.some((one) => one.type === type);
  return { worker, said, heard };
}

const spoken = (said: readonly FromWorker[]): string[] =>
  said.map(({ type }) => type).filter((type) => type !== "snapshot");

test("it opens, waits for the start, plays, and its last word comes after its last snapshot", async () => {
  await using server = await startWsEcho();
  const { worker, said, heard } = workerWith({ targets: [server.url] });
  await until(() => heard("opened"));
  expect(server.wss.clients.size).toBe(3);
  expect(spoken(said)).toEqual(["opened"]);
  worker.receive({ type: "start", at: probe.monotonic() });
  await until(() => heard("done"));
  expect(said.slice(-2).map(({ type }) => type)).toEqual(["snapshot", "done"]);
  expect(spoken(said)).toEqual(["opened", "done"]);
  // All of it has to travel between processes.
  expect(JSON.parse(JSON.stringify(said))).toBeDefined();
});

test("a start that comes before it has opened is not forgotten", async () => {
  await using server = await startWsEcho();
  const { worker, said, heard } = workerWith({ targets: [server.url] });
  worker.receive({ type: "start", at: probe.monotonic() });
  await until(() => heard("done"));
  expect(spoken(said)).toEqual(["opened", "done"]);
});

describe("stop", () => {
  test("while it waits ends without traffic", async () => {
    await using server = await startWsEcho();
    const { worker, said, heard } = workerWith({ targets: [server.url] });
    await until(() => heard("opened"));
    worker.receive({ type: "stop" });
    await until(() => heard("done"));
    expect(said.at(-1)).toMatchObject({ finished: { trafficFor: 0, totals: { ws_sessions: 3 } } });
  });

  test("while it opens ends the opening", async () => {
    await using server = await startWsEcho();
    const { worker, heard, said } = workerWith({
      targets: [server.url],
      connections: "1000",
      connectRate: "1",
    });
    await until(() => server.wss.clients.size > 0);
    worker.receive({ type: "stop" });
    await until(() => heard("done"));
    expect(spoken(said)).toEqual(["opened", "done"]);
  });

  test("before any plan does nothing", () => {
    const said: FromWorker[] = [];
    const worker = new Worker(probe, (message) => said.push(message));
    worker.receive({ type: "stop" });
    worker.receive({ type: "start", at: 0 });
    expect(said).toEqual([]);
  });
});

test("a plan that cannot be played is told, with its code and hint", async () => {
  const { said, heard } = workerWith({ targets: ["gopher://example.test/"] });
  await until(() => heard("failed"));
  expect(spoken(said)).toEqual(["failed"]);
  expect(said.at(-1)).toMatchObject({ failure: { code: "WSCTL_EUSAGE" } });
});

describe("virtual users", () => {
  test("open nothing beforehand; a barrier is told, and passed when it is released", async () => {
    await using server = await startWsEcho();
    const said: FromWorker[] = [];
    const worker = new Worker(probe, (message) => said.push(message));
    const plan = flowPlan({
      url: server.url,
      users: 3,
      flow: [
        { name: "b", kind: "barrier", barrier: "all", timeout: 5000 },
        { name: "l", kind: "log", template: "past it" },
      ],
    });
    const shard = { index: 0, of: 1, from: 0, to: 3 };
    worker.receive({ type: "plan", plan, shard, run: "r", epoch: probe.monotonic() });
    await until(() => said.some(({ type }) => type === "opened"));
    expect(server.wss.clients.size).toBe(0);
    worker.receive({ type: "start", at: probe.monotonic() });
    const place = { barrier: "all", round: 0 };
    const barrier = { type: "barrier", ...place, state: "complete", waiting: 3, ask: undefined };
    await until(() => said.some((message) => message.type === "barrier" && message.waiting === 3));
    expect(said.find((message) => message.type === "barrier")).toEqual(barrier);
    worker.receive({ type: "confirm", ...place, ask: 7 });
    expect(said.at(-1)).toEqual({ ...barrier, ask: 7 });
    expect(said.some(({ type }) => type === "log")).toBe(false);
    worker.receive({ type: "release", barrier: "all", round: 0 });
    await until(() => said.some(({ type }) => type === "done"));
    const lines = said.flatMap((message) => (message.type === "log" ? [message.line] : []));
    expect(lines.toSorted()).toEqual(["main 0: past it", "main 1: past it", "main 2: past it"]);
    expect(said.at(-1)).toMatchObject({ finished: { opened: { opened: 3 } } });
  });

  test("whose plan cannot be compiled: the worker says why, and opens nothing", async () => {
    const said: FromWorker[] = [];
    const worker = new Worker(probe, (message) => said.push(message));
    const plan = flowPlan({ url: "ws://127.0.0.1:1/", flow: [send(text("{{ nobody }}"))] });
    const shard = { index: 0, of: 1, from: 0, to: 1 };
    worker.receive({ type: "plan", plan, shard, run: "r", epoch: probe.monotonic() });
    await until(() => said.length > 0);
    expect(said).toMatchObject([{ type: "failed", failure: { code: "WSCTL_EUSAGE" } }]);
  });
});
