/**
 * Owns what a line of a file means: JSON, held against what a line of its kind has. Unknown kinds and
 * fields are let through; known ones are what their types say.
 */
import type { Header } from "../frame/upgrade.js";
import { formatVersion, type KnownLine, type OtherLine, type RecordingHeader } from "./line.js";
import { isTooDeep } from "./nesting.js";

/** A line that is none, and what is wrong with it. */
export class Malformed extends Error {
  override readonly name = "Malformed";
  /** `foreign`: no line of a recording at all; `newer`: one of a later version; else one to correct. */
  readonly nature: "foreign" | "newer" | "mistaken";

  constructor(what: string, nature: Malformed["nature"] = "mistaken") {
    super(what);
    this.nature = nature;
  }
}

/** An object of JSON: its prototype is never looked at for what a file may lack. */
type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed("it is no JSON", "foreign");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Malformed("it is no JSON object", "foreign");
  }
  if (isTooDeep(value)) throw new Malformed("it is nested too deeply");
  return value as Fields;
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}

function isCount(value: unknown): value is number {
  return isAmount(value) && Number.isSafeInteger(value);
}

function isHeaders(value: unknown): value is readonly Header[] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isText))
  );
}

function isPhases(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Object.values(value).every((ms) => isAmount(ms))
  );
}

/** Base64 with its padding (RFC 4648 §4). */
function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** Half a character, which only an escape can bring about in a file of UTF-8. */
function hasHalf(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

type Check = (value: unknown) => boolean;

/** What a field is, in words, and whether it has to be there. */
type Demand = readonly [field: string, check: Check, what: string, isNeeded: boolean];

const text = (field: string, isNeeded = true): Demand => [field, isText, "text", isNeeded];
const amount = (field: string): Demand => [field, isAmount, "a number from 0 on", false];
const count = (field: string, isNeeded = true): Demand => [field, isCount, "a count", isNeeded];

const truth: Check = (value) => value === true;
const sides: ReadonlySet<unknown> = new Set(["client", "server", "nobody"]);

const message: readonly Demand[] = [
  ["wire", isCount, "a count of bytes", false],
  ["frags", (value) => Array.isArray(value) && value.every(isCount), "a list of sizes", false],
  ["rsv1", truth, "true or absent", false],
  ["redacted", truth, "true or absent", false],
];

const demands: ReadonlyMap<string, readonly Demand[]> = new Map([
  [
    "upgrade",
    [
      count("status"),
      text("target", false),
      ["request", isHeaders, "a list of [name, value]", true],
      ["response", isHeaders, "a list of [name, value]", true],
      ["phases", isPhases, "a map of milliseconds", false],
    ],
  ],
  ["in", message],
  ["out", message],
  ["gap", [text("why"), count("missed", false), amount("attempt"), amount("lasted")]],
  ["mark", [text("text"), ["redacted", truth, "true or absent", false]]],
  [
    "close",
    [
      ["by", (value) => sides.has(value), "client, server or nobody", true],
      count("code"),
      text("reason"),
    ],
  ],
  ["end", [count("in"), count("out")]],
]);

function demand(fields: Fields, wanted: readonly Demand[]): void {
  for (const [field, check, what, isNeeded] of wanted) {
    const value = own(fields, field);
    if (value === undefined ? isNeeded : !check(value)) {
      throw new Malformed(`its "${field}" is ${value === undefined ? "missing" : `not ${what}`}`);
    }
  }
}

/** Just one of `data` and `b64`, and an opcode. */
function demandPayload(fields: Fields, raw: string): void {
  const op = own(fields, "op");
  if (!isCount(op) || op > 15) throw new Malformed('its "op" is no opcode: 1 text, 2 binary');
  const data = own(fields, "data");
  const b64 = own(fields, "b64");
  if ((data === undefined) === (b64 === undefined)) {
    throw new Malformed('it has to have one of "data" and "b64"');
  }
  if (data === undefined) {
    if (!isText(b64) || !isBase64(b64)) throw new Malformed('its "b64" is no base64');
  } else if (!isText(data)) throw new Malformed('its "data" is no text');
  else if (raw.includes("\\u") && hasHalf(data)) {
    throw new Malformed('its "data" holds half a character, which no text has: use "b64"');
  }
}

/**
 * The first line of a recording.
 * @throws Malformed
 */
export function parseHeader(raw: string): RecordingHeader {
  // Editors of some systems begin files with a mark of the byte order.
  const fields = fieldsOf(raw.startsWith("\ufeff") ? raw.slice(1) : raw);
  const version = own(fields, "wsrec");
  if (version === undefined) {
    throw new Malformed('its first line lacks "wsrec": 1', "foreign");
  }
  if (version !== formatVersion) {
    throw new Malformed(
      `it is of another version than ${formatVersion}: a newer wsctl may read it`,
      "newer",
    );
  }
  const names: Demand = [
    "redacted",
    (value) => Array.isArray(value) && value.every(isText),
    "a list of names",
    false,
  ];
  demand(fields, [text("url"), text("startedAt"), text("tool", false), names]);
  if (Number.isNaN(Date.parse(String(fields["startedAt"])))) {
    throw new Malformed('its "startedAt" is no time, such as 2026-11-20T20:00:00.000Z');
  }
  const { tool = "", redacted = [] } = fields;
  return { ...fields, tool, redacted } as unknown as RecordingHeader;
}

/**
 * A line after the first.
 * @throws Malformed
 */
export function parseLine(raw: string): KnownLine | OtherLine {
  const fields = fieldsOf(raw);
  const kind = own(fields, "k");
  if (!isText(kind)) {
    const what = Object.hasOwn(fields, "wsrec")
      ? "it begins another recording"
      : 'its "k" is missing';
    throw new Malformed(what);
  }
  if (!isAmount(own(fields, "t"))) throw new Malformed('its "t" is not a number from 0 on');
  const wanted = demands.get(kind);
  if (wanted === undefined) return fields as unknown as OtherLine;
  // A mark may keep what was said in a message's place.
  const isSaying = kind === "mark" && own(fields, "op") !== undefined;
  if (isSaying || wanted === message) demandPayload(fields, raw);
  demand(fields, wanted);
  return fields as unknown as KnownLine;
}
