/** Shows what a message looks like on stdout: exact in a pipe, harmless on a terminal. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { indentJson } from "../../src/cli/pipe/json-indent.js";
import { Output } from "../../src/cli/pipe/output.js";
import { render, type Rendering } from "../../src/cli/pipe/rendering.js";
import type { LensView } from "../../src/lens/lens.js";
import type { SessionMessage } from "../../src/session/session-events.js";

function incoming(data: Buffer | string, binary = false): SessionMessage {
  const facts = { at: 0, wire: 0, frames: 1, compressed: false };
  return { direction: "in", number: 1, binary, data: Buffer.from(data), ...facts };
}

function shown(message: SessionMessage, how: Partial<Rendering>, view?: LensView): string {
  const usual = { isTerminal: false, raw: false, binary: false, pretty: false, decodes: false };
  const rendering = { ...usual, end: Buffer.from("\n"), ...how };
  return Buffer.concat(render(message, view, rendering) ?? []).toString("latin1");
}

describe("a message", () => {
  const evil = "a\x1b[2J\x07b\u202e\x9b";

  test("of text stays as it is in a pipe", () => {
    expect(shown(incoming(evil), {})).toBe(`${Buffer.from(evil).toString("latin1")}\n`);
  });

  test("of text is made harmless on a terminal", () => {
    const text = Buffer.from(shown(incoming(evil), { isTerminal: true }), "latin1").toString();
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    expect(text).toContain("[2J");
  });

  test("of text is left alone on a terminal with --raw", () => {
    const raw = shown(incoming(evil), { isTerminal: true, raw: true });
    expect(raw).toContain("\x1b[2J");
  });

  test("of bytes is base64 in a pipe, bytes with --binary, and a dump on a terminal in any case", () => {
    const message = incoming(Buffer.of(0, 0x1b, 0x5b, 0xff), true);
    expect(shown(message, {})).toBe("ABtb/w==\n");
    expect(shown(message, { binary: true, end: Buffer.alloc(0) })).toBe("\0\x1b[\xff");
    for (const how of [{}, { raw: true }, { binary: true }]) {
      expect(shown(message, { isTerminal: true, ...how })).toMatch(/^0000 {2}00 1b 5b ff .*\n$/);
    }
  });

  test("of JSON is indented with --pretty, and anything else is not", () => {
    expect(shown(incoming('{"a":[1]}'), { pretty: true })).toBe('{\n  "a": [\n    1\n  ]\n}\n');
    expect(shown(incoming("{nope"), { pretty: true })).toBe("{nope\n");
  });
});

describe("a message under a lens", () => {
  const view: LensView = { title: "← x", kind: "event", body: { a: 1 }, line: () => '{"a":1.0}' };

  test("is its line, whatever it was, and nothing where there is none", () => {
    for (const binary of [true, false]) {
      expect(shown(incoming("…", binary), { decodes: true }, view)).toBe('{"a":1.0}\n');
      expect(shown(incoming("…", binary), { decodes: true }, { ...view, line: null })).toBe("");
    }
  });

  test("is JSON where the lens cannot read it, and as it came to a person or with --binary", () => {
    const bytes = incoming(Buffer.of(0xff), true);
    expect(shown(incoming('a"\n'), { decodes: true })).toBe('"a\\"\\n"\n');
    expect(shown(bytes, { decodes: true })).toBe('{"$binary":"/w=="}\n');
    expect(shown(bytes, { decodes: true, binary: true })).toBe("\xff\n");
    expect(shown(bytes, { decodes: true, isTerminal: true })).toMatch(/^0000 {2}ff/);
    expect(shown(incoming("hello"), { decodes: true, isTerminal: true })).toBe("hello\n");
  });
});

test("a dump has sixteen bytes a line, in hexadecimal and ASCII", () => {
  const bytes = Buffer.from("0123456789abcdef\x1b\x7fz");
  expect(Buffer.from(shown(incoming(bytes, true), { isTerminal: true }), "latin1").toString()).toBe(
    "0000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef\n" +
      `0010  1b 7f 7a ${" ".repeat(41)}··z\n`,
  );
  expect(shown(incoming("", true), { isTerminal: true })).toBe("");
});

describe("indented JSON", () => {
  test("is what JSON.stringify makes of it, for plain values", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(indentJson(text) ?? text).toBe(JSON.stringify(JSON.parse(text), null, 2));
      }),
      { numRuns: 200 },
    );
  });

  test("keeps numbers, escapes and doubled keys as they were written", () => {
    const text = String.raw`{"n":12345678901234567890.10,"e":1E400,"s":"\u0041\"{","n":-0}`;
    const expected = String.raw`{
  "n": 12345678901234567890.10,
  "e": 1E400,
  "s": "\u0041\"{",
  "n": -0
}`;
    expect(indentJson(text)).toBe(expected);
  });

  test("is not made of what is no JSON, too long or too deep", () => {
    expect(indentJson("{a:1}")).toBeUndefined();
    expect(indentJson(`"${"x".repeat(2 ** 21)}"`)).toBeUndefined();
    expect(indentJson("[".repeat(200) + "]".repeat(200))).toBeUndefined();
  });

  test("takes a long string without a word", () => {
    const text = JSON.stringify({ s: String.raw`\"`.repeat(200_000) });
    expect(indentJson(text)?.length).toBe(text.length + 5);
  });
});

describe("an output", () => {
  test("gathers what is written in one turn, in order", async () => {
    const writes: string[] = [];
    const sink = {
      write: (bytes: string | Uint8Array) => writes.push(String(bytes)) > 0,
      once: () => {},
    };
    const output = new Output(sink, () => {});
    output.write(Buffer.from("a"), Buffer.from("b"));
    output.write(Buffer.from("c"));
    expect(writes).toEqual([]);
    await new Promise(setImmediate);
    expect(writes).toEqual(["abc"]);
    output.write(Buffer.from("d"));
    output.write(Buffer.alloc(70_000, "e"));
    expect(writes.map((text) => text.slice(0, 3))).toEqual(["abc", "d", "eee"]);
  });

  test("says when it is full, and when it has room again", () => {
    let drain = () => {};
    const states: boolean[] = [];
    const sink = {
      write: () => false,
      once: (_event: "drain", listener: () => void) => {
        drain = listener;
      },
    };
    const output = new Output(sink, () => states.push(output.isFull));
    output.write(Buffer.alloc(70_000));
    output.write(Buffer.alloc(70_000));
    drain();
    expect(states).toEqual([true, false]);
  });
});
