/** Owns captures: a value taken out of a message, to be used in later ones. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import type { JsonValue } from "./json.js";
import { compileJsonPath } from "./json-path.js";
import { requireName } from "./name.js";
import { compileRegex } from "./regex.js";
import type { MessageView } from "./view.js";

/** What to take out of a message, and the name to keep it under: one of `json` and `matches`. */
export interface CaptureSpec {
  /** JSONPath; the first value it selects, with its type. */
  readonly json?: string;
  /** RE2 on the message's text; the group `group`, as text. */
  readonly matches?: string;
  /** With `matches`: number or name of the group; 1 unless told, 0 is the whole match. */
  readonly group?: number | string;
  /** The variable's name. */
  readonly as: string;
}

/** A compiled capture. */
export interface Capture {
  /** The variable's name. */
  readonly name: string;
  /** The value, or undefined when the message has none. */
  read(view: MessageView): JsonValue | undefined;
}

const keys = ["json", "matches", "group", "as"];

/**
 * Compiles a capture. Its type is not trusted: it may come straight from a file.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function compileCapture(spec: CaptureSpec): Capture {
  if (typeof spec !== "object" || spec === null) throw refuse("expected json and as");
  for (const key of Object.keys(spec)) {
    if (keys.includes(key)) continue;
    const guess = nearest(key, keys);
    throw refuse(
      `there is no key "${safeLine(key, 60)}"`,
      guess ? `did you mean ${guess}?` : undefined,
    );
  }
  const { json, matches, group } = spec;
  if ((json === undefined) === (matches === undefined)) {
    throw refuse("it takes one of json and matches");
  }
  const name = requireName(spec.as);
  if (json !== undefined) {
    if (typeof json !== "string") throw refuse("json is a JSONPath, as text");
    if (group !== undefined) throw refuse("group goes with matches");
    const path = compileJsonPath(json);
    return {
      name,
      read: ({ json: root }) => (root === undefined ? undefined : path.first(root)),
    };
  }
  if (typeof matches !== "string") throw refuse("matches is a regular expression, as text");
  return { name, read: compileGroup(matches, group ?? 1) };
}

function compileGroup(source: string, group: number | string): Capture["read"] {
  const regex = compileRegex(source);
  const known: (number | string)[] = Object.keys(regex.namedGroups());
  for (let number = 0; number <= regex.groupCount(); number++) known.push(number);
  if (!known.includes(group)) {
    throw refuse(
      `${safeLine(source, 60)} has no group ${safeLine(String(group), 60)}`,
      "put what to take in ( ), or use group: 0 for the whole match",
    );
  }
  return ({ text }) => {
    if (text === undefined) return undefined;
    const found = regex.matcher(text);
    return found.find() ? (found.group(group) ?? undefined) : undefined;
  };
}

function refuse(why: string, hint = "write it like { json: $.token, as: token }"): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `not a capture: ${why}`, { hint });
}
