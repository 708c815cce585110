/** Shows what is said of files that are no YAML: one mistake, where it was made, in words that help. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { YamlSource } from "../../src/base/yaml-source.js";

interface Told {
  readonly place: string;
  readonly words: string;
}

function toldOf(text: string): Told[] {
  const told: { offset: number; words: string }[] = [];
  const tell = (offset: number, message: string, hint = ""): void => {
    told.push({ offset, words: `${message}\n${hint}` });
  };
  const source = new YamlSource("x.yaml", text, tell);
  if (source.isSound) source.value(tell);
  return told.map(({ offset, words }) => {
    const { line, column } = source.point(offset);
    return { place: `${line}:${column}`, words };
  });
}

const head = "config:\n  target: ws://x/\n  load: { connections: 1, duration: 1s }\n";
const step = (text: string): string => `${head}flow:\n  - send: ${text}\n  - think: 1s\n`;

/** The sign ¦ stands right before the mistake, and is taken out before the text is read. */
const cases: readonly (readonly [string, string, RegExp])[] = [
  ["a tab that indents a list", `${head}flow:\n¦\t- send: x\n`, /tab.*\n.*spaces/],
  ["tabs in several lines", "config:\n¦\ttarget: x\n\tload: 1\n\tdata: 1\n", /tab/],
  ["a tab behind spaces", `${head}flow:\n  - send:\n  ¦\t text: x\n`, /tab/],
  ["a tab, with lines that end as in DOS", "config:\r\n¦\ttarget: x\r\n", /tab/],
  ["a key further left", "config:\n   target: x\n  ¦load: 3\n", /another column/],
  ["a key further right", "config:\n  target: x\n    ¦load: 3\n", /indented more/],
  ["a key left of its dash's", `${head}flow:\n  - send: x\n   ¦expect: {}\n`, /another column/],
  ["a dash further left", `${head}flow:\n  - send: x\n ¦- send: y\n`, /dash/],
  ["a dash further right", `${head}flow:\n  - send: x\n    ¦- send: y\n`, /dash/],
  ["a list behind its key", "flow: ¦- send: x\n", /line of its own/],
  ["a quote without an end, and no other", step('¦"hello'), /never closed/],
  ["a quote before another line's", `${step('¦"hello')}  - send: "x"\n`, /never closed/],
  ["a single quote without an end", step("¦'hello"), /never closed[^]*''/],
  ["a quote in braces", step('{ json: { a: ¦"x } }'), /never closed/],
  [
    "a quote in braces over several lines",
    'flow: [\n  { send: ¦"hello },\n  { send: "world" },\n ]\n',
    /opens here is closed only lines later/,
  ],
  ["a quote of JSON", '{"a": {\n "target": ¦"ws://x/,\n "load": 3 } }', /closed only lines later/],
  ["a quote within a text", step("'it'¦s'"), /behind its closing quote/],
  ["quotes within quotes", step('"say "¦hi" x"'), /behind its closing quote/],
  ["a template", step("¦{{ name }}"), /template.*\n.*"\{\{ name \}\}"/],
  ["a call", step("¦{{ $randomInt(1,6) }}"), /template/],
  ["a template and more", step("¦{{ users.token }} and more"), /template/],
  ["a template in braces", step("{ json: { a: ¦{{ name }} } }"), /template/],
  ["a template behind text in braces", step("{ json: { a: hi ¦{{ name }}, b: 1 } }"), /template/],
  ["a template for a key", "¦{{ name }}: 1\n", /template/],
  ["a percent sign", step("¦%d"), /cannot begin with %\n.*quotes/],
  ["an at sign", step("¦@hello.bin"), /cannot begin with @\n.*quotes/],
  ["a backtick", step("¦`hello`"), /cannot begin with `\n.*quotes/],
  ["a colon in text", step("hello¦: world"), /colon.*\n.*quotes/],
  ["a bracket without an end", `${head}flow: ¦[{ send: x }\nevents: 3\n`, /\[ .*never closed/],
  ["a brace without an end", step("¦{ json: { op: x }"), /\{ .*never closed/],
  ["a bracket in a brace", step("{ json: ¦[1, 2 }"), /\[ .*never closed/],
  ["a brace hidden by a comment", step("¦{ text: #b }"), /never closed\n.*#/],
  ["a brace too many", step("{ json: { op: x } }¦}"), /closes nothing/],
  ["brackets left of their key", `${head}flow:\n  - send: { text: x,\n ¦as: text }\n`, /column/],
  ["a comma that misses", '{"a": {"b": 1} ¦"c": 3}', /comma/],
  ["a comma that misses in a list", '[{"send": "x"} ¦{"send": "y"}]', /comma/],
  ["no colon", `config:\n  ¦target\n  load: 3\n`, /no colon/],
  ["no space behind a colon", `config:\n  target:¦ws://x/\n  load: 3\n`, /space is missing/],
  ["text behind the sign of a block", step("¦| hello"), /next line/],
  ["an escape", step('"a¦\\d"'), /escape/],
  ["an anchor without a name", step("¦&"), /needs a name/],
  ["a tag", step("¦!x y"), /tag/],
  ["an alias of nothing", step("¦*x"), /anchor &x/],
  ["a key twice", "config: 1\nflow: 2\n¦config: 3\n", /twice\n.*line 1/],
  ["several documents", `flow: 1\n¦---\nflow: 2\n`, /second document[^]*---/],
];

describe("one mistake is told once, at its place", () => {
  test.each(cases)("%s", (_what, text, words) => {
    const before = text.slice(0, text.indexOf("¦")).split("\n");
    const told = toldOf(text.replace("¦", ""));
    expect(told.map(({ place }) => place)).toEqual([
      `${before.length}:${before.at(-1)!.length + 1}`,
    ]);
    expect(told[0]!.words).toMatch(words);
    expect(told[0]!.words).not.toMatch(/[Ii]mplicit|[Ff]low (?:map|seq)|token|scalar|compact/);
  });
});

test("braces and colons where YAML allows them are no mistake", () => {
  expect(toldOf(step("hello {{ name }} at 12:30, ws://x/"))).toEqual([]);
  expect(toldOf(step('{ json: { a: "{{ name }}", b: { c: 1 } } }'))).toEqual([]);
});

test("aliases of aliases are counted, not followed without end", () => {
  const bomb = Array.from({ length: 12 }, (_, i) =>
    i === 0 ? "a0: &a0 [x, x]" : `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}x]`,
  ).join("\n");
  expect(toldOf(bomb).map(({ words }) => words)).toEqual([
    expect.stringMatching(/100000 values[^]*aliases/) as string,
  ]);
});

test("whatever is typed, there is one mistake of syntax at most, with a place in the file", () => {
  const piece = fc.constantFrom(
    ..."{}[]\"'-:,#&*!|>%@`\t\n ab1\\".split(""),
    "  - ",
    ": ",
    "{{ a }}",
    "a: ",
    "\n  ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      const told: number[] = [];
      const source = new YamlSource("x.yaml", text, (offset, message, hint) => {
        told.push(offset);
        expect(`${message} ${hint ?? ""}`).not.toMatch(/undefined|[Ii]mplicit/);
      });
      if (!source.isSound) expect(told).toHaveLength(1);
      for (const offset of told) {
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(text.length);
      }
    }),
    { numRuns: 500 },
  );
});
