/** Owns what servers ask of those who come again: how long to stay away, and how that is written. */
import { headerValue, type UpgradeResponse } from "../../frame/upgrade.js";

/**
 * Of what the server asks no more is done, in ms: the run would be over before. What spreads those who
 * were asked comes on top, else all who asked for more would come back at one moment.
 */
export const longestHint = 60_000;

/** What was asked. */
export interface Hint {
  readonly hint: "retry-after" | "1012" | "1013";
  /** ms; 0 when it was not said how long; undefined when it was, and is not understood. */
  readonly least: number | undefined;
}

const time = String.raw`(\d{1,9}(?:\.\d{1,3})?) ?(ms|s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?)?`;
/** How long a close frame's reason may ask for: `5s`, or `retry after 5 seconds`, `retry-after: 5`. */
const alone = new RegExp(`^${time}$`, "i");
const within = new RegExp(String.raw`\bretry[-_ ]?(?:after|in)?[ :=]*${time}(?![\w.])`, "i");
/** By the unit's first letters, in ms. */
const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * What the header Retry-After asks for (RFC 9110 §10.2.3): seconds, or a date; undefined without
 * one.
 * @param now ms since 1970
 */
export function hintOfAnswer({ headers }: UpgradeResponse, now: number): Hint | undefined {
  const value = headerValue(headers, "Retry-After")?.trim();
  if (value === undefined) return undefined;
  const unread: Hint = { hint: "retry-after", least: undefined };
  if (value.length > 64) return unread;
  if (/^\d{1,12}$/.test(value)) return { hint: "retry-after", least: Number(value) * 1000 };
  // Date.parse also reads what is no date of HTTP, such as -1; and one without a zone as local time.
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return unread;
  const at = Date.parse(value.endsWith(" GMT") ? value : `${value} GMT`);
  return Number.isNaN(at) ? unread : { hint: "retry-after", least: Math.max(0, at - now) };
}

/**
 * What a close frame asks for: 1012 (the service restarts) and 1013 (it has too much to do) ask for a
 * pause; how long may stand in the reason. Undefined of any other end.
 * @param end as `1012 by server: retry after 5s`; its text is the other side's
 */
export function hintOfEnd(end: string): Hint | undefined {
  const [, code, reason = ""] = /^(101[23]) by server(?:: (.*))?$/s.exec(end) ?? [];
  if (code !== "1012" && code !== "1013") return undefined;
  const [, number, word = "s"] = alone.exec(reason.trim()) ?? within.exec(reason) ?? [];
  const unit = (/^ms|^[smh]/i.exec(word)?.[0] ?? "s").toLowerCase() as keyof typeof units;
  return { hint: code, least: number === undefined ? 0 : Number(number) * units[unit] };
}
