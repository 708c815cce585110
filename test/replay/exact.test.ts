/** What counts as the same value: types, long numbers, captured and detected values, ignored places. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { MessageView } from "../../src/message/view.js";
import { parseCapture } from "../../src/replay/captures.js";
import { Carrying } from "../../src/replay/carrying.js";
import { Detector } from "../../src/replay/detect.js";
import { Heard } from "../../src/replay/heard.js";
import { IgnoredPaths } from "../../src/replay/ignore.js";
import { LeafRules } from "../../src/replay/leaf-rules.js";
import { Comparer } from "../../src/replay/compare.js";
import { Learned } from "../../src/replay/learned.js";
import { Quotes } from "../../src/replay/quotes.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Wishes {
  readonly captures?: readonly string[];
  readonly detected?: readonly string[];
  readonly ignore?: readonly string[];
  readonly isRedacted?: boolean;
}

function comparing({ captures = [], detected = [], ignore = [], isRedacted }: Wishes = {}) {
  const learned = new Learned();
  const comparer = new Comparer({
    ignore: new IgnoredPaths(ignore),
    leaves: new LeafRules(learned, new Set(detected), []),
    captures: captures.map(parseCapture),
    learned,
    carrying: new Carrying(new Map(), { captures: new Set(), variables: new Set() }),
    quotes: new Quotes(undefined),
  });
  const heard = (text: string) =>
    new Heard({ number: 1, op: 1, data: Buffer.from(text) }, { isRedacted });
  const pair = (was: string, now: string) => [heard(was), heard(now)] as const;
  return {
    changed: (was: string, now: string) =>
      comparer.changes(...pair(was, now)).map(({ path }) => path),
    isSame: (was: string, now: string) => comparer.isSame(...pair(was, now), { steps: 100_000 }),
    areOne: (was: string, now: string) => {
      const [left, right] = pair(was, now);
      return comparer.digestOf(left, true) === comparer.digestOf(right, false);
    },
    learn: (was: string, now: string) => comparer.learn(...pair(was, now)),
    said: (text: string) =>
      learned.messageOf(new MessageView(1, Buffer.from(text)), () => {}).toString(),
  };
}

describe("values", () => {
  test("a number that has become a text differs", () => {
    const { changed, areOne } = comparing();
    expect(changed('{"a":5}', '{"a":"5"}')).toEqual(["$.a"]);
    expect(areOne('{"a":5}', '{"a":"5"}')).toBe(false);
  });

  test("numbers beyond a double are compared, and said, as they are written", () => {
    const { changed, isSame, areOne, learn, said } = comparing({ captures: ["id=$.id"] });
    const [one, other] = ['{"id":1234567890123456789}', '{"id":1234567890123456801}'];
    expect(changed(one, other)).toEqual([]);
    expect(comparing().changed(one, other)).toEqual(["$.id"]);
    expect(comparing().isSame(one, other)).toBe(false);
    expect(areOne(one, other)).toBe(false);
    expect(isSame('{"n":1e2}', '{"n":100.0}')).toBe(true);
    learn(one, `${one} `);
    expect(said(one)).toBe(one);
    learn(one, other);
    expect(said('{"get":1234567890123456789}')).toBe('{"get":1234567890123456801}');
  });

  test("deep values differ in their digests too", () => {
    const deep = (leaf: string) => "[".repeat(450) + leaf + "]".repeat(450);
    expect(comparing().areOne(deep('"yes"'), deep('"no"'))).toBe(false);
  });

  test("what was redacted may have been any value; what says so by itself may not", () => {
    const { changed } = comparing({ isRedacted: true });
    expect(changed('{"pin":"[redacted]","k":1}', '{"pin":{"a":1},"k":1}')).toEqual([]);
    expect(comparing().changed('{"pin":"[redacted]"}', '{"pin":"x"}')).toEqual(["$.pin"]);
  });

  test("slices and filters ignore places, and not values", () => {
    const { changed } = comparing({ ignore: ["$.a[0:1]", "$.b[?@ > 5]"] });
    expect(changed('{"a":[5,6,5]}', '{"a":[7,6,9]}')).toEqual(["$.a[2]"]);
    expect(changed('{"b":[6,1]}', '{"b":[7,2]}')).toEqual(["$.b[1]"]);
  });
});

describe("captures", () => {
  test("short values are carried only under their name", () => {
    const { changed, learn, said } = comparing({ captures: ["id=$.id"] });
    expect(changed('{"id":1,"count":1}', '{"id":7,"count":7}')).toEqual(["$.count"]);
    learn('{"id":1}', '{"id":7}');
    expect(said('{"id":1,"qty":1,"list":[{"id":1},1]}')).toBe(
      '{"id":7,"qty":1,"list":[{"id":7},1]}',
    );
    expect(changed('{"id":1,"count":1}', '{"id":7,"count":7}')).toEqual(["$.count"]);
  });

  test("in texts only where the expression finds them, long ones as whole words", () => {
    const { changed, learn, said } = comparing({ captures: ["sid=/sid=(\\w+)/"] });
    expect(changed("sid=1 seq=10", "sid=2 seq=10")).toEqual([]);
    expect(changed("sid=1 seq=10", "sid=2 seq=20")).toEqual(["text"]);
    learn("sid=1 x", "sid=2 x");
    expect(said("go 1 sid=1 seq=11")).toBe("go 1 sid=2 seq=11");
    learn("sid=abcdef1", "sid=zyx");
    expect(said("use abcdef1, not abcdef12")).toBe("use zyx, not abcdef12");
  });
});

describe("detected values", () => {
  test("are what was learned first, and within a message the same", () => {
    const { changed, learn } = comparing({ detected: ["abc123"] });
    expect(changed('{"a":"abc123","b":"abc123"}', '{"a":"x1","b":"x2"}')).toEqual(["$.b"]);
    learn('{"s":"abc123"}', '{"s":"zzz999"}');
    expect(changed('{"s":"abc123"}', '{"s":"zzz999"}')).toEqual([]);
    expect(changed('{"s":"abc123"}', '{"s":"other1"}')).toEqual(["$.s"]);
    expect(changed("say abc123", "say other1")).toEqual(["text"]);
  });

  test("are no words of a protocol, and are remembered in little memory", () => {
    const view = (json: object) => new MessageView(1, Buffer.from(JSON.stringify(json)));
    const detector = new Detector();
    const words = { type: "message2", text: "something", token: "aBcDeFgHiJkLmN" };
    detector.received(view(words), 1);
    detector.sent(view(words), 1);
    expect([...detector.found.keys()]).toEqual(["aBcDeFgHiJkLmN"]);
    const held = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const before = held();
    for (let n = 0; n < 3000; n++) detector.received(view({ v: `${n}x`.padEnd(8000, "y") }), n);
    expect(held() - before).toBeLessThan(8 * 1024 * 1024);
    expect(detector.found.size).toBe(1);
  });
});
