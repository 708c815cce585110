/** Shows that a service's own numbers are held in the ledger as its scenario says. */
import { afterEach, describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { Incoming } from "../../../src/load/flow/incoming.js";
import type { Receiver } from "../../../src/load/flow/delivery-book.js";
import { Sequences } from "../../../src/load/flow/sequences.js";
import { Meter } from "../../../src/load/meter.js";
import type { PlanSequence } from "../../../src/scenario/flow-plan.js";
import { startWsEcho } from "../../support/servers.js";
import { play, scenario, send, text, uncorrelated } from "./stage.js";

const usual: PlanSequence = {
  number: "$.seq",
  sender: "$.from",
  of: undefined,
  match: undefined,
  start: undefined,
  per: "sender",
};

/** A worker's ledger, and one user who listens. */
function ledger(changed: Partial<PlanSequence> = {}, mostStreams = 1000) {
  const meter = new Meter(0);
  const scope = meter.scenario("main");
  const sequences = new Sequences({ ...usual, ...changed }, mostStreams, meter, () => 0);
  const missed: number[] = [];
  const receiver = {
    index: 3,
    scope,
    context: { lastSeq: 0 },
    role: { name: "main" },
    epoch: 1,
    streams: undefined as Receiver["streams"],
    missed: (count: number) => void missed.push(count),
  };
  const incoming = new Incoming();
  const hearText = (message: string): void => {
    const bytes = Buffer.from(message);
    incoming.take(1, bytes, 0, bytes.length);
    sequences.receive(receiver, incoming, performance.now());
  };
  const hear = (from: unknown, ...numbers: readonly unknown[]): void => {
    for (const seq of numbers) hearText(JSON.stringify({ op: "said", from, seq, room: "a" }));
  };
  const counts = () => {
    const { ws_msg_delivered: delivered, ws_msg_lost: lost } = scope.hot;
    const { ws_msg_duplicate: duplicate, ws_msg_reordered: reordered } = scope.hot;
    return { delivered, lost, duplicate, reordered, unfollowed: scope.hot.ws_msg_unfollowed };
  };
  const finish = () => {
    sequences.finish(receiver);
    return counts();
  };
  return { sequences, receiver, hear, hearText, finish, scope, missed, meter };
}

const nothing = { delivered: 0, lost: 0, duplicate: 0, reordered: 0, unfollowed: 0 };

describe("numbers", () => {
  test("each sender counts for itself", () => {
    const { hear, finish, sequences } = ledger();
    hear("ada", 5, 6, 9);
    hear("bob", 1, 2, 2, 4, 3);
    hear(7, 1, 2);
    expect(finish()).toEqual({ ...nothing, delivered: 9, lost: 2, duplicate: 1, reordered: 1 });
    const { senders, receivers, pairs, by } = sequences.part();
    expect(by).toBe("sequence");
    expect(senders.map(({ who, lost }) => [who, lost])).toEqual([
      ["ada", 2],
      ["bob", 0],
      ["7", 0],
    ]);
    expect(receivers).toMatchObject({ known: 1, amiss: 1, worst: [{ who: "user 3 (main)" }] });
    expect(pairs.worst.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      "ada → user 3 (main)",
      "bob → user 3 (main)",
    ]);
  });

  test("may stand in quotation marks; anything else is no number", () => {
    const { hear, hearText, finish } = ledger();
    hear("ada", "7", "8", -1, 1.5, null, "9x", "", [10], { n: 11 }, true, 2 ** 60);
    hearText("no JSON");
    hearText('{"from":"ada"}');
    hearText('{"seq":12}');
    hearText('{"seq":12,"from":["ada"]}');
    expect(finish()).toEqual({ ...nothing, delivered: 2 });
  });

  test("of what a sender counts apart are streams of their own", () => {
    const { hearText, finish, sequences } = ledger({ of: "$.room" });
    for (const [room, seq] of [
      ["a", 1],
      ["b", 1],
      ["a", 2],
      ["b", 3],
    ] as const) {
      hearText(JSON.stringify({ from: "ada", seq, room }));
    }
    expect(finish()).toEqual({ ...nothing, delivered: 4, lost: 1 });
    expect(sequences.part().senders.map(({ who }) => who)).toEqual(["ada in b", "ada in a"]);
  });

  test("without a path to the sender the server is the only one", () => {
    const { hearText, finish, sequences } = ledger({ sender: undefined });
    for (const seq of [4, 5, 7]) hearText(`{"seq":${seq}}`);
    expect(finish()).toEqual({ ...nothing, delivered: 3, lost: 1 });
    expect(sequences.part().senders).toMatchObject([{ who: "the server", lost: 1 }]);
  });

  test("only what matches is looked at", () => {
    const { hear, hearText, finish } = ledger({ match: { json: "$.op", equals: "said" } });
    hearText('{"op":"ok","from":"ada","seq":40}');
    hear("ada", 1, 2);
    expect(finish()).toEqual({ ...nothing, delivered: 2 });
  });

  test("with a start, what is missing before the first that came is lost", () => {
    const { hear, finish } = ledger({ start: 1 });
    hear("ada", 4, 5);
    hear("bob", 1, 2);
    hear("eve", 0, 1);
    expect(finish()).toEqual({ ...nothing, delivered: 6, lost: 3 });
  });

  test("the last one is known to templates", () => {
    const { hear, receiver } = ledger();
    hear("ada", 17);
    hear("bob", 4);
    expect(receiver.context.lastSeq).toBe(4);
  });
});

