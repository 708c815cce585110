/** Shows that of a text with templates every hole that is wrong is told, each at its place. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { parseTemplate } from "../../src/message/template-syntax.js";
import { bracesAt, holesIn } from "../../src/scenario/holes.js";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder();
afterAll(() => {
  folder.remove();
});

const head = "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 1, duration: 1s }\n";

async function told(flow: string): Promise<string[]> {
  const mistakes = await folder.mistakes(`${head}flow:\n${flow}`);
  return mistakes.map(({ place, message }) => `${place.slice("load.yaml:".length)} ${message}`);
}

describe("every hole is told", () => {
  test("of a text in quotes, those behind an escape and an open one included", async () => {
    const flow = `  - send: "{{ a }} {{ $uuid }} {{ $x }} \\\\{{ {{ }} {{ b {{ c"\n`;
    expect(await told(flow)).toEqual([
      "5:12 send: template: unknown name a",
      "5:32 send: template: there is no built-in $x",
      "5:46 send: template: nothing between {{ and }}",
      "5:52 send: template: {{ is not closed",
      "5:57 send: template: {{ is not closed",
    ]);
  });

  test("of a text of several lines, in its line", async () => {
    expect(await told("  - send: |\n      one {{ a }}\n      two {{ b }}\n")).toEqual([
      "6:11 send: template: unknown name a",
      "7:11 send: template: unknown name b",
    ]);
  });

  test("of one that an alias repeats, where it is written and where it is meant", async () => {
    const flow = '  - send: { json: { t: &t "x {{ a }}" } }\n  - send: { json: { t: *t } }\n';
    expect(await told(flow)).toEqual([
      "5:30 t: template: unknown name a",
      "6:24 t: template: unknown name a",
    ]);
  });

  test("what is quoted in one is no end of it", async () => {
    expect(await told(`  - send: '{{ $pick("}}", "{{") }} {{ a }}'\n`)).toEqual([
      "5:36 send: template: unknown name a",
    ]);
  });

  test("the first as a later step's, the second as unknown", async () => {
    const flow = `  - send: "{{ t }} {{ a }}"\n  - wait: { capture: { json: $.t, as: t } }\n`;
    expect(await told(flow)).toEqual([
      "5:12 send: t is captured only in a later step",
      "5:20 send: template: unknown name a",
    ]);
  });
});

test("the holes of a sound template are those that it is cut into", () => {
  const piece = fc.constantFrom(
    "{{ a }}",
    "{{$uuid}}",
    '{{ $pick("}}", "{{") }}',
    "\\{{ ",
    "}}",
    "x",
    "'",
    '"',
    " ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const source = pieces.join("");
      const cut = parseTemplate(source).filter((each) => typeof each !== "string");
      const found = [...holesIn(source)];
      expect(found).toHaveLength(cut.length);
      for (const { text, number } of found) {
        expect(source.slice(bracesAt(source, number))).toMatch(/^\{\{/);
        expect(source.startsWith(text, bracesAt(source, number))).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["names", "{{ x ", 100_000],
  ["quotes, of which the next hole's closes each", '{{ " ', 50_000],
  ["quotes that are escaped", '{{ \\" ', 100_000],
])("a text of many holes without ends is gone through once: %s", (_what, hole, holes) => {
  let count = 0;
  for (const { text } of holesIn(hole.repeat(100_000))) count += text.length > 0 ? 1 : 0;
  expect(count).toBe(holes);
});
