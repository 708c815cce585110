import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/message/json.js";
import { compileJsonTemplate } from "../../src/message/json-template.js";
import { Stamp, readStamp } from "../../src/message/stamp.js";
import { context, scope } from "./contexts.js";
import { mistakeOf } from "./mistake.js";

function rendered(value: JsonValue, ...args: Parameters<typeof context>): unknown {
  return JSON.parse(compileJsonTemplate(value, scope).render(context(...args)));
}

test.each([
  ["alone", "{{ id }}"],
  ["within a text", "<{{ id }}>"],
])("a value too deep to be written is a mistake of its own, %s", (_where, text) => {
  const id = JSON.parse("[".repeat(50_000) + "]".repeat(50_000)) as JsonValue;
  const template = compileJsonTemplate(text, { names: new Map([["id", { per: "message" }]]) });
  const told = mistakeOf(() => template.render(context({ id })));
  expect(told).toContain("a value is nested too deeply");
});

describe("compileJsonTemplate", () => {
  test.each<[JsonValue, JsonValue]>([
    [
      { op: "join", room: "{{ room }}" },
      { op: "join", room: "lobby" },
    ],
    [
      { n: "{{ $seq }}", text: "n{{ $seq }}" },
      { n: 5, text: "n5" },
    ],
    [
      { n: "{{ count }}", text: " {{ count }}" },
      { n: 3, text: " 3" },
    ],
    ["{{ rooms }}", ["red", "green", "blue"]],
    ["{{ config.deep }}", { er: true }],
    ["{{ config.quote }}", 'say "hi"\n'],
    ["<{{ config.quote }}>", '<say "hi"\n>'],
    ["<{{ config.deep }}>", '<{"er":true}>'],
    [
      ["{{ $index }}", "{{ users.token }}", "{{ 'x' }}", "{{ 7 }}"],
      [7, "t-7", "x", 7],
    ],
    ["\\{{ room }}", "{{ room }}"],
    [{ "{{ room }}": 1 }, { "{{ room }}": 1 }],
    [{}, {}],
    [[], []],
    [
      { a: [], b: {}, c: [{}, null, true, -1.5e10] },
      { a: [], b: {}, c: [{}, null, true, -1.5e10] },
    ],
    [null, null],
  ])("%j", (value, expected) => {
    expect(rendered(value)).toEqual(expected);
  });

  test("gives JSON whatever the values are, each with its type", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: "binary" }), (whole, part) => {
        const value = { whole: "{{ session }}", part: "<{{ users.name }}>" };
        const variables = { session: whole as JsonValue, "users.name": part };
        expect(rendered(value, variables)).toEqual(
          JSON.parse(JSON.stringify({ whole, part: `<${part}>` })),
        );
      }),
    );
  });

  test("leaves JSON without holes as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes("{{") && !text.includes("__proto__"));
        expect(compileJsonTemplate(value as JsonValue, scope).constant).toBe(text);
      }),
    );
  });

  test("is patched in place like any other template", () => {
    const value = { id: "{{ $seq }}", at: "{{ $stamp }}", key: "k-{{ $uuid }}" };
    const template = compileJsonTemplate(value, scope);
    const [one, two] = [context(), context()];
    const { bytes, patches } = template.prepare(one)!;
    expect(bytes.toString()).toBe(template.render(two));
    for (const here of [one, two]) Object.assign(here, { seq: 9, micros: 77 });
    expect(patches.every((patch) => patch.apply(bytes, 0, one))).toBe(true);
    expect(bytes.toString()).toBe(template.render(two));
    expect(JSON.parse(bytes.toString())).toMatchObject({ id: 9 });
    const found = new Stamp();
    expect(readStamp(bytes, 0, bytes.length, found)).toBe("ok");
    expect(found.micros).toBe(77);
  });

  test("knows how often it changes, and what it uses", () => {
    const template = compileJsonTemplate(["{{ users.token }}", { a: "{{ room }}" }], scope);
    expect(template.cadence).toBe("connection");
    expect([...template.uses]).toEqual(["users.token", "room"]);
    expect(compileJsonTemplate([1, { a: "{{ room }}" }], scope).constant).toBe('[1,{"a":"lobby"}]');
  });

  test("tells the path of a mistake", () => {
    const mistake = mistakeOf(() =>
      compileJsonTemplate({ list: [1, { to: "x {{ rom }}" }] }, scope),
    );
    expect(mistake).toContain("unknown name rom");
    expect(mistake).toContain("column 6 of x {{ rom }}");
    expect(mistake).toContain("at $.list[1].to");
    expect(mistake).toContain("did you mean room?");
  });

  test.each<[unknown, string]>([
    [JSON.parse('{"a":{"__proto__":{"b":1}}}'), '"__proto__" cannot be a key'],
    [{ a: Number.NaN }, "no such value"],
    [{ a: Infinity }, "no such value"],
    [{ a: undefined }, "no such value"],
    [[new Date(0)], "no such value"],
    [[new Map()], "no such value"],
    [5n, "no such value"],
    [() => 1, "no such value"],
    [JSON.parse("[".repeat(200) + "]".repeat(200)), "nested deeper"],
    [Array.from({ length: 200_000 }, () => 0), "more than 100000 values"],
  ])("refuses what cannot be sent (%#)", (value, why) => {
    expect(mistakeOf(() => compileJsonTemplate(value as JsonValue, scope))).toContain(why);
  });

  test("refuses a value that holds itself, and one that multiplies by aliases", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(mistakeOf(() => compileJsonTemplate(loop as JsonValue, scope))).toContain(
      "nested deeper",
    );
    let laughs: JsonValue = "ha";
    for (let i = 0; i < 50; i++) laughs = [laughs, laughs];
    expect(mistakeOf(() => compileJsonTemplate(laughs, scope))).toContain("more than 100000");
  });
});
