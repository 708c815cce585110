/** Owns how tests show messages to a lens. */
import type { Direction, LensSession, LensView, SeenMessage } from "../../src/lens/lens.js";

/** A text message; `at` in ms. */
export function text(direction: Direction, data: string, at = 0): SeenMessage {
  return { direction, binary: false, data: Buffer.from(data), at };
}

/** A binary message; `at` in ms. */
export function binary(direction: Direction, data: Uint8Array, at = 0): SeenMessage {
  return { direction, binary: true, data: Buffer.from(data), at };
}

/** What a lens makes of a conversation: `> text` is said by the client, `< text` by the server. */
export function conversation(
  lens: LensSession,
  lines: readonly string[],
): (LensView | undefined)[] {
  return lines.map((line, index) =>
    lens.see(text(line.startsWith(">") ? "out" : "in", line.slice(2), index * 10)),
  );
}

/** The same, only the titles. */
export function titles(lens: LensSession, lines: readonly string[]): (string | undefined)[] {
  return conversation(lens, lines).map((view) => view?.title);
}

/** The view without what it gives to programs, to be compared as a whole. */
export function facts(view: LensView | undefined): Omit<LensView, "line"> | undefined {
  if (!view) return undefined;
  const { line: _line, ...rest } = view;
  return rest;
}

/** What programs get: the line, null for nothing, undefined where the message cannot be read. */
export function lineOf(view: LensView | undefined): string | null | undefined {
  const line = view?.line;
  return typeof line === "function" ? line() : line;
}

/** The same of a conversation. */
export function linesOf(
  lens: LensSession,
  lines: readonly string[],
): (string | null | undefined)[] {
  return conversation(lens, lines).map(lineOf);
}
