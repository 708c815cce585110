/** Owns the Rule of a script: when it applies, and what it answers. */
import type { Node, YAMLMap } from "yaml";
import { isSeq, isNode } from "yaml";
import { WsctlError } from "../../../base/errors.js";
import { isValidCloseCode } from "../../../frame/close.js";
import type { Capture } from "../../../message/capture.js";
import { compileJsonTemplate } from "../../../message/json-template.js";
import type { JsonValue } from "../../../message/json.js";
import { compileMatcher, type Matcher, type MatchSpec } from "../../../message/matcher.js";
import { compileTemplate, type Template } from "../../../message/template.js";
import type { NameScope } from "../../../message/value.js";
import { parseDelay, type Delay } from "../../delay.js";
import type { Mistakes } from "./mistakes.js";

/** One rule, compiled. */
export interface Rule {
  /** Where it stands, from 1. */
  readonly line: number;
  /** The client has come, or a message that is looked for. */
  readonly on: "open" | Matcher;
  /** Text messages, in order; a buffer when the text never changes. */
  readonly replies: readonly (Buffer | Template)[];
  readonly captures: readonly Capture[];
  readonly delay: Delay;
  readonly close: { readonly code: number; readonly reason: string } | undefined;
  /** How often it may apply to one client. */
  readonly times: number;
}

/** A rule as it stands in the file. */
export interface Fields {
  readonly map: YAMLMap;
  readonly fields: ReadonlyMap<string, { readonly node: Node; readonly value: unknown }>;
}

/** What a rule needs besides its fields. */
export interface RuleSetup {
  readonly captures: readonly Capture[];
  readonly scope: NameScope;
  readonly mistakes: Mistakes;
}

/** What a rule may have. */
export const ruleKeys: readonly string[] = [
  "on",
  "reply",
  "replies",
  "delay",
  "close",
  "times",
  "capture",
];

/** Bytes of a close reason (RFC 6455 §5.5: 125, two of them for the code). */
const longestReason = 123;

/** Compiles a rule; undefined, and mistakes were added, when it cannot be. */
export function compileRule({ map, fields }: Fields, setup: RuleSetup): Rule | undefined {
  const { mistakes, captures, scope } = setup;
  const compile = <T>(key: string, read: (value: unknown) => T): T | undefined => {
    const field = fields.get(key);
    return field && mistakes.during(field.node, () => read(field.value));
  };
  if (!fields.has("on")) {
    mistakes.add(map, "a rule says what it is for", { hint: "on: open, or on: { contains: … }" });
  }
  const on = compile("on", readOn);
  const replies = readReplies(fields, scope, mistakes);
  const delay = compile("delay", readDelay) ?? (() => 0);
  const close = compile("close", readClose);
  const times = compile("times", readTimes) ?? Infinity;
  return on && { line: mistakes.lineOf(map), on, replies, captures, delay, close, times };
}

function readOn(value: unknown): "open" | Matcher {
  if (value === "open") return value;
  if (typeof value === "string") {
    throw refuse(
      "on is open, or conditions on the message",
      "such as { json: $.op, equals: join }",
    );
  }
  return compileMatcher(value as MatchSpec);
}

function readReplies(
  fields: Fields["fields"],
  scope: NameScope,
  mistakes: Mistakes,
): (Buffer | Template)[] {
  const [one, many] = [fields.get("reply"), fields.get("replies")];
  if (one && many) mistakes.add(many.node, "a rule has reply or replies, not both");
  if (many && !Array.isArray(many.value)) mistakes.add(many.node, "replies is a list");
  const values: readonly unknown[] = one
    ? [one.value]
    : Array.isArray(many?.value)
      ? many.value
      : [];
  return values.flatMap((value, at) => {
    const own = many && isSeq(many.node) ? many.node.items[at] : undefined;
    const node = isNode(own) ? own : (one ?? many)?.node;
    const reply = node && mistakes.during(node, () => readReply(value, scope));
    return reply ? [reply] : [];
  });
}

function readReply(value: unknown, scope: NameScope): Buffer | Template {
  const template =
    typeof value === "string"
      ? compileTemplate(value, scope)
      : compileJsonTemplate(value as JsonValue, scope);
  return template.constant === undefined ? template : Buffer.from(template.constant);
}

function readDelay(value: unknown): Delay {
  if (typeof value === "string" || value === 0) return parseDelay(String(value));
  throw refuse("delay is a duration or a distribution", "such as 20ms or uniform=1ms..10ms");
}

function readTimes(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw refuse("times is a whole number from 1");
}

function readClose(value: unknown): { readonly code: number; readonly reason: string } {
  const example = "such as { code: 4000, reason: bye } or 1000";
  const spec: unknown = typeof value === "number" ? { code: value } : value;
  if (typeof spec !== "object" || spec === null)
    throw refuse("close is a code and a reason", example);
  for (const key of Object.keys(spec)) {
    if (key !== "code" && key !== "reason") throw refuse("close has code and reason", example);
  }
  const { code = 1000, reason = "" } = spec as { code?: unknown; reason?: unknown };
  if (typeof code !== "number" || !isValidCloseCode(code)) {
    throw refuse("this code cannot be sent", "1000 to 1003, 1007 to 1014, or 3000 to 4999");
  }
  if (typeof reason !== "string" || Buffer.byteLength(reason) > longestReason) {
    throw refuse(`reason is a text of at most ${longestReason} bytes`);
  }
  return { code, reason };
}

function refuse(what: string, hint?: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", what, { hint });
}
