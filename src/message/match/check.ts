/** Owns what one condition of a matcher is, and how its mistakes are told. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import type { JsonValue } from "../json.js";
import type { MessageView } from "../view.js";

/**
 * Takes out what may not be written down, before anything is cut: a part of it would not be known again.
 * @param text JSON, or the whole text of a message
 * @param path the JSONPath that selected it, if one did
 */
export type Hide = (text: string, path?: string) => string;

/** One condition on a message. */
export interface Check {
  /** Whether the message meets it. */
  test(view: MessageView): boolean;
  /** Why it does not, in a few words; asked only when `test` said no. */
  explain(view: MessageView, hide?: Hide): string;
}

/** A mistake in a matcher. */
export function refuse(key: string, why: string, hint?: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `${key}: ${why}`, { hint });
}

/** The value, if it is a string. @throws WsctlError WSCTL_EUSAGE */
export function requireString(key: string, value: unknown, example: string): string {
  if (typeof value === "string") return value;
  throw refuse(key, `expected text, got ${kindOf(value)}`, `write it like ${key}: ${example}`);
}

/** What kind of JSON value this is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "undefined" ? "nothing" : `a ${typeof value}`;
}

/** A value as it is shown in an explanation: JSON on one line, short and harmless. */
export function show(value: JsonValue, hide?: Hide, path?: string): string {
  try {
    const text = JSON.stringify(value);
    return safeLine(hide ? hide(text, path) : text, 60);
  } catch {
    return "a value nested too deeply to show";
  }
}

/** The text of a message as it is shown in an explanation. */
export function showText({ text }: MessageView, hide?: Hide): string {
  return text === undefined
    ? "bytes that are not UTF-8"
    : `"${safeLine(hide ? hide(text) : text, 60)}"`;
}
