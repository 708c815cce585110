/** Owns the rules of the proxy: which of them strikes a message, and what then becomes of it. */
import { isUtf8 } from "node:buffer";
import { WsctlError } from "../base/errors.js";
import { Random, seedOf } from "../base/random.js";
import { Opcode, isControl } from "../frame/opcode.js";
import type { Matcher } from "../message/matcher.js";
import { parseMatchExpression } from "../message/match-expression.js";
import type { MessageView } from "../message/view.js";
import type { Direction } from "../session/session-events.js";
import { parseRule, type RuleAction } from "./rule-syntax.js";
import { compileEdit } from "./rules-edit.js";
import {
  compileFile,
  compileSaying,
  compileValue,
  type RuleLine,
  type RuleSources,
  type Saying,
} from "./rules-template.js";

/** What a rule does with a message. */
export type Ruling =
  | { readonly kind: "drop" }
  /** It is held back for so many ms, and what comes after it waits behind it. */
  | { readonly kind: "delay"; readonly ms: number }
  | {
      readonly kind: "replace";
      /** Whether it is the message with one value changed. */
      readonly isEdit: boolean;
      readonly opcode: number;
      readonly payload: Buffer;
    }
  /** The connection is closed with that code. */
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  /** The rule that matched cannot make what it is to say of this message. */
  | { readonly kind: "failed"; readonly error: WsctlError };

/** What was ruled, and by which rule: 1, 2, 3 … in the order in which they were given. */
export interface Judgement {
  readonly rule: number;
  readonly ruling: Ruling;
}

/** A rule, and how often it struck. */
export interface RuleCount {
  readonly rule: number;
  readonly struck: number;
}

/** Bytes that a control frame has room for (RFC 6455 §5.5). */
const longestControl = 125;
/** 1000, as a close frame has it. */
const normalClosure = [0x03, 0xe8];

type Act = (view: MessageView, line: RuleLine) => Ruling | undefined;

/** A rule that is compiled. */
class Rule {
  readonly number: number;
  readonly act: Act;
  struck = 0;
  readonly #direction: Direction | undefined;
  readonly #matcher: Matcher | undefined;

  /** @throws WsctlError WSCTL_EUSAGE */
  constructor(number: number, source: string, sources: RuleSources) {
    const { direction, match, action } = parseRule(source);
    this.number = number;
    this.#direction = direction;
    this.#matcher = match === undefined ? undefined : parseMatchExpression(match);
    this.act = compileAction(action, sources);
  }

  isOf(direction: Direction): boolean {
    return this.#direction === undefined || this.#direction === direction;
  }

  /** Control frames are only struck by a match that names their opcode. */
  matches(view: MessageView): boolean {
    return this.#matcher === undefined ? view.isData : this.#matcher.test(view);
  }
}

/** All rules of one proxy; the first one that matches strikes. */
export class Rules {
  readonly #rules: readonly Rule[];
  readonly #seed: string;

  /**
   * @param seed of everything random
   * @throws WsctlError WSCTL_EUSAGE for a rule that cannot be understood
   */
  constructor(texts: readonly string[], sources: RuleSources, seed: string) {
    this.#rules = texts.map((text, index) => new Rule(index + 1, text, sources));
    this.#seed = seed;
  }

  /** How often each struck, in their order. */
  get counts(): RuleCount[] {
    return this.#rules.map(({ number, struck }) => ({ rule: number, struck }));
  }

  /**
   * The rules for one direction of a connection; undefined when there are none.
   * @param index number of the connection
   */
  bench(direction: Direction, index: number): RuleBench | undefined {
    const rules = this.#rules.filter((rule) => rule.isOf(direction));
    if (rules.length === 0) return undefined;
    return new RuleBench(rules, index, new Random(seedOf(this.#seed, "rules", direction, index)));
  }
}

/** The rules of one direction of one connection. */
export class RuleBench {
  readonly #rules: readonly (readonly [Rule, RuleLine])[];

  constructor(rules: readonly Rule[], index: number, random: Random) {
    this.#rules = rules.map((rule) => [rule, { index, random, seq: 0 }]);
  }

  /** What becomes of the message; undefined lets it pass as it came. */
  judge(view: MessageView): Judgement | undefined {
    for (const [rule, line] of this.#rules) {
      if (!rule.matches(view)) continue;
      line.seq++;
      const ruling = attempt(rule.act, view, line);
      if (!ruling) return undefined;
      rule.struck++;
      return { rule: rule.number, ruling };
    }
    return undefined;
  }
}

function attempt(act: Act, view: MessageView, line: RuleLine): Ruling | undefined {
  try {
    return act(view, line);
  } catch (error) {
    if (error instanceof WsctlError) return { kind: "failed", error };
    throw error;
  }
}

/** @throws WsctlError WSCTL_EUSAGE */
function compileAction(action: RuleAction, sources: RuleSources): Act {
  switch (action.kind) {
    case "drop":
    case "close":
      return () => action;
    case "delay": {
      const { delay } = action;
      return (_view, { random }) => ({ kind: "delay", ms: delay(random) });
    }
    case "replace":
      return replacing(compileSaying(action.template, sources));
    case "replace-file":
      return replacing(compileFile(action.path, sources));
    case "edit": {
      const edit = compileEdit(action.path);
      const say = compileValue(action.value, sources);
      return (view, line) => {
        const payload = edit(view, say(view, line).toString("utf8"));
        return payload && replacement(view, payload, true);
      };
    }
    default:
      return action satisfies never;
  }
}

function replacing(say: Saying): Act {
  return (view, line) => replacement(view, say(view, line), false);
}

/**
 * The opcode stays, unless what is said would be no text (RFC 6455 §5.6). Of a close frame the reason
 * is replaced, and the code stays.
 */
function replacement(view: MessageView, said: Buffer, isEdit: boolean): Ruling {
  const { opcode } = view;
  if (!isControl(opcode)) {
    const isText = opcode === Opcode.text && isUtf8(said);
    const kept = isText ? Opcode.text : Opcode.binary;
    return { kind: "replace", isEdit, opcode: kept, payload: said };
  }
  const payload = opcode === Opcode.close ? closing(view, said) : said;
  if (payload.length > longestControl) {
    throw new WsctlError("WSCTL_EUSAGE", `a control frame has at most ${longestControl} bytes`);
  }
  return { kind: "replace", isEdit, opcode, payload };
}

/** @throws WsctlError WSCTL_EUSAGE for a reason that is no text */
function closing({ bytes }: MessageView, said: Buffer): Buffer {
  if (said.length === 0) return Buffer.from(bytes.subarray(0, 2));
  if (!isUtf8(said)) throw new WsctlError("WSCTL_EUSAGE", "the reason of a close is UTF-8");
  // A reason has to have a code before it: without one, the closing was a normal one.
  const code = bytes.length >= 2 ? bytes.subarray(0, 2) : Buffer.from(normalClosure);
  return Buffer.concat([code, said]);
}
