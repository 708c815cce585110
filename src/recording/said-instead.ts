/** Owns how a payload is quoted in a mark: what went on in the place of a message that was recorded. */
import { isUtf8 } from "node:buffer";
import { formatSize } from "../base/quantity.js";
import { Opcode } from "../frame/opcode.js";
import type { Redactor } from "./redactor.js";

/** What was said in a message's place. */
export interface SaidInstead {
  /** 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly op: number;
  readonly payload: Buffer;
}

/** So much of it is quoted: characters of text, bytes of all else. */
const [mostCharacters, mostBytes] = [4000, 64];
/** A character takes at most so many bytes. */
const widest = 4;

/** It in words, without its secrets, to stand behind a note of what was done. */
export function insteadWords({ op, payload }: SaidInstead, redactor: Redactor): string {
  // Secrets are looked for in all of it: of one that is cut, the beginning would be shown.
  return `, sent instead: ${quoted(op, redactor.payload(op, payload) ?? payload)}`;
}

/** Text as it is, bytes in hex, and how much there is of what was cut. */
function quoted(op: number, payload: Buffer): string {
  const { length } = payload;
  if (length === 0) return "nothing (0 B)";
  if (op !== Opcode.text || !isUtf8(payload)) {
    const more = length > mostBytes ? `… (${formatSize(length)})` : "";
    return `hex ${payload.toString("hex", 0, mostBytes)}${more}`;
  }
  const text = payload.toString("utf8", 0, mostCharacters * widest);
  const isPair = /[\ud800-\udbff]/.test(text.charAt(mostCharacters - 1));
  const kept = text.slice(0, isPair ? mostCharacters - 1 : mostCharacters);
  const isCut = kept.length < text.length || length > mostCharacters * widest;
  return isCut ? `${kept}… (${formatSize(length)})` : kept;
}