describe("a reconnect", () => {
  test("is told apart, in messages", () => {
    const { hear, receiver, finish, scope, missed, sequences } = ledger();
    hear("ada", 1, 2, 4);
    receiver.epoch += 2;
    hear("ada", 10, 12);
    expect(finish()).toEqual({ ...nothing, delivered: 5, lost: 7 });
    const where = (name: string): number => scope.counter("ws_msg_missing", { where: name }).value;
    expect([where("connected"), where("reconnect")]).toEqual([2, 5]);
    expect(missed.reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(sequences.part()).toMatchObject({
      senders: [{ who: "ada", delivered: 5, lost: 7, missed: 5 }],
      examples: [
        { what: "lost", where: "connected", first: 3, last: 3, count: 1, from: "ada" },
        { what: "lost", where: "reconnect", first: 5, last: 9, count: 5 },
        { what: "lost", where: "connected", first: 11, last: 11, count: 1 },
      ],
    });
  });

  test("what is sent again after it fills the gap", () => {
    const { hear, receiver, finish } = ledger();
    hear("ada", 1, 2);
    receiver.epoch += 2;
    hear("ada", 2, 3, 4, 5);
    expect(finish()).toEqual({ ...nothing, delivered: 5, duplicate: 1 });
  });

  test("where numbers begin anew with each connection, nothing is lost between two", () => {
    const { hear, receiver, finish } = ledger({ per: "connection", start: 1 });
    hear("ada", 1, 2, 4);
    receiver.epoch += 2;
    hear("ada", 1, 3);
    expect(finish()).toEqual({ ...nothing, delivered: 5, lost: 2 });
  });
});

describe("a hostile server", () => {
  test("cannot make it keep more senders, longer names or more streams than there is room for", () => {
    const { hear, finish, sequences } = ledger({}, 50);
    for (let n = 0; n < 60; n++) hear(`sender ${n}`, 1, 3);
    hear("x".repeat(1000), 1, 3);
    expect(finish()).toEqual({ ...nothing, delivered: 122, lost: 50, unfollowed: 22 });
    const { senders, pairs } = sequences.part();
    expect(senders).toHaveLength(50);
    expect(pairs.worst).toHaveLength(20);
  });

  test("can skip any number of numbers, and go back", () => {
    const { hear, finish } = ledger();
    hear("ada", 1, 2 ** 53 - 1, 5, 2 ** 52);
    expect(finish()).toEqual({ ...nothing, delivered: 2, duplicate: 2, lost: 2 ** 53 - 3 });
  });
});

describe("a play", () => {
  const servers: { close(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  test("holds what the server numbers beside stamps, and what came back is not unmatched", async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket: WebSocket) => {
      for (const seq of [1, 2, 4, 4]) socket.send(JSON.stringify({ from: "node", seq }));
    });
    const { totals, finished } = await play({
      url: server.url,
      users: 2,
      correlate: { by: "stamp", timeout: 1000 },
      scenarios: [
        scenario([send(text("{{ $stamp }}")), { name: "listen", kind: "listen", for: 200 }]),
      ],
      plan: { sequence: usual },
    });
    // Stamps find replies, and are in no ledger.
    expect(totals).toMatchObject({
      ws_msg_answered: 2,
      ws_msg_delivered: 6,
      ws_msg_lost: 2,
      ws_msg_duplicate: 2,
      "ws_msg_missing{where:connected}": 2,
    });
    expect(totals["ws_msg_unmatched"]).toBeUndefined();
    expect(finished.flow!.delivery).toMatchObject({
      by: "sequence",
      senders: [{ who: "node", delivered: 6, lost: 2 }],
    });
  });

  test("what users answer by themselves is numbered as well", async () => {
    await using server = await startWsEcho();
    const answers: string[] = [];
    server.wss.on("connection", (socket: WebSocket) => {
      socket.removeAllListeners("message");
      socket.on("message", (data) => answers.push((data as Buffer).toString()));
      for (let seq = 1; seq <= 30; seq++) {
        socket.send(JSON.stringify({ op: seq % 10 === 0 ? "hb" : "said", seq, from: "node" }));
      }
    });
    const { totals } = await play({
      url: server.url,
      correlate: uncorrelated,
      flow: [{ name: "listen", kind: "listen", for: 200 }],
      plan: {
        sequence: usual,
        heartbeat: {
          ping: undefined,
          timeout: 1000,
          autoReplies: [
            { match: { json: "$.op", equals: "hb" }, send: text("ack {{ $lastSeq }}") },
          ],
        },
      },
    });
    expect(totals).toMatchObject({ ws_msg_delivered: 30, ws_auto_replies: 3 });
    expect(totals["ws_msg_lost"]).toBeUndefined();
    expect(totals["ws_msg_unmatched"]).toBeUndefined();
    expect(answers).toEqual(["ack 10", "ack 20", "ack 30"]);
  });

  test("who is cut and comes again has missed what was said meanwhile", async () => {
    await using server = await startWsEcho();
    let connections = 0;
    server.wss.on("connection", (socket: WebSocket) => {
      const first = ++connections === 1;
      for (const seq of first ? [1, 2] : [6, 7]) socket.send(JSON.stringify({ seq, from: "node" }));
      if (first) setTimeout(() => socket.terminate(), 20);
    });
    const { totals } = await play({
      url: server.url,
      correlate: uncorrelated,
      flow: [{ name: "listen", kind: "listen", for: 300 }],
      plan: { sequence: usual, reconnect: { kind: "fixed", base: 10 } },
    });
    expect(totals).toMatchObject({
      ws_reconnects: 1,
      ws_msg_delivered: 4,
      ws_msg_lost: 3,
      "ws_msg_missing{where:reconnect}": 3,
      "ws_seq_gap{where:reconnect}": 1,
    });
  });
});
