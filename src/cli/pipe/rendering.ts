/** Owns what a message that came looks like on stdout. */
import { Chalk } from "chalk";
import { safeText } from "../../base/safe-text.js";
import type { LensView } from "../../lens/lens.js";
import { hexLines } from "../../repl/render/hex.js";
import type { SessionMessage } from "../../session/session-events.js";
import { indentJson } from "./json-indent.js";

/** How messages are written. */
export interface Rendering {
  /** Whether a person reads along. */
  readonly isTerminal: boolean;
  /** Leaves control characters as they are, on a terminal too. */
  readonly raw: boolean;
  /** Writes the bytes of binary messages as they are, where that is no terminal. */
  readonly binary: boolean;
  readonly pretty: boolean;
  /** Whether a lens is at work, so that every line is JSON. */
  readonly decodes: boolean;
  /** Stands behind each message. */
  readonly end: Buffer;
}

const plain = { chalk: new Chalk({ level: 0 }) };

/** All of the bytes in hexadecimal, each line ended. */
function hexDump(data: Buffer): string {
  return hexLines(data, plain, Infinity)
    .lines.map((line) => `${line}\n`)
    .join("");
}

/** What a lens cannot read, for programs that expect a JSON value a line. */
function asJson({ binary, data }: SessionMessage): string {
  return JSON.stringify(binary ? { $binary: data.toString("base64") } : data.toString("utf8"));
}

/** The message as text; undefined for bytes that are none. */
function textOf(
  message: SessionMessage,
  view: LensView | undefined,
  { decodes, binary, isTerminal }: Rendering,
): string | undefined {
  if (view?.line) return view.line();
  // People read better what is as it came, and who asked for bytes gets them.
  if (decodes && !isTerminal && !(binary && message.binary)) return asJson(message);
  return message.binary ? undefined : message.data.toString("utf8");
}

/**
 * The bytes of a message; undefined where the lens says that there is nothing in it for programs.
 * @param view what the lens says of it, if there is one and the message is of its protocol
 */
export function render(
  message: SessionMessage,
  view: LensView | undefined,
  rendering: Rendering,
): readonly Uint8Array[] | undefined {
  const { isTerminal, raw, binary, pretty, decodes, end } = rendering;
  const { data } = message;
  if (view?.line === null) return undefined;
  // Bytes in, bytes out: nothing is decoded that nobody has to look into.
  const isPlain = !decodes && !isTerminal && !pretty;
  if (isPlain && (binary || !message.binary)) return [data, end];
  const text = textOf(message, view, rendering);
  if (text === undefined) {
    if (isTerminal) return [Buffer.from(hexDump(data))];
    return binary ? [data, end] : [Buffer.from(data.toString("base64")), end];
  }
  const shown = (pretty ? indentJson(text) : undefined) ?? text;
  return [Buffer.from(isTerminal && !raw ? safeText(shown) : shown), end];
}
