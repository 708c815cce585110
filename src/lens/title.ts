/** Owns how the titles of messages are put. */
import { formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { Direction, LensReply } from "./lens.js";

const longestWords = 120;

/**
 * One line: an arrow for the direction, the words made harmless, and how long the answer took.
 * @param words may hold text of the other side
 */
export function titleOf(direction: Direction, words: string, reply?: LensReply): string {
  const arrow = direction === "out" ? "→" : "←";
  const took = reply === undefined ? "" : ` (${formatDuration(reply.elapsed)})`;
  return `${arrow} ${safeLine(words, longestWords)}${took}`;
}

/** A name or id of the other side in a title: on one line, and cut so that others find room. */
export function named(text: string, limit = 60): string {
  return safeLine(text, limit);
}

/** `1 attachment`, `2 attachments`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
