/**
 * Owns how modes with a JSON protocol take requests: `{"op": …, "id"?: …}` in, and out a reply that
 * carries the request's `id`. Nothing that a client sends makes it throw.
 */
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";
import { isJsonObject, member, type JsonValue } from "../../message/json.js";
import type { Outlet } from "../outlet.js";
import type { Peer } from "../peer.js";

/** What was wrong with a request, by a stable code and in words. */
export interface Mistake {
  readonly code:
    | "bad-json"
    | "bad-request"
    | "unknown-op"
    | "too-large"
    | "not-joined"
    | "already-joined"
    | "too-many-rooms"
    | "room-full"
    | "unknown-symbol";
  readonly error: string;
}

/**
 * What a request comes to. A mistake is always told. Members for a reply with an `op` of their own
 * are always sent; without one they are those of `ok`, which only goes to clients that gave an id.
 */
export type Outcome = Mistake | { readonly [name: string]: unknown };

/** Serves one kind of request. `request` is a JSON object. */
export type Handler<Client> = (client: Client, request: JsonValue) => Outcome;

/** Ids longer than this are refused: they are kept and sent back. */
const longestId = 128;

/** Takes requests and answers them. */
export class Desk<Client> {
  readonly #handlers: ReadonlyMap<string, Handler<Client>>;
  readonly #outlet: Outlet;
  readonly #largest: number;

  /** @param largest bytes of a request; larger ones are not even parsed */
  constructor(
    handlers: ReadonlyMap<string, Handler<Client>>,
    { outlet, largest }: { readonly outlet: Outlet; readonly largest: number },
  ) {
    this.#handlers = handlers;
    this.#outlet = outlet;
    this.#largest = largest;
  }

  /** Serves the request in `data`, and replies to `peer`. */
  serve(peer: Peer, client: Client, data: Buffer): void {
    const request = data.length > this.#largest ? undefined : parse(data);
    const [op, id] = [member(request, "op"), member(request, "id")];
    const outcome = this.#outcome(client, data, request);
    const reply = isMistake(outcome)
      ? { op: "error", id: isId(id) ? id : undefined, re: textOf(op), ...outcome }
      : { op: "ok", id, re: textOf(op), ...outcome };
    if (reply.op !== "ok" || id !== undefined) this.#outlet.sendJson(peer, reply);
  }

  #outcome(client: Client, data: Buffer, request: JsonValue | undefined): Outcome {
    if (data.length > this.#largest) {
      return { code: "too-large", error: `a request has at most ${this.#largest} bytes` };
    }
    if (!isJsonObject(request)) {
      return { code: "bad-json", error: 'a request is a JSON object like {"op":"…"}' };
    }
    if (!isId(member(request, "id"))) {
      return { code: "bad-request", error: `id is a number, or a text of ${longestId} characters` };
    }
    const op = member(request, "op");
    const handler = typeof op === "string" ? this.#handlers.get(op) : undefined;
    return handler ? handler(client, request) : this.#unknown(op);
  }

  #unknown(op: JsonValue | undefined): Mistake {
    const known = [...this.#handlers.keys()];
    if (typeof op !== "string") {
      return { code: "bad-request", error: `op is one of ${known.join(", ")}` };
    }
    const guess = nearest(op, known);
    const hint = guess ? `did you mean ${guess}?` : `there are ${known.join(", ")}`;
    return { code: "unknown-op", error: `there is no op "${safeLine(op, 40)}": ${hint}` };
  }
}

/** Whether an outcome is a mistake. */
export function isMistake(outcome: unknown): outcome is Mistake {
  return typeof outcome === "object" && outcome !== null && "error" in outcome;
}

function parse(data: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(data.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}

function isId(id: JsonValue | undefined): boolean {
  if (typeof id === "string") return id.length <= longestId;
  return id === undefined || typeof id === "number";
}

function textOf(op: JsonValue | undefined): string | undefined {
  return typeof op === "string" ? safeLine(op, 40) : undefined;
}
