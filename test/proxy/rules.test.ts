/** Shows which rule strikes a message, and what it makes of it. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { Opcode } from "../../src/frame/opcode.js";
import { MessageView } from "../../src/message/view.js";
import { type Judgement, Rules } from "../../src/proxy/rules.js";

const sources = {
  file(path: string): Buffer {
    if (path === "bytes") return Buffer.from([0xff, 0x00]);
    if (path === "text") return Buffer.from("{{ message.id }} from a file\n");
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${path}`);
  },
  env: new Map([["HOME", "/home/me"]]),
  wallClock: () => 1_700_000_000_000,
  now: () => 5,
};

function rules(...texts: string[]): Rules {
  return new Rules(texts, sources, "seed");
}

function judge(all: Rules, message: string | Buffer, opcode = 1, direction: "in" | "out" = "out") {
  const view = new MessageView(opcode, Buffer.from(message));
  return all.bench(direction, 1)?.judge(view);
}

function said(judgement: Judgement | undefined): string {
  const ruling = judgement?.ruling;
  if (ruling?.kind !== "replace") throw new Error(`it is ${ruling?.kind}`);
  return ruling.payload.toString("utf8");
}

test("the first that matches strikes, and is counted", () => {
  const all = rules("$.a => drop", "in:b => drop", "* => close 1011 enough", "* => drop");
  expect(judge(all, '{"a":1}')).toEqual({ rule: 1, ruling: { kind: "drop" } });
  expect(judge(all, "b")).toEqual({
    rule: 3,
    ruling: { kind: "close", code: 1011, reason: "enough" },
  });
  expect(judge(all, "b", 1, "in")).toMatchObject({ rule: 2 });
  expect(all.counts.map(({ struck }) => struck)).toEqual([1, 1, 1, 0]);
});

test("a direction without rules has none", () => {
  expect(rules("in:a => drop").bench("out", 1)).toBeUndefined();
  expect(rules().bench("in", 1)).toBeUndefined();
  expect(judge(rules("a => drop"), "b")).toBeUndefined();
});

test("control frames are struck where they are named", () => {
  const all = rules("* => drop", "opcode:ping => drop");
  expect(judge(all, "x", Opcode.ping)).toMatchObject({ rule: 2 });
  expect(judge(all, "x", Opcode.pong)).toBeUndefined();
});

describe("replace", () => {
  test.each([
    ["replace hello", '{"a":1}', "hello"],
    ["replace {{ text }}!", "hey", "hey!"],
    [
      'replace {"to":"{{ message.user.id }}","n":"{{ $seq }}"}',
      '{"user":{"id":7}}',
      '{"to":7,"n":1}',
    ],
    ['replace {"to":"<{{ message.id }}>"}', '{"id":"a\\"b"}', '{"to":"<a\\"b>"}'],
    ['replace {"big":12345678901234567890}', "x", '{"big":12345678901234567890}'],
    ["replace id={{ message.id }}", '{"id":"x"}', "id=x"],
    ["replace {{ message }}", '{"id":[1]}', '{"id":[1]}'],
    ["replace {{ $env.HOME }}", "x", "/home/me"],
    ["replace \\{{ a }}", "x", "{{ a }}"],
    ["replace @text", '{"id":3}', "3 from a file"],
    ["edit $.id = 5", '{"id":3, "x":1}', '{"id":5, "x":1}'],
    ["edit $.id = done", '{"id":3}', '{"id":"done"}'],
    ["edit $.id = 'it is'", '{"id":3}', '{"id":"it is"}'],
    ["edit $.id = {{ message.x }}", '{"id":3,"x":[1]}', '{"id":[1],"x":[1]}'],
    ['edit $.id = {"was":"{{ message.id }}"}', '{"id":3}', '{"id":{"was":3}}'],
  ])("%s of %s", (action, message, result) => {
    const judgement = judge(rules(`* => ${action}`), message);
    expect(said(judgement)).toBe(result);
    expect(judgement?.ruling).toMatchObject({ opcode: Opcode.text });
  });

  test("with bytes that are no text makes it binary", () => {
    const all = rules("* => replace @bytes");
    expect(judge(all, "x")?.ruling).toEqual({
      kind: "replace",
      isEdit: false,
      opcode: Opcode.binary,
      payload: Buffer.from([0xff, 0x00]),
    });
    expect(judge(rules("* => replace x"), "y", Opcode.binary)?.ruling).toMatchObject({
      opcode: Opcode.binary,
    });
  });

  test("of what the message does not have fails, and says so", () => {
    const all = rules("* => replace {{ message.id }}");
    expect(judge(all, "no JSON")?.ruling).toMatchObject({ kind: "failed" });
    expect(judge(all, "{}")?.ruling).toMatchObject({ kind: "failed" });
    expect(said(judge(all, '{"id":1}'))).toBe("1");
  });

  test("an edit of what is not there lets the message pass", () => {
    const all = rules("* => edit $.a.b = 1");
    expect(judge(all, "[]")).toBeUndefined();
    expect(all.counts[0]?.struck).toBe(0);
  });

  test("of a close frame keeps its code, and of a ping what fits", () => {
    const close = judge(rules("opcode:close => replace bye"), Buffer.from([0x03, 0xe8, 0x61]), 8);
    expect(close?.ruling).toEqual({
      kind: "replace",
      isEdit: false,
      opcode: 8,
      payload: Buffer.concat([Buffer.from([0x03, 0xe8]), Buffer.from("bye")]),
    });
    const long = rules(`opcode:ping => replace ${"x".repeat(126)}`);
    expect(judge(long, "", Opcode.ping)?.ruling).toMatchObject({ kind: "failed" });
  });
});

test("delays of a connection depend on the seed alone", () => {
  const draw = (seed: string, index: number): unknown[] => {
    const bench = new Rules(["* => delay 100ms±50ms"], sources, seed).bench("in", index)!;
    const view = new MessageView(1, Buffer.from("x"));
    return Array.from({ length: 5 }, () => bench.judge(view)?.ruling);
  };
  expect(draw("a", 1)).toEqual(draw("a", 1));
  expect(draw("a", 1)).not.toEqual(draw("a", 2));
  expect(draw("a", 1)).not.toEqual(draw("b", 1));
});

test.each([
  ["a => replace {{ nobody }}", /unknown name nobody/],
  ["a => replace {{ $uuidd }}", /no built-in/],
  ["$.. => drop", /JSONPath/],
  ["/(/ => drop", /regex|missing|\(/i],
  ["a => replace @nowhere", /cannot read nowhere/],
  ["a => edit $..x = 1", /one value/],
])("%j is a mistake that is told at the start", (rule, message) => {
  expect(() => rules(rule)).toThrow(message);
});

test("the rules of the manual are rules", () => {
  const manual = readFileSync(new URL("../../docs/proxy.md", import.meta.url), "utf8");
  const written = [...manual.matchAll(/--rule '([^']+)'/g)].map(([, rule]) => rule!);
  const compiled = rules(...written.filter((rule) => rule !== "MATCH => ACTION"));
  expect(compiled.counts.length).toBeGreaterThan(4);
  const judgement = judge(rules(written.at(-2)!), '{"op":"joined","seq":7}', 1, "in");
  expect(judgement?.ruling).toMatchObject({
    payload: Buffer.from('{"op":"error","re":"joined","seq":7}'),
  });
});
