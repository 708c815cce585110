/** How messages, frames and bytes look, whatever the other side sends. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Feed } from "../../src/repl/feed.js";
import { MessageLog } from "../../src/repl/message-log.js";
import { drawEnd, drawFrame } from "../../src/repl/render/frame.js";
import { drawMessage, glance, study } from "../../src/repl/render/message.js";
import { jsonTree } from "../../src/repl/render/json-tree.js";
import type { SessionMessage } from "../../src/session/session-events.js";
import { plain } from "./terminal.js";

function message(data: string | Buffer, more: Partial<SessionMessage> = {}): SessionMessage {
  return {
    direction: "in",
    number: 1,
    binary: typeof data !== "string",
    data: Buffer.from(data),
    at: 0,
    wire: data.length + 2,
    frames: 1,
    compressed: false,
    ...more,
  };
}

function drawn(
  data: string | Buffer,
  { pretty = true, raw = false, bounds = glance, more = {} } = {},
): string {
  const entry = new MessageLog().add(message(data, more), 0);
  const style = { pretty, raw, frames: false };
  return drawMessage({ entry, delta: 3, view: undefined, style, bounds, ink: plain });
}

// Everything that a terminal would obey but newline and tab, and what reorders text.
// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const hostile = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe("a message", () => {
  test("short JSON stands on the line, as it was written", () => {
    expect(drawn('{"id":12345678901234567890,"id":1.0}')).toMatch(
      /\+3ms +#1 ← \{"id": 12345678901234567890, "id": 1\.0\}$/,
    );
  });

  test("long JSON is laid out below, small values on one line each", () => {
    const text = JSON.stringify({ a: { b: [1, 2] }, long: "x".repeat(60), c: [] });
    expect(drawn(text).split("\n").slice(1)).toEqual([
      "    {",
      '      "a": {"b": [1, 2]},',
      `      "long": "${"x".repeat(60)}",`,
      '      "c": []',
      "    }",
    ]);
  });

  test("more than can be read at a glance is cut, and says how to see it", () => {
    const text = drawn(JSON.stringify(Array.from({ length: 500 }, (_, index) => `item ${index}`)));
    expect(text.split("\n")).toHaveLength(glance.lines + 2);
    expect(text).toContain("more: /show 1");
  });

  test("bytes are a hex dump", () => {
    expect(drawn(Buffer.from([0, 1, 0xff, 0x41])).split("\n")).toEqual([
      expect.stringContaining("#1 ← binary 4 B"),
      expect.stringMatching(/^ {4}0000 {2}00 01 ff 41 +···A$/),
    ]);
  });

  test("JSON in a binary message is shown as JSON", () => {
    expect(drawn(Buffer.from('{"a":1}'))).toContain('binary 7 B {"a": 1}');
  });

  test("an empty one is there as well", () => {
    expect(drawn("")).toContain("(empty)");
  });

  test("without pretty all stands on one line", () => {
    expect(drawn('{"a":\n1}', { pretty: false })).toMatch(/← \{"a":⏎1\}$/);
  });

  test("control characters come through only when asked for", () => {
    expect(drawn("\u001B[31m")).toContain("␛[31m");
    expect(drawn("\u001B[31m", { raw: true })).toContain("\u001B[31m");
  });

  test("a message of 100 MB is drawn at once", () => {
    const begun = performance.now();
    const huge = Buffer.alloc(100_000_000, "[");
    const text = drawn(huge, { more: { binary: false } });
    expect(text.length).toBeLessThan(4000);
    expect(text).toContain("MiB more: /show 1");
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  test("nothing hostile gets through, in whatever it is wrapped", () => {
    const bad = fc.constantFrom(
      "\u001B]52;c;x\u0007",
      "\u202E",
      "\u009B31m",
      "\u0000",
      "\r",
      "\u007F",
      "\u2066",
    );
    const part = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), bad);
    const string = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));
    const wrap = fc.constantFrom<(text: string) => string | Buffer>(
      (text) => text,
      (text) => Buffer.from(text),
      (text) => JSON.stringify({ [text]: [text, { text }] }),
      // JSON as no honest writer would put it: C1 and bidi unescaped.
      (text) => `{"${text}":"${text}"}`,
      (text) => Buffer.from(text, "latin1"),
    );
    fc.assert(
      fc.property(string, wrap, fc.boolean(), (text, wrapped, pretty) => {
        const seen = drawn(wrapped(text), { pretty, bounds: study });
        expect(hostile.exec(seen)).toBeNull();
      }),
      { numRuns: 1500 },
    );
  });
});

describe("page by page", () => {
  /** Every page of a message, each begun where the one before says. */
  function pages(data: string | Buffer): string[] {
    const entry = new MessageLog().add(message(data), 0);
    const style = { pretty: true, raw: false, frames: false };
    const drawing = { entry, delta: undefined, view: undefined, style, bounds: study, ink: plain };
    const found: string[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      expect(found.length).toBeLessThan(100);
      const text = drawMessage({ ...drawing, from });
      const body = text.replace(/^.*? ← /, "").replace(/^[\d.]+ (?:B|KiB|MiB)(?:,.*)?\n/, "");
      found.push(body.replace(/ {4}… .* goes on.*/, ""));
      const [, next] = /… .*more: \/show 1 (\d+) goes on/.exec(text) ?? [];
      from = next === undefined ? undefined : Number(next);
    }
    expect(found.length).toBeGreaterThan(1);
    return found;
  }

  const bare = (texts: readonly string[]) => texts.join("").replace(/\s/g, "");

  test.each([
    ["one line of characters that take several bytes", "é€😀".repeat(60_000)],
    ["many lines", "line é\n".repeat(3000)],
    ["JSON of many lines", JSON.stringify(Array.from({ length: 3000 }, (_, n) => ({ n, é: [n] })))],
    ["JSON with a long string in it", JSON.stringify([1, "x".repeat(150_000), 2])],
    [
      "JSON that is too long to be laid out",
      JSON.stringify(Array.from({ length: 99_999 }, () => "é")),
    ],
  ])("all of it is seen once: %s", (_what, text) => {
    // Compared like this, a failure does not print them.
    expect(bare(pages(text)) === text.replace(/\s/g, "")).toBe(true);
  });

  test("bytes are counted from the beginning of the message", () => {
    const offsets = pages(Buffer.alloc(10_000, 0xff)).flatMap((page) =>
      [...page.matchAll(/^ {4}([\da-f]{4}) {2}ff/gm)].map(([, at = ""]) => Number.parseInt(at, 16)),
    );
    expect(offsets).toEqual(Array.from({ length: 625 }, (_, line) => line * 16));
  });

  test("in the midst of a character it begins with that character", () => {
    const entry = new MessageLog().add(message("a€b"), 0);
    const style = { pretty: true, raw: false, frames: false };
    const drawing = { entry, delta: undefined, view: undefined, style, bounds: study, ink: plain };
    expect(drawMessage({ ...drawing, from: 3 })).toMatch(/← €b$/);
  });
});

