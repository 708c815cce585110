/** Owns changing a line of a file so that all of it that is not changed stays as it was spelt. */
import { afterSpace, membersOf } from "./json-text.js";
import { jsonOf } from "./write-line.js";

/** Fields and their new values; undefined takes a field away. */
export type Changes = Readonly<Record<string, unknown>>;

/** A line without those fields that another of the same name behind them makes void. */
export function withoutFormer(raw: string): string {
  const members = membersOf(raw, afterSpace(raw, 0));
  const last = new Map(members.map((member) => [member.name, member]));
  const parts = members.filter((member) => last.get(member.name) === member);
  return `{${parts.map(({ from, to }) => raw.slice(from, to)).join(",")}}`;
}

/**
 * A line of a recording with some fields changed: the others keep their places and their spelling,
 * numbers that JavaScript cannot hold among them. New fields are added at the end.
 * @param raw the line, without its line break
 */
export function rewriteLine(raw: string, changes: Changes): string {
  const left = new Map(Object.entries(changes));
  if (left.size === 0) return raw;
  const parts: string[] = [];
  for (const { name, from, valueFrom, to } of membersOf(raw, afterSpace(raw, 0))) {
    if (!Object.hasOwn(changes, name)) parts.push(raw.slice(from, to));
    // Of several of one name the last counts, and one is left.
    else if (left.get(name) !== undefined) {
      parts.push(raw.slice(from, valueFrom) + jsonOf(left.get(name)));
    }
    left.delete(name);
  }
  for (const [name, value] of left) {
    if (value !== undefined) parts.push(`${jsonOf(name)}:${jsonOf(value)}`);
  }
  return `{${parts.join(",")}}`;
}
