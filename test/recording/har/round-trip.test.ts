import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HarExport, type ExportedRecording } from "../../../src/recording/har/export-har.js";
import type { KnownLine, OtherLine, RecordingHeader } from "../../../src/recording/line.js";
import { parseHeader, parseLine } from "../../../src/recording/parse-line.js";
import { payloadOf } from "../../../src/recording/payload.js";
import { imported } from "./samples.js";

interface Recording {
  readonly header: RecordingHeader;
  readonly lines: readonly (KnownLine | OtherLine)[];
}

/** An entry as it is exported. */
interface Entry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: { readonly url: string };
  readonly response: { readonly status: number };
  readonly timings: Readonly<Record<string, number>>;
  readonly _webSocketMessages: readonly Readonly<Record<string, unknown>>[];
}

async function* given(
  recordings: readonly Recording[],
): AsyncGenerator<ExportedRecording, undefined> {
  for (const { header, lines } of recordings) {
    async function* all(): AsyncGenerator<KnownLine | OtherLine, undefined> {
      yield* lines;
    }
    yield { header, lines: all() };
  }
}

async function exported(
  recordings: readonly Recording[],
): Promise<{ text: string; notes: string[] }> {
  const har = new HarExport({ name: "wsctl", version: "1" });
  let text = "";
  for await (const piece of har.text(given(recordings))) text += piece;
  return { text, notes: har.notes() };
}

/** Lines as their meaning: a payload is the same in either spelling. */
function meaning(lines: readonly (KnownLine | OtherLine)[]): unknown[] {
  return lines.map((line) => {
    if (line.k !== "in" && line.k !== "out") return line;
    const { data: _, b64: __, ...rest } = line;
    return { ...rest, payload: payloadOf(line as Parameters<typeof payloadOf>[0]).toString("hex") };
  });
}

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const bytes = fc
  .uint8Array({ maxLength: 12 })
  .map((array) => Buffer.from(array).toString("base64"));
const headers = fc.array(fc.tuple(text, text), { maxLength: 3 });
const amount = fc
  .double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true })
  .map((x) => x + 0);
const unknown = fc.option(
  fc.dictionary(
    text.map((name) => `x${name}`),
    fc.jsonValue({ maxDepth: 1 }),
    { maxKeys: 2 },
  ),
  { nil: {} },
);
const direction = fc.constantFrom("in", "out");

const anyLine = fc
  .tuple(
    amount,
    unknown,
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ k: direction, op: fc.constant(1), data: text }) },
      fc.record({ k: direction, op: fc.constantFrom(1, 2, 9, 10, 0, 5), b64: bytes }),
      fc.record(
        {
          k: direction,
          op: fc.constant(2),
          b64: bytes,
          wire: fc.nat(),
          frags: fc.array(fc.nat(), { maxLength: 3 }),
          rsv1: fc.constant(true),
          redacted: fc.constant(true),
        },
        { requiredKeys: ["k", "op", "b64"] },
      ),
      fc.record({
        k: fc.constant("upgrade"),
        status: fc.nat({ max: 999 }),
        target: text,
        request: headers,
        response: headers,
        phases: fc.dictionary(text, amount, { maxKeys: 3 }),
      }),
      fc.record({ k: fc.constant("gap"), why: text, missed: fc.nat() }),
      fc.record({ k: fc.constant("mark"), text }),
      fc.record({
        k: fc.constant("close"),
        by: fc.constantFrom("client", "server", "nobody"),
        code: fc.nat({ max: 70_000 }),
        reason: text,
      }),
      fc.record({ k: fc.constant("end"), in: fc.nat(), out: fc.nat() }),
      fc.record({ k: text.map((name) => `z${name}`), anything: fc.jsonValue({ maxDepth: 1 }) }),
    ),
  )
  .map(([t, more, rest]) => parseLine(JSON.stringify({ ...more, t, ...rest })));

const recording = fc.record({
  header: fc
    .tuple(unknown, fc.constantFrom("", "ws://h/x?a=1", "wss://h:1/%20", "nonsense"), text)
    .map(([more, url, tool]) => {
      const startedAt = "2026-11-20T20:00:00.123Z";
      return parseHeader(
        JSON.stringify({ ...more, wsrec: 1, url, startedAt, tool, redacted: ["a"] }),
      );
    }),
  lines: fc.array(anyLine, { maxLength: 12 }),
});

