/** Owns taking secrets out of lines that were written without doing so. */
import { redacted } from "../base/secret-name.js";
import { Opcode } from "../frame/opcode.js";
import { afterSpace, membersOf } from "./json-text.js";
import type { KnownLine, MarkLine, MessageLine, OtherLine, UpgradeLine } from "./line.js";
import { payloadOf } from "./payload.js";
import type { Redactor } from "./redactor.js";
import { type Changes, rewriteLine, withoutFormer } from "./rewrite-line.js";

/** What is looked at by what it means, and not as text: of an upgrade, of a payload, and of all else. */
const meantOf = {
  opening: new Set(["k", "target", "request", "response"]),
  payload: new Set(["k", "data", "b64"]),
  other: new Set(["k"]),
} as const satisfies Readonly<Record<string, ReadonlySet<string>>>;

/** What lies deeper is hidden, rather than not looked at. */
const deepest = 100;

/** A value without the secrets that are known in its texts; itself when there are none. */
function hidden(value: unknown, redactor: Redactor, depth = 0): unknown {
  if (typeof value === "string") return redactor.text(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) return redacted;
  const entries = Object.entries(value).map(
    ([name, item]: [string, unknown]) =>
      [redactor.text(name), hidden(item, redactor, depth + 1)] as const,
  );
  const before = Object.entries(value) as [string, unknown][];
  if (entries.every(([name, item], at) => name === before[at]![0] && item === before[at]![1])) {
    return value;
  }
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

function* openingChanges(line: UpgradeLine, redactor: Redactor): Generator<[string, unknown]> {
  const { target, request, response } = line;
  const shown = redactor.upgrade({ target, request, response });
  if (shown.target !== target) yield ["target", shown.target];
  yield ["request", shown.request];
  yield ["response", shown.response];
}

/** A line with a payload. */
type Saying = Pick<MessageLine, "op" | "data" | "b64">;

/** The line, if it has one: a mark may keep what was said in a message's place. */
function sayingOf(line: KnownLine | OtherLine): Saying | undefined {
  if (line.k === "in" || line.k === "out") return line as MessageLine;
  const { op, data, b64 } = line as MarkLine;
  return line.k === "mark" && op !== undefined ? { op, data, b64 } : undefined;
}

function* payloadChanges(line: Saying, redactor: Redactor): Generator<[string, unknown]> {
  const shown = redactor.payload(line.op, payloadOf(line));
  if (shown === undefined) return;
  if (line.data === undefined) yield ["b64", shown.toString("base64")];
  else yield ["data", shown.toString("utf8")];
  yield ["redacted", true];
  if (line.op !== Opcode.text) return;
  // They would tell how long the secrets are.
  yield ["wire", undefined];
  yield ["frags", undefined];
}

function* changesOf(line: KnownLine | OtherLine, redactor: Redactor): Generator<[string, unknown]> {
  const shownText = (kind: string, name: string, value: string): string => {
    if (kind === "close" && name === "reason") return redactor.reason(value);
    // A mark may quote what was said in a message's place.
    return kind === "mark" && name === "text" ? redactor.quotation(value) : redactor.text(value);
  };
  const saying = sayingOf(line);
  if (line.k === "upgrade") yield* openingChanges(line as UpgradeLine, redactor);
  if (saying) yield* payloadChanges(saying, redactor);
  const meant = line.k === "upgrade" ? meantOf.opening : meantOf[saying ? "payload" : "other"];
  for (const [name, value] of Object.entries(line)) {
    if (meant.has(name)) continue;
    const shown =
      typeof value === "string" ? shownText(line.k, name, value) : hidden(value, redactor);
    if (shown !== value) yield [name, shown];
  }
}

/** Whether a field stands there more than once: only the last means something, and was looked at. */
function hasTwice(raw: string, line: KnownLine | OtherLine): boolean {
  return membersOf(raw, afterSpace(raw, 0)).length !== Object.keys(line).length;
}

/**
 * A line of a file without its secrets, which are learned: those of its kind, and whatever is known by
 * then, in unknown fields too. All else stays as it was spelt.
 * @param raw the line, without its line break
 */
export function redactLine(raw: string, line: KnownLine | OtherLine, redactor: Redactor): string {
  // Names may be any: none of them is set on an object that has a prototype to be changed.
  const changes: Changes = Object.fromEntries(changesOf(line, redactor));
  return rewriteLine(hasTwice(raw, line) ? withoutFormer(raw) : raw, changes);
}
