/** Shows what nodes believe of each other: forms, numbers, and addresses without their secrets. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Envelope, opened, sealed } from "../../src/serve/backplane-envelope.js";
import { OtherNodes } from "../../src/serve/backplane-nodes.js";
import { parsePrefix, parseRedis } from "../../src/serve/backplane-place.js";
import { sumStats } from "../../src/serve/stats-sum.js";
import { Counters } from "../../src/serve/counters.js";

const plain: Envelope = {
  life: "0123456789abcdef",
  node: "node-1",
  last: 7,
  count: 1,
  kind: "said",
  body: { text: "line\nbreak" },
  payload: undefined,
};

describe("an envelope", () => {
  test("comes out as it went in, whatever its payload is", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.option(fc.uint8Array(), { nil: undefined }),
        (value, bytes) => {
          const body = JSON.parse(JSON.stringify(value)) as Envelope["body"];
          const payload = bytes && Buffer.from(bytes);
          expect(opened(sealed({ ...plain, body, payload }))).toEqual({ ...plain, body, payload });
        },
      ),
      { numRuns: 100 },
    );
  });

  test("is never made of anything else, and nothing makes it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(opened(Buffer.from(bytes))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
    const broken = [{ last: 0 }, { last: 1.5 }, { count: -1 }, { node: "" }, { life: "x" }];
    for (const each of broken) {
      expect(opened(sealed({ ...plain, ...each }))).toBeUndefined();
    }
  });
});

describe("the other nodes", () => {
  const say = (last: number, count = 1): Envelope => ({ ...plain, last, count });

  test("what is numbered and does not come is missed; what came before is no news", () => {
    const others = new OtherNodes();
    expect(others.note(say(5), 0, false)).toBe(true);
    expect(others.note(say(6), 0, false)).toBe(true);
    expect(others.note(say(6), 0, false)).toBe(false);
    expect(others.note(say(10, 2), 0, false)).toBe(true);
    expect(others.missed).toBe(2);
    // A count without a message tells of the end that did not come.
    expect(others.note(say(13, 0), 0, false)).toBe(true);
    expect(others.missed).toBe(5);
    expect(others.note(say(13, 1), 0, false)).toBe(false);
    expect(others.missed).toBe(5);
  });

  test("of a node that began later all is missed that did not come", () => {
    const others = new OtherNodes();
    others.note(say(4, 0), 0, true);
    expect(others.missed).toBe(4);
  });

  test("of one that is heard before its age is known, what came before counts when it is", () => {
    const [later, sooner] = [new OtherNodes(), new OtherNodes()];
    for (const others of [later, sooner]) {
      others.note(say(5), 0, undefined);
      expect(others.missed).toBe(0);
      others.note(say(6), 0, undefined);
    }
    later.note(say(6, 0), 0, true);
    later.note(say(6, 0), 0, true);
    sooner.note(say(6, 0), 0, false);
    expect([later.missed, sooner.missed]).toEqual([4, 0]);
  });

  test("missed and received together are what was numbered, in whatever order it comes", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (arrives) => {
        const others = new OtherNodes();
        others.note(say(0, 0), 0, true);
        let received = 0;
        arrives.forEach((does, index) => {
          if (does && others.note(say(index + 1), 0, false)) received++;
        });
        others.note(say(arrives.length, 0), 0, false);
        expect(received + others.missed).toBe(arrives.length);
      }),
      { numRuns: 100 },
    );
  });

  test("the silent are gone, and there is no end of names", () => {
    const others = new OtherNodes();
    others.note(say(1), 0, false);
    expect(others.expire(5000)).toEqual([]);
    expect(others.expire(5001)).toEqual([plain.life]);
    expect(others.expire(9999)).toEqual([]);
    // Whoever comes back is a stranger, but how far it had counted is known.
    expect([others.note(say(1), 9999, false), others.strangers]).toEqual([false, true]);
    expect([others.note(say(4), 9999, false), others.missed]).toEqual([true, 2]);
    const crowd = new OtherNodes();
    const known = Array.from({ length: 300 }, (_, n) =>
      crowd.note({ ...plain, life: n.toString(16).padStart(16, "0") }, 0, false),
    );
    expect(known.filter(Boolean)).toHaveLength(256);
  });
});

describe("the place of Redis", () => {
  test.each([
    ["redis://h", { host: "h", port: 6379, tls: false, db: 0, shown: "redis://h:6379/0" }],
    [
      "rediss://u%40x:p%2F@h:1234/5",
      { tls: true, username: "u@x", password: "p/", db: 5, shown: "rediss://h:1234/5" },
    ],
    ["redis://[::1]:7", { host: "::1", port: 7, shown: "redis://[::1]:7/0" }],
  ])("%s", (url, place) => {
    expect(parseRedis(url)).toMatchObject(place);
  });

  test.each([
    "",
    "h:6379",
    "http://h",
    "redis://",
    "redis://h/x",
    "redis://h?a=b",
    "redis://%zz@h",
  ])("%j is none", (url) => {
    expect(() => parseRedis(url)).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
  });

  test("a prefix is a plain name", () => {
    expect(parsePrefix("a:b.c-1")).toBe("a:b.c-1");
    for (const each of ["", "a b", "ä", "x".repeat(65)]) {
      expect(() => parsePrefix(each)).toThrow(/is no prefix/);
    }
  });
});

test("several processes are away as soon as one is", () => {
  const counted = { received: 2, undelivered: 0, missed: 0, ignored: 0, reconnects: 1, awayMs: 5 };
  const part = (state: "up" | "away" | "closed") => ({
    ...new Counters().stats(),
    backplane: { state, published: 1, ...counted },
  });
  const sum = sumStats([part("up"), part("away")])!;
  expect(sum.backplane).toMatchObject({ state: "away", published: 2, received: 4, awayMs: 10 });
  expect(sumStats([part("up"), part("closed")])!.backplane!.state).toBe("up");
  expect(sumStats([part("closed"), part("closed")])!.backplane!.state).toBe("closed");
});