describe("a recording that is exported and imported again", () => {
  test("is the same", async () => {
    await fc.assert(
      fc.asyncProperty(recording, async ({ header, lines }) => {
        const { text: har } = await exported([{ header, lines }]);
        const back = await imported(Buffer.from(har));
        expect(back.header).toEqual(header);
        expect(meaning(back.lines)).toEqual(meaning(lines));
        expect(back.notes).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("with others in one file too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(recording, { minLength: 1, maxLength: 3 }), async (all) => {
        const har = Buffer.from((await exported(all)).text);
        for (const [index, { header, lines }] of all.entries()) {
          const back = await imported(har, { entry: index + 1 });
          expect(back.header).toEqual(header);
          expect(meaning(back.lines)).toEqual(meaning(lines));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("is JSON with every field that Chrome's importer and HAR 1.2 ask for", async () => {
    await fc.assert(
      fc.asyncProperty(recording, async (one) => {
        const { log } = JSON.parse((await exported([one])).text) as { log: { entries: Entry[] } };
        expect(log).toMatchObject({
          version: "1.2",
          creator: { name: "wsctl", version: "1" },
          pages: [],
        });
        const { request, response, timings, startedDateTime, time, _webSocketMessages } =
          log.entries[0]!;
        expect(new Date(startedDateTime).toISOString()).toBe(startedDateTime);
        expect(URL.canParse(request.url)).toBe(true);
        for (const sizes of [request, response]) {
          expect(sizes).toMatchObject({ cookies: [], headersSize: -1, bodySize: -1 });
        }
        const { send, wait, receive } = timings;
        for (const number of [time, send, wait, receive, response.status]) {
          expect(Number.isFinite(number)).toBe(true);
        }
        expect(response).toMatchObject({
          content: { size: 0 },
          redirectURL: expect.any(String) as string,
        });
        for (const row of _webSocketMessages) {
          expect(row).toMatchObject({ data: expect.any(String) as string });
          expect(["send", "receive"]).toContain(row["type"]);
          expect(Number.isFinite(row["time"])).toBe(true);
          expect(Number.isInteger(row["opcode"])).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe("an export", () => {
  const header = parseHeader(
    '{"wsrec":1,"url":"wss://h/chat","startedAt":"2026-11-20T20:00:00.000Z","tool":"t","redacted":[]}',
  );
  const from = (lines: readonly object[]): Promise<{ text: string; notes: string[] }> =>
    exported([{ header, lines: lines.map((one) => parseLine(JSON.stringify(one))) }]);

  test("has rows in seconds, with text as text and bytes as base64", async () => {
    const { text: har } = await from([
      { t: 12.481, k: "out", op: 1, data: "hi" },
      { t: 20, k: "in", op: 2, b64: "AAEC" },
      { t: 30, k: "close", by: "server", code: 1001, reason: "bye" },
    ]);
    const { log } = JSON.parse(har) as { log: { entries: [{ _webSocketMessages: object[] }] } };
    expect(log.entries[0]._webSocketMessages).toMatchObject([
      { type: "send", time: 1_795_204_800.012_481, opcode: 1, data: "hi" },
      { type: "receive", time: 1_795_204_800.02, opcode: 2, data: "AAEC" },
      { type: "receive", opcode: 8, data: "A+lieWU=" },
    ]);
  });

  test("tells what other tools will not show", async () => {
    const { notes } = await from([
      { t: 0, k: "upgrade", status: 101, request: [], response: [] },
      { t: 1, k: "in", op: 1, b64: "/w==" },
      { t: 1, k: "in", op: 1, data: "a", rsv1: true, wire: 3 },
      { t: 2, k: "gap", why: "reconnect" },
      { t: 2, k: "upgrade", status: 101, request: [], response: [] },
      { t: 3, k: "mark", text: "m" },
      { t: 3, k: "novel" },
      { t: 4, k: "close", by: "nobody", code: 1006, reason: "" },
      { t: 4, k: "end", in: 2, out: 0 },
    ]);
    expect(notes).toEqual([
      "texts that are not UTF-8: 1",
      "bytes of messages on the wire: 1",
      "gaps: 1",
      "later upgrades: 1",
      "marks: 1",
      "lines of unknown kinds: 1",
      "ends without a close frame: 1",
    ]);
  });

  test("comes in pieces, however long it is", async () => {
    const har = new HarExport({ name: "wsctl", version: "1" });
    async function* many(): AsyncGenerator<KnownLine, undefined> {
      for (let t = 0; t < 20_000; t++) yield { t, k: "in", op: 1, data: "0123456789" };
    }
    async function* one(): AsyncGenerator<ExportedRecording, undefined> {
      yield { header, lines: many() };
    }
    let longest = 0;
    for await (const piece of har.text(one())) longest = Math.max(longest, piece.length);
    expect(longest).toBeLessThan(100_000);
  });
});

describe("an exported entry that somebody changed", () => {
  test("rows of any shape are read or left out", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.jsonValue(),
        async (rows, any) => {
          for (const header of [undefined, any]) {
            const entry = {
              _resourceType: "websocket",
              _wsctlHeader: header ?? { wsrec: 1, url: "", startedAt: "2026-11-20T20:00:00Z" },
              _wsctlUpgrade: any,
              _wsctlAfter: rows,
              _webSocketMessages: [
                ...rows,
                { type: "send", time: any, opcode: 1, data: "x", _wsctlT: any },
              ],
              request: any,
              response: any,
              timings: any,
              startedDateTime: any,
            };
            const { lines } = await imported(
              Buffer.from(JSON.stringify({ log: { entries: [entry] } })),
            );
            for (const line of lines) expect(parseLine(JSON.stringify(line))).toEqual(line);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