describe("the JSON tree", () => {
  test("says the same as JSON.parse of it would", () => {
    const written = (node: ReturnType<typeof jsonTree> | string): string => {
      if (typeof node === "string") return node;
      if (!node) return "undefined";
      const items = node.items.map(
        ([key, value]) => (key === undefined ? "" : `${key}:`) + written(value),
      );
      return node.isObject ? `{${items.join(",")}}` : `[${items.join(",")}]`;
    };
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.integer({ min: 0, max: 4 }), (value, indent) => {
        expect(written(jsonTree(JSON.stringify(value, null, indent)))).toBe(JSON.stringify(value));
      }),
      { numRuns: 300 },
    );
  });

  test("is none for what is not JSON, or too deep", () => {
    expect(jsonTree("{a}")).toBeUndefined();
    expect(jsonTree("12")).toBeUndefined();
    expect(jsonTree("[".repeat(5000) + "]".repeat(5000))).toBeUndefined();
  });
});

describe("frames and ends", () => {
  const frame = { direction: "in", at: 0, rsv: 0, masked: false, fin: true } as const;

  test("a frame is told on one line", () => {
    const text = { ...frame, opcode: 1, rsv: 4, length: 10, wire: 12, control: undefined };
    expect(drawFrame(text, 0, 0, plain)).toContain(
      "← ▪ text FIN RSV1 · 10 B payload, 12 B on the wire",
    );
  });

  test("a close frame says its code, and its reason is harmless", () => {
    const control = Buffer.from("\u000F\u00A1\u001B[2J", "latin1");
    const close = { ...frame, opcode: 8, length: control.length, wire: 8, control };
    expect(drawFrame(close, 0, 0, plain)).toMatch(/close FIN 4001 \(.*\) "␛\[2J"/);
  });

  test("an abnormal end says why", () => {
    const error = new Error("the connection broke (ECONNRESET)");
    const end = { code: 1006, reason: "", by: undefined, clean: false, error };
    expect(drawEnd(end, plain)).toBe(
      "closed: 1006 Abnormal Closure: the connection ended without a close frame\n" +
        "    the connection broke (ECONNRESET)",
    );
  });
});

