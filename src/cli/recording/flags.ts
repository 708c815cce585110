/** Owns what the commands of `wsctl recording` have in common: a flag, and how notes are told. */
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { safeLine } from "../../base/safe-text.js";
import type { Host } from "../host.js";

/** Which WebSocket of a HAR, from 1. */
export function parseEntry(text: string): number {
  const entry = Number(text);
  if (/^\d{1,9}$/.test(text) && entry > 0) return entry;
  throw new InvalidArgumentError("Entries are counted from 1.");
}

/** What is to be known of a conversion, on stderr; a line each. */
export function tellNotes(host: Host, notes: readonly string[]): void {
  for (const note of notes) host.stderr.write(`note: ${safeLine(note, 300)}\n`);
}
