/** Owns the texts that a rule puts in a message's place: templates that can look at that message. */
import { isUtf8 } from "node:buffer";
import type { Random } from "../base/random.js";
import type { JsonValue } from "../message/json.js";
import { compileJsonTemplate } from "../message/json-template.js";
import { compileTemplate, type Template } from "../message/template.js";
import type { Names, RenderContext } from "../message/value.js";
import type { MessageView } from "../message/view.js";

/** What the names of a template stand for: the message as JSON, and as text. */
const names: Names = new Map([
  ["message", { per: "message" }],
  ["text", { per: "message" }],
]);

/** Where the texts of rules come from, and what they may look at. */
export interface RuleSources {
  /** The bytes of `replace @FILE`. @throws WsctlError WSCTL_EUSAGE */
  readonly file: (path: string) => Buffer;
  /** What `$env.NAME` may read. */
  readonly env: ReadonlyMap<string, string>;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** What is said in a message's place. */
export type Saying = (view: MessageView, line: RuleLine) => Buffer;

/** What a rule knows of the connection: its number, its own randomness, how many it struck. */
export interface RuleLine {
  readonly index: number;
  readonly random: Random;
  /** Number of the message among those that the rule struck here, from 1. */
  seq: number;
}

/**
 * A text in which `{{ message.user.id }}` and `{{ text }}` are of the message that it replaces. What
 * is JSON stays JSON, whatever the values are.
 * @throws WsctlError WSCTL_EUSAGE with the place of the mistake; the saying, for a message that
 *   lacks what the text asks for
 */
export function compileSaying(source: string, sources: RuleSources): Saying {
  return sayingOf(templateOf(source, sources), sources);
}

/**
 * The same of a file: bytes that are no UTF-8 are said as they are.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function compileFile(path: string, sources: RuleSources): Saying {
  const bytes = sources.file(path);
  if (!isUtf8(bytes)) return () => bytes;
  return compileSaying(bytes.toString("utf8").replace(/\r?\n$/, ""), sources);
}

/**
 * A value in JSON: what is no JSON, such as a bare word, is text.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function compileValue(source: string, sources: RuleSources): Saying {
  const value = jsonOf(source);
  if (value !== undefined && !source.includes("{{")) {
    const bytes = Buffer.from(source);
    return () => bytes;
  }
  const bare = /^'(.*)'$/s.exec(source)?.[1] ?? source;
  const template = compileJsonTemplate(value ?? bare, { names, env: sources.env });
  return sayingOf(template, sources);
}

function templateOf(source: string, { env }: RuleSources): Template {
  const scope = { names, env };
  const value = source.includes("{{") ? jsonOf(source) : undefined;
  return value === undefined ? compileTemplate(source, scope) : compileJsonTemplate(value, scope);
}

function sayingOf(template: Template, { wallClock, now }: RuleSources): Saying {
  if (template.constant !== undefined) {
    const bytes = Buffer.from(template.constant);
    return () => bytes;
  }
  return (view, { index, random, seq }) => {
    const context: RenderContext = {
      run: 0,
      index,
      seq,
      lastSeq: 0,
      now: wallClock(),
      micros: Math.round(now() * 1000),
      random,
      variable: (name) => (name === "text" ? view.text : view.json),
    };
    return Buffer.from(template.render(context));
  };
}

function jsonOf(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
