/**
 * Owns correlation by a value that request and reply share. Requests are remembered for a while
 * after their fate is known, so that late and further answers are told from strange ones.
 */
import { WsctlError } from "../../../base/errors.js";
import { isJsonArray, isJsonObject, jsonText, type JsonValue } from "../../../message/json.js";
import type { Incoming } from "../incoming.js";
import type { Correlation, Correlator, Reply } from "./correlator.js";
import { RequestQueue } from "./queue.js";
import type { Request } from "./request.js";

/** Settled requests that one connection remembers at most. */
const mostSettled = 1024;

/** Pairs by keys; what the key of a message is, is for others to say. */
export abstract class Keyed implements Correlator {
  matched: Request | undefined = undefined;
  /** A late answer to the first of two with one key would pass for one to the second. */
  pairingLost = false;
  readonly correlation: Correlation;
  waiting = 0;
  /** Those that wait, and those that are still remembered. */
  #byKey: Map<JsonValue, Request> | undefined;
  /** In order of their sending; some of them have had their answer. */
  readonly #sent = new RequestQueue();
  /** In the order in which their fate was known; those that are still remembered. */
  readonly #settled = new RequestQueue();

  constructor(correlation: Correlation) {
    this.correlation = correlation;
  }

  /** What the message is known by; undefined when it has nothing of the kind. */
  abstract keyOf(message: Incoming): JsonValue | undefined;

  add(request: Request): void {
    const byKey = (this.#byKey ??= new Map());
    const key = comparable(request.key) ?? unwritable;
    request.key = key;
    const before = byKey.get(key);
    if (before?.state === "waiting") {
      // The same key twice: the first reply is for the older one.
      (before.lastTwin ?? before).twin = request;
      before.lastTwin = request;
    } else {
      request.isDoubtful = before?.state === "expired";
      byKey.set(key, request);
    }
    this.#sent.push(request);
    request.queued = true;
    this.waiting++;
  }

  receive(message: Incoming, now: number): Reply {
    this.matched = undefined;
    const value = this.keyOf(message);
    const key = value === undefined ? undefined : comparable(value);
    if (key === undefined || !this.#byKey) return "unmatched";
    const request = this.#byKey.get(key);
    if (!request || request.written === Infinity) return "unmatched";
    if (request.state === "answered") return "extra";
    const isLate = request.state === "expired";
    if (!isLate) this.waiting--;
    this.#settle(request, "answered", now);
    if (isLate) return "late";
    if (request.isDoubtful) this.pairingLost = true;
    this.matched = request;
    return "answer";
  }

  expire(limit: number, now: number): Request | undefined {
    let { first } = this.#sent;
    while (first && first.state !== "waiting") {
      this.#leave(first);
      ({ first } = this.#sent);
    }
    this.#forget(now);
    if (!first || first.written >= limit) return undefined;
    this.waiting--;
    this.#settle(first, "expired", now);
    return first;
  }

  clear(settle: (request: Request) => void): void {
    const { pool } = this.correlation;
    for (let { first } = this.#sent; first; { first } = this.#sent) {
      if (first.state === "waiting") {
        settle(first);
        first.state = "forgotten";
      }
      this.#leave(first);
    }
    for (let { first } = this.#settled; first; { first } = this.#settled) {
      this.#settled.shift();
      pool.give(first);
    }
    this.#byKey = undefined;
    this.waiting = 0;
    this.matched = undefined;
  }

  /** The first of those sent is no longer to be looked at. */
  #leave(first: Request): void {
    this.#sent.shift();
    first.queued = false;
    if (first.state === "forgotten") this.correlation.pool.give(first);
  }

  #settle(request: Request, state: "answered" | "expired", now: number): void {
    if (request.state === "waiting") {
      this.#settled.push(request);
      request.settledAt = now;
    }
    request.state = state;
    // Of several with one key, the next that waits is known by it from now on.
    const { twin, lastTwin } = request;
    if (!twin) return;
    this.#byKey!.set(request.key, twin);
    twin.isDoubtful = state === "expired" || request.isDoubtful;
    if (lastTwin !== twin) twin.lastTwin = lastTwin;
    request.twin = undefined;
  }

  /** Forgets the oldest ones whose fate has long been known. */
  #forget(now: number): void {
    const { timeout, pool } = this.correlation;
    for (let { first } = this.#settled; first; { first } = this.#settled) {
      if (this.#settled.size <= mostSettled && now - first.settledAt < timeout) return;
      this.#settled.shift();
      if (this.#byKey!.get(first.key) === first) this.#byKey!.delete(first.key);
      if (first.queued) first.state = "forgotten";
      else pool.give(first);
    }
  }
}

/** No reply is known by it. */
const unwritable = "json:";

/**
 * Two values are the same key when they are the same JSON; undefined for what is nested too deeply
 * to be compared.
 */
function comparable(value: JsonValue): JsonValue | undefined {
  if (!isJsonArray(value) && !isJsonObject(value)) return value;
  try {
    return `json:${jsonText(value)}`;
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    return undefined;
  }
}
