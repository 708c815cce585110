/** Shows how replies find their requests: in any order, late, doubled, unasked. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { correlators } from "../../../src/load/flow/correlate/correlators.js";
import type { Correlator } from "../../../src/load/flow/correlate/correlator.js";
import { RequestPool } from "../../../src/load/flow/correlate/request.js";
import { Incoming } from "../../../src/load/flow/incoming.js";
import type { JsonValue } from "../../../src/message/json.js";

const incoming = new Incoming();

function setUp(by: keyof typeof correlators, timeout = 1000) {
  const pool = new RequestPool();
  const correlator: Correlator = correlators[by]({
    pool,
    timeout,
    idOf: ({ view }) => view.json,
  });
  return {
    correlator,
    ask: (key: JsonValue, at = 0) => {
      const request = pool.take(at, key, 0, undefined);
      correlator.add(request);
      request.written = at;
      return request;
    },
    hear: (value: JsonValue, now = 0) => {
      const bytes = Buffer.from(JSON.stringify(value));
      incoming.take(1, bytes, 0, bytes.length);
      return correlator.receive(incoming, now);
    },
    giveUp: (limit: number, now = limit) => {
      let count = 0;
      while (correlator.expire(limit, now)) count++;
      return count;
    },
  };
}

describe("by id", () => {
  test("answers come in any order; each finds its own request", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(40).keys()]), (order) => {
        const { ask, hear, correlator, giveUp } = setUp("id");
        for (let id = 0; id < 40; id++) ask(id, id);
        for (const id of order) {
          expect(hear(id)).toBe("answer");
          expect(correlator.matched!.intended).toBe(id);
        }
        expect(correlator.waiting).toBe(40 - order.length);
        expect(giveUp(1000)).toBe(40 - order.length);
        expect(correlator.waiting).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("several answers to one are told from none; strange ones from both", () => {
    const { ask, hear } = setUp("id");
    expect(hear("x")).toBe("unmatched");
    ask("x");
    expect([hear("x"), hear("x"), hear("x"), hear("y"), hear({ push: 1 })]).toEqual([
      "answer",
      "extra",
      "extra",
      "unmatched",
      "unmatched",
    ]);
  });

  test("late answers, and further ones to those", () => {
    const { ask, hear, giveUp } = setUp("id");
    ask("a", 0);
    ask("b", 10);
    expect(giveUp(5)).toBe(1);
    expect([hear("a"), hear("a"), hear("b")]).toEqual(["late", "extra", "answer"]);
    expect(giveUp(100)).toBe(0);
  });

  test('1 and "1" are different ids; objects are the same when their JSON is', () => {
    const { ask, hear } = setUp("id");
    ask(1);
    ask({ a: 1 });
    expect([hear("1"), hear(1), hear({ a: 1 })]).toEqual(["unmatched", "answer", "answer"]);
  });

  test("the same id twice: the first answer is for the older one", () => {
    const { ask, hear, correlator } = setUp("id");
    ask("same", 1);
    ask("same", 2);
    ask("same", 3);
    const intended = [1, 2, 3].map(() => {
      expect(hear("same")).toBe("answer");
      return correlator.matched!.intended;
    });
    expect(intended).toEqual([1, 2, 3]);
    expect(hear("same")).toBe("extra");
    expect(correlator.waiting).toBe(0);
  });

  test("what is settled is forgotten after the timeout, and at the latest when it is too much", () => {
    const { ask, hear, giveUp } = setUp("id", 100);
    ask("old");
    hear("old", 0);
    giveUp(-1, 50);
    expect(hear("old", 50)).toBe("extra");
    // The first sweep for a long time cannot know when the last of them came.
    giveUp(-1, 200);
    giveUp(-1, 300);
    expect(hear("old", 300)).toBe("unmatched");
    for (let i = 0; i < 3000; i++) {
      ask(i, 300);
      hear(i, 300);
    }
    giveUp(0, 300);
    expect([hear(0, 300), hear(1976, 300), hear(2999, 300)]).toEqual([
      "unmatched",
      "extra",
      "extra",
    ]);
  });

  test("the same id again while a late answer to the older one may come: pairing is lost", () => {
    const { ask, hear, correlator, giveUp } = setUp("id");
    ask("same", 1);
    ask("same", 20);
    ask("same", 30);
    expect(giveUp(10)).toBe(1);
    expect(correlator.pairingLost).toBe(false);
    expect([hear("same"), correlator.matched!.intended]).toEqual(["answer", 20]);
    expect(correlator.pairingLost).toBe(true);
    // The same when it is used again only after the older one was given up.
    const second = setUp("id");
    second.ask("same", 1);
    second.giveUp(10);
    second.ask("same", 20);
    expect([second.hear("same"), second.correlator.pairingLost]).toEqual(["answer", true]);
    // Not when it is used again only after the time in which that could have come.
    const third = setUp("id", 1000);
    third.ask("same", 0);
    third.giveUp(10, 1010);
    third.ask("same", 2010);
    expect([third.hear("same", 2011), third.correlator.pairingLost]).toEqual(["answer", false]);
  });

  test("thousands of the same id are paired one after the other", () => {
    const { ask, hear, correlator } = setUp("id");
    for (let at = 0; at < 100_000; at++) ask("same", at);
    for (let at = 0; at < 100_000; at += 1) {
      if (hear("same") !== "answer" || correlator.matched!.intended !== at) expect.fail();
    }
    expect([correlator.waiting, correlator.pairingLost, hear("same")]).toEqual([0, false, "extra"]);
  });

  test("an id that is nested too deeply is none", () => {
    const { correlator, ask } = setUp("id");
    const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    ask(1);
    const bytes = Buffer.from(deep);
    incoming.take(1, bytes, 0, bytes.length);
    expect(correlator.receive(incoming, 0)).toBe("unmatched");
    ask(JSON.parse(deep) as JsonValue);
    incoming.take(1, bytes, 0, bytes.length);
    expect([correlator.receive(incoming, 0), correlator.waiting]).toEqual(["unmatched", 2]);
  });

  test("sums hold through any course of events, and requests are handed out anew", () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant("ask" as const), key: fc.nat(12) }),
      fc.record({ kind: fc.constant("hear" as const), key: fc.nat(14) }),
      fc.record({ kind: fc.constant("expire" as const), back: fc.nat(20) }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        const { ask, hear, correlator, giveUp } = setUp("id", 30);
        let [asked, answered, expired, now] = [0, 0, 0, 0];
        for (const each of events) {
          now += 3;
          if (each.kind === "ask") {
            ask(each.key, now);
            asked++;
          } else if (each.kind === "hear") {
            if (hear(each.key, now) === "answer") answered++;
          } else expired += giveUp(now - each.back, now);
          expect(asked).toBe(answered + expired + correlator.waiting);
        }
        let left = 0;
        correlator.clear(() => left++);
        expect(asked).toBe(answered + expired + left);
      }),
      { numRuns: 200 },
    );
  });
});

describe("by order", () => {
  test("the n-th reply answers the n-th request; more than was asked for is unmatched", () => {
    const { ask, hear, correlator } = setUp("order");
    expect(hear("greeting")).toBe("unmatched");
    expect(correlator.pairingLost).toBe(false);
    ask(0, 1);
    ask(0, 2);
    expect(hear("x")).toBe("answer");
    expect(correlator.matched!.intended).toBe(1);
    expect([hear("x"), hear("x")]).toEqual(["answer", "unmatched"]);
    expect(correlator.pairingLost).toBe(true);
  });

  test("late answers come first, and pairing is lost while they do not catch up", () => {
    const { ask, hear, correlator, giveUp } = setUp("order");
    ask(0, 0);
    ask(0, 0);
    expect(giveUp(10)).toBe(2);
    ask(0, 20);
    expect(hear("x")).toBe("late");
    expect(correlator.pairingLost).toBe(true);
    expect([hear("x"), hear("x")]).toEqual(["late", "answer"]);
    expect(correlator.pairingLost).toBe(false);
    let left = 0;
    ask(0, 30);
    correlator.clear(() => left++);
    expect([left, correlator.waiting]).toEqual([1, 0]);
  });
});

test("by stamp only what came back to its sender is an answer", () => {
  const { correlator, ask } = setUp("stamp");
  ask(7);
  const say = (isOwn: boolean, sequence: number) => {
    incoming.take(1, Buffer.from("x"), 0, 1);
    incoming.isOwn = isOwn;
    incoming.stamp.sequence = sequence;
    return correlator.receive(incoming, 0);
  };
  expect([say(false, 7), say(true, 8), say(true, 7), say(true, 7)]).toEqual([
    "unmatched",
    "unmatched",
    "answer",
    "extra",
  ]);
});

test("without correlation nothing is said of replies", () => {
  const { correlator, hear } = setUp("none");
  expect([hear("x"), correlator.waiting, correlator.pairingLost]).toEqual(["none", 0, false]);
});
