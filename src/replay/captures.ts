/** Owns captures of a replay: how they are written (`token=$.session`, `token=/sid=(\w+)/`), what they take. */
import { jsonpath, JSONPathEnvironment } from "json-p3";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { type Capture, compileCapture } from "../message/capture.js";
import type { JsonValue } from "../message/json.js";
import { compileRegex } from "../message/regex.js";
import type { Heard } from "./heard.js";
import { leavesOf } from "./json-leaves.js";
import { type Carried, isStructured } from "./learned.js";

/** Where in a text a value stands. */
export type SpanOf = (text: string) => readonly [from: number, to: number] | undefined;

/** A capture that knows the place of what it takes. */
export interface ReplayCapture extends Capture {
  /** Of a path: the last name in it. */
  readonly key: string | undefined;
  /** Of a regular expression. */
  readonly span: SpanOf | undefined;
}

/** What a capture has taken. */
export interface Captured {
  readonly value: Carried;
  /** The name under which it stands; undefined in plain text. */
  readonly key: string | undefined;
}

/** So many leaves of a message are looked at for the one that a regular expression has found. */
const mostLeaves = 2000;

/**
 * Reads `NAME=PATH` or `NAME=/REGEX/`, whose first group is taken.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseCapture(text: string): ReplayCapture {
  const [, name = "", source = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (name === "" || source === "") {
    throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 60)}" is no capture`, {
      hint: "write it like --capture 'token=$.session' or --capture 'sid=/sid=([0-9a-f]+)/'",
    });
  }
  const regex = /^\/(.*)\/$/s.exec(source)?.[1];
  if (regex === undefined) {
    return {
      ...compileCapture({ json: source, as: name }),
      key: lastName(source),
      span: undefined,
    };
  }
  const group = /\((?!\?(?!P?<))/.test(regex.replace(/\\./gs, "")) ? 1 : 0;
  const capture = compileCapture({ matches: regex, group, as: name });
  return { ...capture, key: undefined, span: spanOf(regex, group) };
}

function lastName(path: string): string | undefined {
  for (const { selectors } of new JSONPathEnvironment().compile(path).segments.toReversed()) {
    const [first] = selectors;
    if (selectors.length === 1 && first instanceof jsonpath.selectors.NameSelector) {
      return first.name;
    }
  }
  return undefined;
}

function spanOf(source: string, group: number): SpanOf {
  const regex = compileRegex(source);
  return (text) => {
    const found = regex.matcher(text);
    if (!found.find()) return undefined;
    const from = found.start(group);
    return from < 0 ? undefined : [from, found.end(group)];
  };
}

/** What a capture takes out of a message, if it is a text or a number. */
export function capturedFrom(capture: ReplayCapture, heard: Heard): Captured | undefined {
  const { span, key } = capture;
  const value: JsonValue | undefined = capture.read(span ? heard.view : heard.exact);
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  return { value, key: span ? nameAt(heard, span) : key };
}

/** Under which name of a JSON message the found text stands. */
function nameAt({ view }: Heard, span: SpanOf): string | undefined {
  if (!isStructured(view)) return undefined;
  const [from] = span(view.text!) ?? [];
  if (from === undefined) return undefined;
  const leaf = leavesOf(view.text!, mostLeaves).find(
    ({ at, raw }) => from >= at && from < at + raw.length,
  );
  return leaf?.name.startsWith('"') === true ? (JSON.parse(leaf.name) as string) : undefined;
}
