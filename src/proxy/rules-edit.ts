/**
 * Owns the change of one value within a JSON message: everything else of it stays byte for byte as
 * it came, its numbers, its order and its white space.
 */
import { JSONPathEnvironment } from "json-p3";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { compileJsonPath } from "../message/json-path.js";
import { singularSteps } from "../message/json-path-walk.js";
import { skipSpace, skipString } from "../message/json-token.js";
import type { MessageView } from "../message/view.js";

/** A value's place in the bytes of a message, and what goes before it where it is not there yet. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly before: string;
}

/** Puts a value, which is JSON text, into a message; undefined where the message has no such place. */
export type Edit = (view: MessageView, value: string) => Buffer | undefined;

const [quote, comma, openList, closeList] = [0x22, 0x2c, 0x5b, 0x5d];
const [openObject, closeObject] = [0x7b, 0x7d];

/**
 * An edit of what that path selects. A last name that an object does not have is added to it.
 * @throws WsctlError WSCTL_EUSAGE for what is no path, or may select several values
 */
export function compileEdit(path: string): Edit {
  compileJsonPath(path);
  const steps = singularSteps(new JSONPathEnvironment().compile(path));
  if (!steps) {
    throw new WsctlError("WSCTL_EUSAGE", "edit takes a path that selects one value", {
      hint: "name it like $.order.price or $.items[0].id",
      where: [safeLine(path)],
    });
  }
  return (view, value) => {
    // What follows goes over the bytes in the knowledge that they are JSON.
    if (view.json === undefined) return undefined;
    const { bytes } = view;
    const span = spanOf(bytes, steps);
    if (!span) return undefined;
    return Buffer.concat([
      bytes.subarray(0, span.start),
      Buffer.from(span.before + value),
      bytes.subarray(span.end),
    ]);
  };
}

function spanOf(bytes: Buffer, steps: readonly (string | number)[]): Span | undefined {
  let at = skipSpace(bytes, 0, bytes.length);
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const found = typeof step === "string" ? memberAt(bytes, at, step) : itemAt(bytes, at, step);
    if (found === undefined) {
      return isLast && typeof step === "string" ? newMember(bytes, at, step) : undefined;
    }
    at = found;
  }
  return { start: at, end: afterValue(bytes, at), before: "" };
}

/** Where a member is to be added to the object that begins here; undefined when it is no object. */
function newMember(bytes: Buffer, at: number, name: string): Span | undefined {
  if (bytes[at] !== openObject) return undefined;
  const place = afterValue(bytes, at) - 1;
  const isEmpty = skipSpace(bytes, at + 1, bytes.length) === place;
  return { start: place, end: place, before: `${isEmpty ? "" : ","}${JSON.stringify(name)}:` };
}

/** Where the value of that member begins; of several with the same name the last one counts. */
function memberAt(bytes: Buffer, start: number, name: string): number | undefined {
  if (bytes[start] !== openObject) return undefined;
  let found: number | undefined;
  let at = skipSpace(bytes, start + 1, bytes.length);
  while (bytes[at] === quote) {
    const end = skipString(bytes, at + 1, bytes.length) + 1;
    const key: unknown = JSON.parse(bytes.toString("utf8", at, end));
    const value = skipSpace(bytes, skipSpace(bytes, end, bytes.length) + 1, bytes.length);
    if (key === name) found = value;
    at = nextItem(bytes, value);
  }
  return found;
}

/** Where the item of that number begins; below zero they are counted from the end. */
function itemAt(bytes: Buffer, start: number, index: number): number | undefined {
  if (bytes[start] !== openList) return undefined;
  const wanted = index < 0 ? itemCount(bytes, start) + index : index;
  if (wanted < 0) return undefined;
  let at = skipSpace(bytes, start + 1, bytes.length);
  for (let number = 0; bytes[at] !== closeList; number++) {
    if (number === wanted) return at;
    at = nextItem(bytes, at);
  }
  return undefined;
}

function itemCount(bytes: Buffer, start: number): number {
  let count = 0;
  let at = skipSpace(bytes, start + 1, bytes.length);
  for (; bytes[at] !== closeList; count++) at = nextItem(bytes, at);
  return count;
}

/** What follows a value and its comma: the next one, or the bracket. */
function nextItem(bytes: Buffer, value: number): number {
  const at = skipSpace(bytes, afterValue(bytes, value), bytes.length);
  return bytes[at] === comma ? skipSpace(bytes, at + 1, bytes.length) : at;
}

/** The position after the value that begins here. */
function afterValue(bytes: Buffer, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const byte = bytes[at]!;
    if (byte === quote) at = skipString(bytes, at + 1, bytes.length) + 1;
    else if (byte === openObject || byte === openList) {
      depth++;
      at++;
    } else if (byte === closeObject || byte === closeList) {
      depth--;
      at++;
    } else if (depth > 0) at++;
    else while (at < bytes.length && !isScalarEnd(bytes[at]!)) at++;
  } while (depth > 0 && at < bytes.length);
  return at;
}

function isScalarEnd(byte: number): boolean {
  return byte <= 0x20 || byte === comma || byte === closeList || byte === closeObject;
}
