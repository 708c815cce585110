/** Shows that looking for a member in bytes finds what parsing finds, whatever the message is. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { compileJsonPath } from "../../src/message/json-path.js";
import type { JsonValue } from "../../src/message/json.js";
import { MemberFinder, unsure } from "../../src/message/member-finder.js";
import { MessageView } from "../../src/message/view.js";

/** What the finder says of a message, which lies within other bytes. */
function find(names: readonly string[], message: string | Buffer) {
  const bytes = Buffer.concat([Buffer.from('{"'), Buffer.from(message), Buffer.from('":1}')]);
  return MemberFinder.for(names)!.find(bytes, 2, bytes.length - 4);
}

/** What parsing says; `unsure` for what is no JSON. */
function parse(names: readonly string[], message: string): JsonValue | undefined | typeof unsure {
  try {
    let value = JSON.parse(message) as unknown;
    for (const name of names) {
      const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
      if (!isObject || !Object.hasOwn(value as object, name)) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return value as JsonValue;
  } catch {
    return unsure;
  }
}

/** Few names, so that members meet the path, and each other. */
const name = fc.constantFrom("a", "b", "id", "é", "__proto__", "toString", "a\\u0062", "\\n", "");
const scalar = fc.oneof(
  fc.constantFrom("0", "-0", "1", "-1", "01", "1.0", "1e3", "1E+2", "1e", "1.", ".5", "-", "+1"),
  fc.constantFrom("true", "false", "null", "tru", "nulll", "NaN", "undefined", "Infinity"),
  fc.constantFrom("999999999999999", "1234567890123456789", "0.1", '"\\ud800"', '"\\x"', '"a\tb"'),
  fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
  fc.double().map((number) => JSON.stringify(number)),
);
const space = fc.constantFrom("", "", "", " ", "\n\t ", "\r", "\f", "\u00a0");
/** JSON as people, programs and attackers write it, and what only looks like JSON. */
const { text } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc
      .array(fc.tuple(name, space, tie("text"), space), { maxLength: 5 })
      .map((members) => `{${members.map(([n, s, v, t]) => `${s}"${n}"${t}:${s}${v}${t}`).join()}}`),
    fc.array(fc.tuple(space, tie("text")), { maxLength: 4 }).map((items) => {
      return `[${items.map(([s, v]) => s + v).join()}]`;
    }),
  ),
}));
const path = fc.array(fc.constantFrom("a", "b", "id", "é", "__proto__", "toString", ""), {
  minLength: 1,
  maxLength: 3,
});

