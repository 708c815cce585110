/** Owns what a route of the control port is: a path, what it is given, what it answers. */
import { nearest } from "../../base/nearest.js";
import type { Controlled } from "../controlled.js";

/** So much of an unknown key is repeated. */
const longestEcho = 64;

/** A request, as a route sees it. */
export interface Asked {
  readonly server: Controlled;
  readonly query: URLSearchParams;
  /** What the path says after the route's own: `/faults/3` is `3` for `/faults`. */
  readonly rest: string;
  /** The JSON object that was sent; empty when there is none. */
  readonly body: ReadonlyMap<string, unknown>;
}

/** An answer: JSON unless it says otherwise. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
} & ({ readonly json: unknown } | { readonly text: string; readonly type: string });

/** What can be done at a path. GET only reads; the others change something and need the token. */
export interface Route {
  readonly get?: (asked: Asked) => Promise<Answer>;
  readonly post?: (asked: Asked) => Promise<Answer>;
  readonly delete?: (asked: Asked) => Promise<Answer>;
}

/** Why a request cannot be answered; becomes `{"error": …}` with its status. */
export class Unanswerable extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

/** An answer in JSON. */
export function json(value: unknown, status = 200): Answer {
  return { status, json: value };
}

/**
 * A whole number of the query.
 * @throws Unanswerable 400
 */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  { missing, most }: { readonly missing: number; readonly most: number },
): number {
  const given = query.get(name);
  if (given === null) return missing;
  const value = Number(given);
  if (/^\d{1,15}$/.test(given) && value <= most) return value;
  throw new Unanswerable(400, `${name} is a whole number, at most ${most}`);
}

/**
 * The body, once it is sure that all of it is understood: what is misspelt must not be obeyed as if
 * it had been left out.
 * @throws Unanswerable 400
 */
export function known(body: Asked["body"], keys: readonly string[]): Asked["body"] {
  for (const key of body.keys()) {
    if (keys.includes(key)) continue;
    const meant = nearest(key, keys);
    const there = keys.map((each) => `"${each}"`).join(", ");
    throw new Unanswerable(
      400,
      `there is no ${JSON.stringify(key.slice(0, longestEcho))} here: ` +
        (meant === undefined ? `there is ${there}` : `did you mean "${meant}"?`),
    );
  }
  return body;
}

/**
 * A text of the body.
 * @throws Unanswerable 400
 */
export function text(body: Asked["body"], name: string, missing?: string): string {
  const value = body.get(name) ?? missing;
  if (typeof value === "string") return value;
  throw new Unanswerable(400, `"${name}" is missing, or no text`);
}
