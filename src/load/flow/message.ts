/**
 * Owns the messages of a program, compiled once a worker: frames made beforehand where a message is
 * always the same, bytes patched in place where only numbers change, else rendered each time.
 */
import { compileJsonTemplate } from "../../message/json-template.js";
import { compileTemplate, type Template } from "../../message/template.js";
import type { JsonValue } from "../../message/json.js";
import type { NameScope } from "../../message/value.js";
import type { PlanSend } from "../../scenario/flow-plan.js";
import { FramePool } from "../frame-pool.js";
import type { UserContext } from "./context.js";
import { compileKey, type KeyOf } from "./message-key.js";
import type { Outbox } from "./outbox.js";
import { Prepared } from "./prepared.js";

/** A message that users send. */
export interface Message {
  /** Whether a reply is due. */
  readonly reply: boolean;
  /** Whether it carries a stamp. */
  readonly stamped: boolean;
  /** Whether it tells a time, so that the context's clocks have to be set before. */
  readonly timed: boolean;
  /** Its number among the worker's messages. */
  readonly id: number;
  /**
   * Puts it into the outbox.
   * @returns its payload's size in bytes
   * @throws WsctlError WSCTL_EUSAGE when a name has no value yet; then nothing was put
   */
  put(context: UserContext, cache: PreparedCache, outbox: Outbox): number;
  /** What a reply to the one put last is known by; undefined when it holds nothing of the kind. */
  keyOf(context: UserContext): JsonValue | undefined;
  /** The one put last, as text for people. */
  readonly last: string;
}

/** Messages as one user last sent them, by their numbers. */
export type PreparedCache = (Prepared | undefined)[];

/** Larger messages are not kept for each user. */
const mostKept = 4096;
/** So many widths of numbers are told apart before the oldest goes. */
const mostVariants = 8;

/** A message that is always the same. */
class FixedMessage implements Message {
  readonly reply: boolean;
  readonly stamped = false;
  readonly timed = false;
  readonly id: number;
  readonly last: string;
  readonly #pool: FramePool;
  readonly #key: KeyOf | undefined;
  #round = 0;

  constructor(id: number, plan: PlanSend, payload: Buffer, key: KeyOf | undefined) {
    this.id = id;
    this.reply = plan.reply;
    this.last =
      plan.payload.kind === "bytes" ? `${payload.length} bytes` : payload.toString("utf8");
    const { opcode, fragments } = plan;
    this.#pool = new FramePool([{ opcode, fragments, payload: payload.toString("base64") }]);
    this.#key = key;
  }

  put(_context: UserContext, _cache: PreparedCache, outbox: Outbox): number {
    outbox.addFrames(this.#pool.frame(this.#round++));
    return this.#pool.payloadSize(0);
  }

  keyOf(context: UserContext): JsonValue | undefined {
    return this.#key?.(context, undefined, this.last);
  }
}

/** A message with holes. */
class TemplateMessage implements Message {
  readonly reply: boolean;
  readonly stamped: boolean;
  readonly timed: boolean;
  readonly id: number;
  readonly #template: Template;
  readonly #plan: PlanSend;
  readonly #key: KeyOf | undefined;
  /** Whether users differ in more than what is patched. */
  readonly #isOwn: boolean;
  /** Whether it can be patched; unknown before the first. */
  #patches: boolean | undefined = undefined;
  #variants: Prepared[] = [];
  #prepared: Prepared | undefined = undefined;
  #text = "";

  constructor(id: number, plan: PlanSend, template: Template, names: NameScope, key?: KeyOf) {
    this.id = id;
    this.reply = plan.reply;
    this.stamped = template.uses.has("$stamp");
    this.timed = this.stamped || template.uses.has("$now");
    this.#plan = plan;
    this.#template = template;
    this.#key = key;
    this.#isOwn = [...template.uses].some(
      (name) => name === "$index" || (!name.startsWith("$") && isBound(name, names)),
    );
  }

  put(context: UserContext, cache: PreparedCache, outbox: Outbox): number {
    const { opcode, fragments } = this.#plan;
    const prepared = this.#prepare(context, cache);
    this.#prepared = prepared;
    if (prepared) {
      outbox.addMessage(opcode, prepared.bytes, fragments);
      return prepared.bytes.length;
    }
    this.#text = this.#template.render(context);
    const bytes = Buffer.from(this.#text, "utf8");
    outbox.addMessage(opcode, bytes, fragments);
    return bytes.length;
  }

  get last(): string {
    return this.#prepared ? this.#prepared.bytes.toString("utf8") : this.#text;
  }

  keyOf(context: UserContext): JsonValue | undefined {
    return this.#key?.(context, this.#prepared, this.#prepared ? undefined : this.#text);
  }

  #prepare(context: UserContext, cache: PreparedCache): Prepared | undefined {
    this.#patches ??= context.aside(() => this.#template.prepare(context)) !== undefined;
    if (!this.#patches) return undefined;
    if (this.#isOwn) {
      const kept = cache[this.id];
      if (kept?.fits(context) && kept.patch(context)) return kept;
    } else {
      for (const kept of this.#variants) {
        if (kept.fits(context) && kept.patch(context)) return kept;
      }
    }
    const fresh = this.#template.prepare(context);
    if (!fresh) return undefined;
    const prepared = new Prepared(fresh, this.#isOwn ? context.version : 0);
    if (!this.#isOwn) this.#variants = [prepared, ...this.#variants.slice(0, mostVariants - 1)];
    else if (fresh.bytes.length <= mostKept) cache[this.id] = prepared;
    return prepared;
  }
}

/** Whether the name has a value of its own for each user. */
function isBound(name: string, { names }: NameScope): boolean {
  const parts = name.split(".");
  for (let length = parts.length; length > 0; length--) {
    const binding = names.get(parts.slice(0, length).join("."));
    if (binding) return "per" in binding;
  }
  return false;
}

/** Compiles messages, each of which gets a number. */
export class MessageCompiler {
  readonly #names: NameScope;
  readonly #request: string | undefined;
  /** Whether any message that users send of themselves carries a stamp. */
  stamps = false;
  #count = 0;

  /** @param request by id: the JSONPath of what a reply is known by */
  constructor(names: NameScope, request: string | undefined) {
    this.#names = names;
    this.#request = request;
  }

  /** @throws WsctlError WSCTL_EUSAGE for a template that cannot be compiled */
  compile(plan: PlanSend): Message {
    const id = this.#count++;
    const { payload } = plan;
    if (payload.kind === "bytes") {
      return new FixedMessage(id, plan, Buffer.from(payload.base64, "base64"), undefined);
    }
    const template =
      payload.kind === "json"
        ? compileJsonTemplate(payload.template, this.#names)
        : compileTemplate(payload.template, this.#names);
    const key =
      payload.kind === "json" && this.#request !== undefined && plan.reply
        ? compileKey(payload.template, this.#request, this.#names)
        : undefined;
    if (template.constant === undefined) {
      const message = new TemplateMessage(id, plan, template, this.#names, key);
      if (message.stamped) this.stamps = true;
      return message;
    }
    return new FixedMessage(id, plan, Buffer.from(template.constant, "utf8"), key);
  }
}