describe("the feed", () => {
  function feedOf() {
    const printed: string[] = [];
    const state = { now: 0, behind: false };
    const feed = new Feed({
      print: (text) => printed.push(text),
      isBehind: () => state.behind,
      now: () => state.now,
      dim: (text) => text,
    });
    return { feed, printed, state };
  }

  test("shows a burst whole, and samples what goes on and on", () => {
    const { feed, printed, state } = feedOf();
    for (let beat = 0; beat < 200; beat++) {
      state.now = beat * 50;
      for (let each = 0; each < 50; each++) feed.sample("message", () => "line");
      feed.flush();
    }
    feed.close();
    const lines = printed.flatMap((text) => text.split("\n"));
    const shown = lines.filter((line) => line === "line").length;
    const notes = lines.flatMap(
      (line) => /^… ([\d\s]+) messages not shown$/u.exec(line)?.[1] ?? [],
    );
    const hidden = notes.reduce((sum, note) => sum + Number(note.replace(/\D/g, "")), 0);
    expect(shown).toBeGreaterThan(300);
    expect(shown).toBeLessThan(1200);
    // A note a second, and every message is either shown or counted.
    expect(notes.length).toBeGreaterThanOrEqual(8);
    expect(shown + hidden).toBe(10_000);
    expect(printed.length).toBeLessThanOrEqual(202);
  });

  test("shows what was typed here, and its answer, however much else comes", () => {
    const { feed, printed, state } = feedOf();
    for (let beat = 0; beat < 100; beat++) {
      state.now = beat * 50;
      for (let each = 0; each < 500; each++) feed.sample("message", () => "line");
      if (beat % 10 === 9) feed.sample("talk", () => `mine ${beat}`);
      feed.flush();
    }
    feed.close();
    const mine = printed.join("\n").match(/mine \d+/g);
    expect(mine).toEqual(Array.from({ length: 10 }, (_, i) => `mine ${i * 10 + 9}`));
  });

  test("draws nothing for a terminal that does not keep up, and still says what has to be said", () => {
    const { feed, printed, state } = feedOf();
    state.behind = true;
    let drawings = 0;
    for (let each = 0; each < 1000; each++) feed.sample("message", () => String(drawings++));
    feed.say("closed");
    feed.close();
    feed.say("too late");
    feed.flush();
    expect(drawings).toBe(0);
    expect(printed).toEqual(["closed", "… 1 000 messages not shown"]);
  });
});

describe("the log", () => {
  test("does not hold on to what is gone", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const log = new MessageLog({ bytes: 8 * 1024 * 1024 });
    const added = Array.from({ length: 200 }, () => {
      const data = Buffer.alloc(1024 * 1024);
      log.add(message(data), 0);
      return new WeakRef(data);
    });
    expect(log.size).toBe(7);
    // A reference that is weak holds to the end of the turn in which it was made.
    await vi.waitFor(() => {
      gc();
      expect(added.filter((data) => data.deref() !== undefined).length).toBeLessThan(20);
    });
  });

  test("keeps the newest within its bounds", () => {
    const log = new MessageLog({ entries: 10, bytes: 100_000 });
    for (let each = 1; each <= 5000; each++) log.add(message(String(each)), each);
    expect([log.size, log.first, log.last]).toEqual([10, 4991, 5000]);
    expect(log.get(4990)).toBeUndefined();
    expect(log.get(5001)).toBeUndefined();
    expect([...log.from(0)].map(({ data }) => data.toString())).toEqual(
      Array.from({ length: 10 }, (_, index) => String(4991 + index)),
    );
  });

  test("is bounded in bytes, and keeps the beginning of what is too large", () => {
    const log = new MessageLog({ bytes: 3_000_000, whole: 1_500_000 });
    for (let each = 0; each < 10; each++) log.add(message(Buffer.alloc(2_000_000)), 0);
    expect(log.bytes).toBeLessThanOrEqual(3_000_000);
    const entry = log.get(10);
    expect(entry?.length).toBe(2_000_000);
    expect(entry?.data.length).toBe(1024 * 1024);
  });
});
