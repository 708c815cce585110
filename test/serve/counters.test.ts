/** Holds the counters against what was done, in total, per run and as a sum over processes. */
import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FaultSet } from "../../src/faults/fault-set.js";
import { Counters, Truth } from "../../src/serve/counters.js";
import type { Refusal } from "../../src/serve/guard.js";
import { sumStats } from "../../src/serve/stats-sum.js";
import { ask, closeCode, connect, start, tcp, told, upgradeHead } from "./running.js";

let refusal: Refusal | undefined;

describe("a server counts", () => {
  test("connections, messages, bytes and closes exactly, in total and for a run", async () => {
    const server = await start();
    const one = await connect(server.url, { headers: { "Wsctl-Run": "run-1" } });
    const two = await connect(server.url);
    await ask(one, "héllo");
    await ask(one, "");
    await ask(two, "x".repeat(1000));
    one.close(4001);
    await closeCode(one);
    const run = await told(server, "/stats?run=run-1");
    expect(run).toMatchObject({
      $schema: "wsctl.stats/1",
      connections: { open: 0, opened: 1, peak: 1 },
      messages: { received: 2, sent: 2, delivered: 2 },
      bytes: { received: 6, sent: 6 },
      closes: { 4001: 1 },
      injected: {},
    });
    expect(await told(server, "/stats")).toMatchObject({
      connections: { open: 1, opened: 2, peak: 2 },
      messages: { received: 3, sent: 3, delivered: 3 },
      bytes: { received: 1006, sent: 1006 },
      closes: { 4001: 1 },
    });
  });

  test("what only the mode knows", async () => {
    const server = await start({ mode: { accept() {}, stats: () => ({ rooms: 7 }) } });
    expect(await told(server, "/stats")).toMatchObject({ mode: { rooms: 7 } });
  });

  test("refused upgrades as no run", async () => {
    const server = await start({ paths: ["/chat"], guards: [{ admit: () => refusal }] });
    const headers = { "Wsctl-Run": "refused" };
    refusal = { status: 403, error: "no" };
    await expect(connect(server.url, { headers })).rejects.toThrow("403");
    refusal = undefined;
    await expect(connect(server.url.replace("chat", ""), { headers })).rejects.toThrow("404");
    const bad = await tcp(server.url);
    const head = upgradeHead.replace("/ ", "/chat ").replace("Version: 13", "Version: 7");
    bad.end(head.replace("Host: x", "Host: x\r\nWsctl-Run: refused"));
    expect(String((await once(bad, "data"))[0])).toMatch(/^HTTP\/1\.1 426 /);
    expect(await told(server, "/stats?run=refused")).toEqual({ error: "no such run" });
    await connect(server.url, { headers });
    expect(await told(server, "/stats?run=refused")).toMatchObject({ connections: { open: 1 } });
  });

  test("what faults do to the very first handshake of a run", async () => {
    const faults = new FaultSet({ seed: "s", now: () => performance.now() });
    faults.add("slow-101=1ms");
    const server = await start({ faults });
    const headers = { "Wsctl-Run": "r" };
    await Promise.all([connect(server.url, { headers }), connect(server.url, { headers })]);
    expect(await told(server, "/stats?run=r")).toMatchObject({ injected: { "slow-101": 2 } });
  });

  test("refused upgrades as no connection", async () => {
    const server = await start({ paths: ["/chat"] });
    await expect(connect(server.url.replace("/chat", "/other"))).rejects.toThrow("404");
    expect(await told(server, "/stats")).toMatchObject({ connections: { opened: 0 } });
    expect(server.events).toMatchObject([{ event: "refused", status: 404, path: "/other" }]);
  });
});

test("what left is what was sent, less what did not leave, whatever struck it", () => {
  const counters = new Counters();
  counters.sent = 10;
  counters.undelivered += 3;
  counters.undelivered -= 2;
  counters.injected("drop", 3);
  counters.injected("dup", 1);
  counters.injected("dup", 1);
  counters.injected("delay", 5);
  expect(counters.stats()).toMatchObject({
    messages: { sent: 10, delivered: 9 },
    injected: { drop: 3, dup: 2, delay: 5 },
  });
});

test("run ids of the other side are bounded in number, and no property names", () => {
  const truth = new Truth();
  const enter = (id: string): Counters => truth.enter(id, truth.atTheDoor(id)!);
  for (let n = 0; n < 1500; n++) enter(`run-${n}`);
  expect(truth.known("run-0")).toBeUndefined();
  expect(truth.known("run-1499")).toBeDefined();
  expect(enter("__proto__").stats().messages.sent).toBe(0);
  expect(truth.known("constructor")).toBeUndefined();
  expect(truth.atTheDoor("no spaces")).toBeUndefined();
  expect(truth.atTheDoor("x".repeat(65))).toBeUndefined();
});

test("a run with open connections outlives any number of others", () => {
  const truth = new Truth();
  const enter = (id: string): Counters => truth.enter(id, truth.atTheDoor(id)!);
  enter("early-and-over");
  const open = enter("open");
  open.accepted();
  for (let n = 0; n < 3000; n++) enter(`run-${n}`);
  expect(truth.known("open")).toBe(open);
  expect(truth.known("early-and-over")).toBeUndefined();
  open.closed(1000);
  enter("one more");
  expect(truth.known("open")).toBeUndefined();
});

test("who only knocks makes no run; what happened meanwhile is not lost", () => {
  const truth = new Truth();
  const [one, two] = [truth.atTheDoor("r")!, truth.atTheDoor("r")!];
  expect(truth.known("r")).toBeUndefined();
  one.injected("slow-101", 1);
  two.injected("slow-101", 2);
  const run = truth.enter("r", two);
  expect(truth.enter("r", one)).toBe(run);
  expect(truth.enter("r", truth.atTheDoor("r")!)).toBe(run);
  expect(truth.known("r")?.stats().injected).toEqual({ "slow-101": 3 });
});

test("the sum of parts is what one would have counted", () => {
  const happening = fc.record({
    part: fc.nat(2),
    what: fc.constantFrom("open", "close", "receive", "drop"),
    code: fc.constantFrom(1000, 1001, 1006),
  });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const parts = [new Counters(), new Counters(), new Counters()];
      const whole = new Counters();
      for (const { part, what, code } of happenings) {
        for (const each of [parts[part]!, whole]) {
          if (what === "open") each.accepted();
          else if (what === "close") each.closed(code);
          else if (what === "receive") each.received++;
          else each.injected("drop", 1);
        }
      }
      const { connections, ...rest } = sumStats(parts.map((part) => part.stats()))!;
      const { connections: own, ...expected } = whole.stats();
      expect(rest).toEqual(expected);
      expect(connections).toMatchObject({ open: own.open, opened: own.opened });
      expect(connections.peak).toBeGreaterThanOrEqual(own.peak);
    }),
    { numRuns: 100 },
  );
  expect(sumStats([])).toBeUndefined();
});
