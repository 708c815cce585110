/**
 * Owns correlation by a value that request and reply share. Keys are remembered for a while after
 * the fates of their requests are known, so that late and further answers are told from strange ones.
 */
import { WsctlError } from "../../../base/errors.js";
import { isJsonArray, isJsonObject, jsonText, type JsonValue } from "../../../message/json.js";
import type { Incoming } from "../incoming.js";
import { Book } from "./book.js";
import type { Correlation, Correlator, Reply } from "./correlator.js";
import { Past } from "./past.js";
import type { Register } from "./register.js";
import type { Request } from "./request.js";
import { Sequence } from "./sequence.js";

/** Pairs by keys; what the key of a message is, is for others to say. */
export abstract class Keyed implements Correlator {
  /** A late answer to the first of two with one key would pass for one to the second. */
  pairingLost = false;
  readonly correlation: Correlation;
  /** Begins as a sequence, and becomes a book with the first key that is none of it. */
  #register: Register | undefined = undefined;

  constructor(correlation: Correlation) {
    this.correlation = correlation;
  }

  get waiting(): number {
    return this.#register?.waiting ?? 0;
  }

  get matched(): Request | undefined {
    return this.#register?.matched;
  }

  /** What the message is known by; undefined when it has nothing of the kind. */
  abstract keyOf(message: Incoming): JsonValue | undefined;

  add(request: Request): void {
    request.key = comparable(request.key) ?? unwritable;
    const { pool, timeout } = this.correlation;
    const register = (this.#register ??= new Sequence(pool, new Past(timeout)));
    if (register.add(request)) return;
    const book = new Book(pool, register.past);
    book.takeOver(register);
    book.add(request);
    this.#register = book;
  }

  receive(message: Incoming, now: number): Reply {
    const value = this.keyOf(message);
    const key = value === undefined ? undefined : comparable(value);
    const register = this.#register;
    if (key === undefined || !register) return "unmatched";
    const reply = register.receive(key, now);
    if (register.matched?.isDoubtful) this.pairingLost = true;
    return reply;
  }

  expire(limit: number, now: number): Request | undefined {
    return this.#register?.expire(limit, now);
  }

  clear(settle: (request: Request) => void): void {
    const { pool } = this.correlation;
    this.#register?.clear((request) => {
      settle(request);
      pool.give(request);
    });
    this.#register = undefined;
  }
}

/** No reply is known by it. */
const unwritable = "json:";

/**
 * Two values are the same key when they are the same JSON; undefined for what is nested too deeply
 * to be compared.
 */
function comparable(value: JsonValue): JsonValue | undefined {
  if (typeof value !== "object" || (!isJsonArray(value) && !isJsonObject(value))) return value;
  try {
    return `json:${jsonText(value)}`;
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    return undefined;
  }
}