describe("MemberFinder", () => {
  test("what it says of any text is what a parser says, or that it is not sure", () => {
    fc.assert(
      fc.property(path, text, space, (names, message, s) => {
        const whole = s + message + s;
        const value = find(names, whole);
        if (value !== unsure) expect(value).toEqual(parse(names, whole));
      }),
      { numRuns: 5000 },
    );
  });

  test("nor is it wrong about JSON with a byte changed, left out or put in", () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), how: fc.constantFrom(0, 1, 2) });
    fc.assert(
      fc.property(path, fc.json({ maxDepth: 4 }), change, (names, json, { at, byte, how }) => {
        const bytes = Buffer.from(`{"id":7,"a":{"id":"é","b":${json}},"b":[${json}]}`);
        const i = at % bytes.length;
        const put = how === 0 ? [] : [byte];
        const changed = Buffer.concat([
          bytes.subarray(0, i),
          Buffer.from(put),
          bytes.subarray(how === 2 ? i : i + 1),
        ]);
        const value = find(names, changed);
        // What is not UTF-8 is no JSON.
        const decoded = new MessageView(2, changed).text;
        if (value !== unsure) expect(value).toEqual(parse(names, decoded ?? "?"));
      }),
      { numRuns: 5000 },
    );
  });

  test("is sure of what servers usually say", () => {
    const usual = fc.record(
      {
        op: fc.constantFrom("echo", "push"),
        id: fc.oneof(fc.nat(), fc.uuid(), fc.boolean(), fc.constant(null)),
        data: fc.object({ key: fc.constantFrom("id", "x", "y"), maxDepth: 3 }),
        text: fc.stringMatching(/^[ -~äöü€😀]*$/u),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(usual, fc.constantFrom(undefined, 2, "\t"), (message, indent) => {
        const json = JSON.stringify(message, undefined, indent);
        expect(find(["id"], json)).toEqual(parse(["id"], json));
        expect(find(["op"], json)).toEqual(parse(["op"], json));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["the last of several", ["id"], '{"id":1,"x":{"id":2},"id":3}', 3],
    ["none, the last one having none", ["a", "b"], '{"a":{"b":1},"a":{"c":2}}', undefined],
    ["none, the last one being no object", ["a", "b"], '{"a":{"b":1},"a":[{"b":2}]}', undefined],
    ["what lies deep", ["a", "b"], '{"x":{"a":{"b":1}},"a":{"x":[{"b":2}],"b":"3"}}', "3"],
    ["text with quotes after it", ["id"], '{"id":"a","t":"\\"id\\":\\"b\\""}', "a"],
    ["what is not ASCII", ["é"], '{"é":"ü€😀"}', "ü€😀"],
    ["nothing in a list", ["id"], '[{"id":1}]', unsure],
    ["nothing where an escape hides the name", ["id"], '{"\\u0069d":1}', unsure],
    ["nothing in a number too long to be exact", ["id"], '{"id":1234567890123456}', unsure],
    ["nothing where the end is missing", ["id"], '{"id":1', unsure],
    ["nothing before further text", ["id"], '{"id":1}{', unsure],
    [
      "nothing in what is nested too deeply",
      ["id"],
      `{"x":${"[".repeat(40)}${"]".repeat(40)}}`,
      unsure,
    ],
  ])("finds %s", (_what, names, message, expected) => {
    expect(find(names, message)).toBe(expected);
  });

  test("the same short text twice, and another one of its length", () => {
    const finder = MemberFinder.for(["op"])!;
    const say = (op: string) => {
      const bytes = Buffer.from(JSON.stringify({ op }));
      return finder.find(bytes, 0, bytes.length);
    };
    const said = ["echo", "echo", "ecHo", "", "e", "echo", "a".repeat(40), "echo"];
    expect(said.map((op) => say(op))).toEqual(said);
  });

  test("there is none for names that JSON has to escape, or that UTF-8 cannot hold", () => {
    const names = ['"', "\\", "\n", "\ud800"];
    expect(names.map((each) => MemberFinder.for(["a", each]))).toEqual(names.map(() => undefined));
    expect(MemberFinder.for([])).toBeUndefined();
  });
});

describe("MessageView.select", () => {
  const select = (source: string, message: string, opcode = 1): JsonValue | undefined =>
    new MessageView(opcode, Buffer.from(message)).select(compileJsonPath(source).singular!);

  test.each([
    ["$.id", '{"id":1}', 1],
    ["$.id", '{"\\u0069d":1}', 1],
    ["$.id", '{"id":"\\u00e9"}', "é"],
    ["$.id", '{"id":{"a":[1]}}', { a: [1] }],
    ["$.id", '{"id":-1.5}', -1.5],
    ["$.id", '{"id":1', undefined],
    ["$.id", "[1]", undefined],
    ["$.id", "hello", undefined],
    ["$.a[1]", '{"a":[1,2]}', 2],
    ["$", '"x"', "x"],
  ])("%s of %s", (source, message, expected) => {
    expect(select(source, message)).toEqual(expected);
  });

  test("whoever asked for what before, and of which message, the answer is the parser's", () => {
    const message = fc.record({ op: fc.json(), id: fc.json(), pad: fc.constantFrom(0, 200, 2000) });
    const asked = fc.constantFrom("$.op", "$.id", "$.op.a", "$['id']", "$.pad[0]", "$", "json");
    fc.assert(
      fc.property(fc.array(fc.tuple(message, fc.array(asked)), { maxLength: 8 }), (messages) => {
        for (const [{ op, id, pad }, questions] of messages) {
          const body = `{"op":${op},"pad":["${"x".repeat(pad)}"],"id":${id}}`;
          const view = new MessageView(1, Buffer.from(body));
          const json = JSON.parse(body) as JsonValue;
          for (const question of questions) {
            const asks = question === "json" ? undefined : compileJsonPath(question).singular!;
            const found = asks ? view.select(asks) : view.json;
            expect(found).toEqual(asks ? asks.first(json) : json);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test("bytes are searched once for a member, and not for each of many", () => {
    const scans = vi.spyOn(MemberFinder.prototype, "find");
    const searches = (bytes: number, paths: readonly string[]): number => {
      const view = new MessageView(1, Buffer.from(`{"a":1,"pad":"${"x".repeat(bytes)}"}`));
      scans.mockClear();
      for (const each of paths) view.select(compileJsonPath(each).singular!);
      return scans.mock.calls.length;
    };
    const many = ["$.a", "$.b", "$.c", "$.d", "$.e"];
    // The habits of tests before this one are forgotten.
    searches(2000, ["$.a"]);
    expect(searches(2000, ["$.a", "$.a", "$.a", "$.a"])).toBe(1);
    expect(searches(2000, many)).toBe(1);
    expect(searches(2000, many)).toBe(0);
    expect(searches(10, many)).toBe(0);
    // The message after one that was asked little is searched again.
    expect([searches(2000, ["$.a"]), searches(2000, ["$.a"])]).toEqual([0, 1]);
    scans.mockRestore();
  });

  test("of a close frame it looks at the reason", () => {
    expect(select("$.id", '{"{"id":1}', 8)).toBe(1);
  });
});
