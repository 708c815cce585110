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

function textOf(message: SessionMessage, view: LensView | undefined): string | undefined {
  if (view) return view.body === undefined ? view.title : JSON.stringify(view.body);
  return message.binary ? undefined : message.data.toString("utf8");
}

/**
 * The bytes of a message.
 * @param view what the lens says of it, if there is one and the message is of its protocol
 */
export function render(
  message: SessionMessage,
  view: LensView | undefined,
  { isTerminal, raw, binary, pretty, end }: Rendering,
): readonly Uint8Array[] {
  const { data } = message;
  // Bytes in, bytes out: nothing is decoded that nobody has to look into.
  const isPlain = !view && !isTerminal && !pretty;
  if (isPlain && (binary || !message.binary)) return [data, end];
  const text = textOf(message, view);
  if (text === undefined) {
    if (isTerminal) return [Buffer.from(hexDump(data))];
    return binary ? [data, end] : [Buffer.from(data.toString("base64")), end];
  }
  const shown = (pretty ? indentJson(text) : undefined) ?? text;
  return [Buffer.from(isTerminal && !raw ? safeText(shown) : shown), end];
}
