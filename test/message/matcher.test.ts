import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileMatcher } from "../../src/message/matcher.js";
import type { MatchSpec } from "../../src/message/matcher.js";
import { mistakeOf, succeedsOrRefuses } from "./mistake.js";
import { binary, control, json, text } from "./views.js";

const order = json({ op: "done", n: 7, tags: ["a", "b"], user: { id: 1, name: "Ada" }, zero: 0 });

describe("compileMatcher", () => {
  test.each<[MatchSpec, boolean]>([
    [{}, true],
    [{ json: "$.op" }, true],
    [{ json: "$.zero" }, true],
    [{ json: "$.nothing" }, false],
    [{ json: "$.op", equals: "done" }, true],
    [{ json: "$.op", equals: "don" }, false],
    [{ json: "$.n", equals: 7 }, true],
    [{ json: "$.n", equals: "7" }, false],
    [{ json: "$.user", equals: { name: "Ada", id: 1 } }, true],
    [{ json: "$.user", equals: { name: "Ada" } }, false],
    [{ json: "$.tags", equals: ["b", "a"] }, false],
    [{ json: "$.tags[*]", equals: "b" }, true],
    [{ json: "$.op", notEquals: "ping" }, true],
    [{ json: "$.op", notEquals: "done" }, false],
    [{ json: "$.nothing", notEquals: "done" }, true],
    [{ json: "$.nothing", notEquals: "done", exists: true }, false],
    [{ json: "$.tags[*]", notEquals: "b" }, false],
    [{ json: "$.op", contains: "on" }, true],
    [{ json: "$.tags", contains: "a" }, true],
    [{ json: "$.tags", contains: "c" }, false],
    [{ json: "$.user", contains: { id: 1 } }, true],
    [{ json: "$.user", contains: { id: 2 } }, false],
    [{ json: "$.n", contains: 7 }, false],
    [{ json: "$.op", matches: "^d.n" }, true],
    [{ json: "$.n", matches: "^[0-9]$" }, true],
    [{ json: "$.op", matches: "^one" }, false],
    [{ json: "$.user", matches: "." }, false],
    [{ json: "$.op", exists: true }, true],
    [{ json: "$.op", exists: false }, false],
    [{ json: "$.error", exists: false }, true],
    [{ json: "$.n", gt: 6 }, true],
    [{ json: "$.n", gt: 7 }, false],
    [{ json: "$.n", gte: 7 }, true],
    [{ json: "$.n", lt: 8 }, true],
    [{ json: "$.n", lt: 7 }, false],
    [{ json: "$.n", lte: 7 }, true],
    [{ json: "$.n", gt: 6, lt: 8 }, true],
    [{ json: "$.n", gt: 6, lt: 7 }, false],
    [{ json: "$.op", gt: 0 }, false],
    [{ json: "$.op", equals: "done", opcode: "text" }, true],
    [{ json: "$.op", equals: "done", opcode: "binary" }, false],
    [{ opcode: "text" }, true],
    [{ contains: '"op":"done"' }, true],
    [{ contains: "nope" }, false],
    [{ matches: '"n":[0-9]' }, true],
    [{ matches: "^$" }, false],
    [{ text: "done" }, false],
    [{ binary: "7b 22" }, true],
    [{ binary: "7B:22:6f" }, true],
    [{ binary: "7c" }, false],
    [{ binary: "" }, true],
  ])("%j → %s", (spec, expected) => {
    const matcher = compileMatcher(spec);
    expect(matcher.test(order)).toBe(expected);
    // It explains itself exactly when it does not match.
    expect(matcher.explain(order) === undefined).toBe(expected);
  });

  test("asks that one and the same value meets all conditions", () => {
    const matcher = compileMatcher({ json: "$[*]", gt: 5, lt: 10 });
    expect(matcher.test(json([1, 20]))).toBe(false);
    expect(matcher.test(json([1, 7, 20]))).toBe(true);
  });

  test("takes text to be the whole message, byte for byte", () => {
    const matcher = compileMatcher({ text: "pong" });
    expect(matcher.test(text("pong"))).toBe(true);
    expect(matcher.test(text("pong\n"))).toBe(false);
    expect(matcher.test(text("Pong"))).toBe(false);
    expect(compileMatcher({ text: "" }).test(text(""))).toBe(true);
  });

  test("never matches a control frame that was not asked for", () => {
    for (const name of ["ping", "pong", "close"] as const) {
      expect(compileMatcher({}).test(control(name, "xxx"))).toBe(false);
      expect(compileMatcher({ contains: "x" }).test(control(name, "xxx"))).toBe(false);
      expect(compileMatcher({ opcode: name, contains: "x" }).test(control(name, "xxx"))).toBe(true);
    }
  });

  test("does not take what is no JSON, not even for having no such value", () => {
    expect(compileMatcher({ json: "$.error", exists: false }).test(text("hello"))).toBe(false);
    expect(compileMatcher({ json: "$.error", notEquals: 1 }).test(text("hello"))).toBe(false);
    expect(compileMatcher({ json: "$", equals: null }).test(text("null"))).toBe(true);
  });

  test("finds a prefix only in messages that are long enough", () => {
    expect(compileMatcher({ binary: "0001" }).test(binary("00"))).toBe(false);
    expect(compileMatcher({ binary: "0001" }).test(binary("000102"))).toBe(true);
  });

  test.each<[MatchSpec, ReturnType<typeof text>, string]>([
    [{ json: "$.ok", equals: true }, json({ ok: false }), "$.ok is false, not true"],
    [{ json: "$.ok", equals: true }, json({}), "$.ok is not in the message"],
    [{ json: "$.ok", equals: true }, text("hello"), "the message is not JSON"],
    [{ json: "$.ok", exists: false }, json({ ok: 1 }), "$.ok is there: 1"],
    [{ json: "$.op", notEquals: "x" }, json({ op: "x" }), '$.op is "x"'],
    [{ json: "$.n", gt: 5 }, json({ n: 5 }), "$.n is 5, not more than 5"],
    [{ json: "$[*]", gt: 5 }, json([1, 2, 3]), "$[*] is 1, not more than 5, nor is any of 2 more"],
    [{ json: "$.s", matches: "^a" }, json({ s: "b" }), '$.s is "b", not a match of "^a"'],
    [
      { json: "$.s", contains: "a" },
      json({ s: "b" }),
      '$.s is "b", not something that contains "a"',
    ],
    [{ text: "a" }, text("b"), 'the text is "b", not "a"'],
    [{ contains: "a" }, text("b"), '"a" is not in "b"'],
    [{ matches: "a" }, text("b"), '"b" has no match of "a"'],
    [{ binary: "0102" }, binary("03"), "the message begins with 03, not 0102"],
    [{ binary: "0102" }, binary(""), "the message begins with nothing, not 0102"],
    [{ text: "a" }, binary("ff"), 'the text is bytes that are not UTF-8, not "a"'],
    [{ opcode: "binary" }, text("b"), "it is text, not binary"],
    [{ text: "a" }, control("ping"), "it is ping, not a message"],
  ])("explains %j", (spec, view, expected) => {
    expect(compileMatcher(spec).explain(view)).toBe(expected);
  });

  test("says so when it did not look at everything", () => {
    const many = json(Array.from({ length: 20_000 }, () => 0));
    expect(compileMatcher({ json: "$[*]", equals: 1 }).explain(many)).toContain("not looked at");
    const wide = json(Array.from({ length: 1500 }, () => Array.from({ length: 1500 }, () => 0)));
    expect(compileMatcher({ json: "$..op" }).explain(wide)).toContain("too large to search");
  });

  test("explains hostile messages on one short, harmless line", () => {
    const hostile = json({ ok: `\u001b]0;owned\u0007\n${"x".repeat(10_000)}` });
    for (const spec of [{ json: "$.ok", equals: 1 }, { text: "a" }, { matches: "^$" }]) {
      const why = compileMatcher(spec).explain(hostile)!;
      // eslint-disable-next-line no-control-regex -- control characters are the subject here
      expect(why).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(why.length).toBeLessThan(200);
    }
  });

  test("is unmoved by messages nested 10^5 deep", () => {
    const deep = text("[".repeat(100_000) + "]".repeat(100_000));
    expect(compileMatcher({ json: "$..op", equals: 1 }).test(deep)).toBe(false);
    expect(compileMatcher({ json: "$", equals: [[[1]]] }).explain(deep)).toContain("$ is ");
    expect(compileMatcher({ json: "$.op" }).test(text("[".repeat(100_000)))).toBe(false);
  });

  test("does not see prototypes", () => {
    expect(compileMatcher({ json: "$", contains: { constructor: 1 } }).test(json({}))).toBe(false);
    const spec = { json: "$", equals: JSON.parse('{"__proto__":1}') as never };
    expect(compileMatcher(spec).test(json({}))).toBe(false);
    expect(compileMatcher(spec).test(text('{"__proto__":1}'))).toBe(true);
  });

  test.each([
    [{ jsn: "$.a" }, "did you mean json?"],
    [{ json: "$.a", eqals: 1 }, "did you mean equals?"],
    [{ wibble: 1 }, "it has opcode, binary, text"],
    [{ json: "a" }, "not a JSONPath"],
    [{ json: 1 }, "expected text, got a number"],
    [{ equals: 1 }, "equals needs a JSONPath beside it"],
    [{ gt: 1 }, "gt needs a JSONPath beside it"],
    [{ json: "$.a", gt: "1" }, "expected a number, got a string"],
    [{ json: "$.a", gt: Number.NaN }, "expected a number"],
    [{ json: "$.a", exists: "yes" }, "expected true or false"],
    [{ json: "$.a", exists: false, equals: 1 }, "no other condition"],
    [{ json: "$.a", matches: 1 }, "expected text"],
    [{ json: "$.a", matches: "(" }, "missing closing )"],
    [{ matches: "(?=a)" }, "not a regular expression"],
    [{ matches: "a".repeat(5000) }, "longer than"],
    [{ text: 1 }, "expected text"],
    [{ text: null }, "expected text, got null"],
    [{ binary: "0" }, "not hexadecimal"],
    [{ binary: "zz" }, "not hexadecimal"],
    [{ opcode: "pingg" }, "did you mean ping?"],
    [{ opcode: 1 }, "expected text"],
    [JSON.parse('{"__proto__":1}'), 'no key "__proto__"'],
    [{ constructor: 1 }, 'no key "constructor"'],
    [null, "an object of conditions"],
    ["$.a", "an object of conditions"],
    [[], "an object of conditions"],
  ])("refuses %.60j", (spec, why) => {
    expect(mistakeOf(() => compileMatcher(spec as MatchSpec))).toContain(why);
  });

  test("never throws anything but a mistake, whatever the spec", () => {
    const key = fc.constantFrom(
      "json",
      "equals",
      "exists",
      "gt",
      "matches",
      "text",
      "binary",
      "op",
    );
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), (spec) =>
        succeedsOrRefuses(() => {
          const matcher = compileMatcher(spec);
          for (const view of [order, text("x"), binary("00ff"), control("close")]) {
            expect(matcher.explain(view) === undefined).toBe(matcher.test(view));
          }
        }),
      ),
      { numRuns: 500 },
    );
  });
});
