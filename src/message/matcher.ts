/**
 * Owns the matcher: what `expect`, `wait`, `autoReply`, `--filter`, proxy rules and the scripted
 * server ask of a message. Every key of a spec must hold.
 */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import type { JsonValue } from "./json.js";
import type { Check, Hide } from "./match/check.js";
import { compileJsonCheck, jsonKeys } from "./match/json.js";
import {
  compileBinary,
  compileContains,
  compileMatches,
  compileOpcode,
  compileText,
  dataOnly,
} from "./match/payload.js";
import type { MessageView } from "./view.js";

/** What one asks of a message. An empty spec matches every message that is no control frame. */
export interface MatchSpec {
  /** JSONPath (RFC 9535); alone, it must select something. */
  readonly json?: string;
  /** With `json`: the value is this one. */
  readonly equals?: JsonValue;
  /** With `json`: none of the selected values is this one; true of nothing at all. */
  readonly notEquals?: JsonValue;
  /** With `json`: within the value, whatever its type. Alone: text within the message. */
  readonly contains?: JsonValue;
  /** RE2, found anywhere in the selected text; without `json`, in the text of the message. */
  readonly matches?: string;
  /** With `json`: whether the path selects anything. */
  readonly exists?: boolean;
  readonly gt?: number;
  readonly gte?: number;
  readonly lt?: number;
  readonly lte?: number;
  /** The whole text of the message, exactly. */
  readonly text?: string;
  /** The first bytes, in hexadecimal; spaces and colons between them are allowed. */
  readonly binary?: string;
  /** Without it, control frames never match. */
  readonly opcode?: "text" | "binary" | "close" | "ping" | "pong";
}

/** A compiled spec. */
export interface Matcher {
  /** Whether the message is what was asked for. */
  test(view: MessageView): boolean;
  /**
   * Why it is not, in one harmless line; undefined when it is.
   * @param hide takes out of what is quoted whatever may not be written down
   */
  explain(view: MessageView, hide?: Hide): string | undefined;
}

/** The keys that stand on their own; cheap ones first, since the first failure ends the test. */
const payloadKinds: ReadonlyMap<string, (wanted: JsonValue) => Check> = new Map([
  ["opcode", compileOpcode],
  ["binary", compileBinary],
  ["text", compileText],
  ["contains", compileContains],
  ["matches", compileMatches],
]);

/** Every key that a spec may have. */
const matchKeys: readonly string[] = [...new Set([...payloadKinds.keys(), "json", ...jsonKeys])];

/**
 * Compiles a spec. Its type is not trusted: it may come straight from a file.
 * @throws WsctlError WSCTL_EUSAGE for unknown keys and for values that cannot be compiled
 */
export function compileMatcher(spec: MatchSpec): Matcher {
  const checks = compileChecks(readSpec(spec));
  return {
    test: (view) => {
      for (const check of checks) if (!check.test(view)) return false;
      return true;
    },
    explain: (view, hide) => checks.find((check) => !check.test(view))?.explain(view, hide),
  };
}

/** The keys of a spec that were given. */
function readSpec(spec: unknown): ReadonlyMap<string, JsonValue> {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
    throw new WsctlError("WSCTL_EUSAGE", "a matcher is an object of conditions", {
      hint: "write it like { json: $.op, equals: done }",
    });
  }
  const given = new Map<string, JsonValue>();
  for (const [key, value] of Object.entries(spec)) {
    if (!matchKeys.includes(key)) {
      const guess = nearest(key, matchKeys);
      throw new WsctlError("WSCTL_EUSAGE", `a matcher has no key "${safeLine(key, 60)}"`, {
        hint: guess ? `did you mean ${guess}?` : `it has ${matchKeys.join(", ")}`,
      });
    }
    if (value !== undefined) given.set(key, value as JsonValue);
  }
  return given;
}

function compileChecks(spec: ReadonlyMap<string, JsonValue>): readonly Check[] {
  const checks: Check[] = spec.has("opcode") ? [] : [dataOnly];
  const hasPath = spec.has("json");
  for (const key of spec.keys()) {
    if (!hasPath && jsonKeys.includes(key) && !payloadKinds.has(key)) {
      throw new WsctlError("WSCTL_EUSAGE", `${key} needs a JSONPath beside it`, {
        hint: `write it like { json: $.n, ${key}: … }; for the text of the message use text`,
      });
    }
  }
  for (const [key, compile] of payloadKinds) {
    const wanted = spec.get(key);
    const belongsToPath = hasPath && jsonKeys.includes(key);
    if (wanted !== undefined && !belongsToPath) checks.push(compile(wanted));
  }
  if (hasPath) checks.push(compileJsonCheck(spec));
  return checks;
}
