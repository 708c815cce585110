/** Owns what kind of value a text or a number is, by its looks: which are not the same for two users. */
import { isRandomLooking } from "../../base/token-like.js";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const day = 86_400_000;
/** Milliseconds since 1970 have so many digits until the year 2286. */
const millis = /^\d{13}$/;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** Names of values that a client makes up for each message. */
const madeUp =
  /^(?:nonce|ref|cid|req(?:uest)?[_-]?id|msg[_-]?id|message[_-]?id|client[_-]?(?:msg|message|request)?[_-]?id|correlation[_-]?id|trace[_-]?id|client[_-]?ref)$/i;
/** Names of values that count messages. */
const counting =
  /^(?:id|seq|n|no|num|number|ref|cid|counter|nonce|sequence|i|msg[_-]?id|message[_-]?id|req(?:uest)?[_-]?id|seq[_-]?(?:no|num))$/i;

/** Whether it is a UUID. */
export function isUuid(value: string | number): boolean {
  return typeof value === "string" && uuid.test(value);
}

/**
 * Whether it is a time in ms since 1970, about that of the recording.
 * @param startedAt of the recording, in ms since 1970; 0 where nobody knows
 */
export function isMillis(value: string | number, startedAt: number): boolean {
  if (startedAt === 0 || !millis.test(String(value))) return false;
  return Math.abs(Number(value) - startedAt) < day;
}

/** Whether it is a time that no template can make. */
export function isOtherTime(value: string | number, startedAt: number): boolean {
  if (typeof value === "string" && isoTime.test(value)) return true;
  if (startedAt === 0 || !/^\d{10}$/.test(String(value))) return false;
  return Math.abs(Number(value) * 1000 - startedAt) < day;
}

/** Whether a client makes up such a value for each message, of letters and digits. */
export function isMadeUp(name: string, value: string | number): value is string {
  return (
    typeof value === "string" &&
    madeUp.test(name) &&
    /^[A-Za-z0-9]{8,64}$/.test(value) &&
    isRandomLooking(value)
  );
}

/** A value that may count: what stands before the digits, and the number. */
export function countOf(
  name: string,
  value: string | number,
): { readonly lead: string; readonly count: number } | undefined {
  if (!counting.test(name)) return undefined;
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && value >= 0 ? { lead: "", count: value } : undefined;
  }
  const [, lead, digits] = /^(.{0,40}?)(\d{1,15})$/s.exec(value) ?? [];
  return lead === undefined ? undefined : { lead, count: Number(digits) };
}

/** Whether a value says more than that it happens to be the same in two messages. */
export function isTellingValue(value: string | number, isSameName: boolean): boolean {
  if (typeof value === "number") {
    return Math.abs(value) >= 1000 || (isSameName && Math.abs(value) >= 10);
  }
  if (value.length >= 12 || (value.length >= 6 && /\d/.test(value))) return true;
  return isSameName && value.length >= 3;
}
