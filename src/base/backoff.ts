/**
 * Owns how long to wait before trying again: a policy as data, its arithmetic, and the form in which
 * people write it. Pure: it keeps no count and no clock, whoever tries does.
 */
import { WsctlError } from "./errors.js";
import { nearest } from "./nearest.js";
import { formatDuration, parseCount, parseDuration } from "./quantity.js";
import { longestTimer } from "./timer.js";

/** What randomness does to a delay: nothing, anything from 0 to it, or from half of it to it. */
export type Jitter = "none" | "full" | "equal";

/** When to try again; what is left out is as {@link Backoff} says. */
export interface BackoffPolicy {
  /** `fixed` waits the base each time, `exponential` twice as long from one attempt to the next. */
  readonly kind?: "fixed" | "exponential" | undefined;
  /** Milliseconds before the first attempt. */
  readonly base?: number | undefined;
  /** The longest wait of an exponential policy, in milliseconds. */
  readonly max?: number | undefined;
  readonly jitter?: Jitter | undefined;
  /** After how many failed attempts to give up. */
  readonly attempts?: number | undefined;
  /** Milliseconds that a connection has to hold before the counting starts anew. */
  readonly resetAfter?: number | undefined;
}

const jitters: readonly Jitter[] = ["none", "full", "equal"];

function refuse(message: string, hint?: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", message, { hint });
}

/** A policy with every number resolved. */
export class Backoff {
  /** Exponential unless told. */
  readonly kind: "fixed" | "exponential";
  /** 500 ms unless told. */
  readonly base: number;
  /** 30 s unless told; a fixed policy has its base here. */
  readonly max: number;
  /** Full unless told; none for a fixed policy. */
  readonly jitter: Jitter;
  /** Infinity unless told. */
  readonly attempts: number;
  /**
   * 10 s unless told. A connection that opens and is lost at once has not held: were the counting to
   * start anew at the opening, a flapping server would be knocked at without a pause.
   */
  readonly resetAfter: number;

  /** @throws WsctlError WSCTL_EUSAGE for numbers that make no sense */
  constructor(policy: BackoffPolicy = {}) {
    this.kind = policy.kind ?? "exponential";
    this.base = policy.base ?? 500;
    this.max = this.kind === "fixed" ? this.base : (policy.max ?? Math.max(30_000, this.base));
    this.jitter = policy.jitter ?? (this.kind === "fixed" ? "none" : "full");
    this.attempts = policy.attempts ?? Infinity;
    this.resetAfter = policy.resetAfter ?? 10_000;
    if (!(this.base > 0)) throw refuse("the base of a backoff must be longer than 0", "base=500ms");
    if (!(this.max <= longestTimer)) {
      throw refuse(`a backoff waits ${formatDuration(longestTimer)} at most`, "max=30s");
    }
    if (this.max < this.base) {
      throw refuse(
        `the longest wait of a backoff (${formatDuration(this.max)}) is shorter than its base (${formatDuration(this.base)})`,
      );
    }
    if (!(this.attempts >= 1)) throw refuse("a backoff needs one attempt or more", "attempts=10");
    if (!(this.resetAfter >= 0)) throw refuse("reset-after is a duration", "reset-after=10s");
  }

  /**
   * Milliseconds to wait before an attempt; undefined when there is to be none.
   *
   * @param attempt 1, 2, 3 … since a connection last held
   * @param random from 0 (included) to 1 (excluded)
   */
  delay(attempt: number, random: number): number | undefined {
    if (attempt > this.attempts) return undefined;
    const longest = this.#longest(attempt);
    if (this.jitter === "none") return longest;
    return this.jitter === "full" ? longest * random : (longest / 2) * (1 + random);
  }

  /**
   * The same where the other side has asked for a pause. Everybody was asked, and all would come back
   * at one moment: so whatever the jitter, the wait is spread over the length of the policy's own.
   *
   * @param least milliseconds that were asked for; 0 when it was not said how long
   */
  delayAsked(attempt: number, random: number, least: number): number | undefined {
    const own = this.delay(attempt, random);
    if (own === undefined) return undefined;
    const longest = this.#longest(attempt);
    const from = this.jitter === "none" ? Math.max(least, longest) : least;
    return Math.max(own, from + longest * random);
  }

  /**
   * Whether the counting of attempts starts anew after a connection that was open for `open`
   * milliseconds.
   */
  resets(open: number): boolean {
    return open >= this.resetAfter;
  }

  #longest(attempt: number): number {
    const grown = this.kind === "fixed" ? this.base : this.base * 2 ** (attempt - 1);
    return Math.min(grown, this.max);
  }
}

function oneOf<Name extends string>(what: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  const guess = nearest(text, names);
  throw refuse(
    `there is no ${what} "${text}"`,
    guess ? `did you mean ${guess}?` : `there are ${names.join(", ")}`,
  );
}

const settings: ReadonlyMap<string, (value: string) => BackoffPolicy> = new Map<
  string,
  (value: string) => BackoffPolicy
>([
  ["base", (value) => ({ base: parseDuration(value) })],
  ["max", (value) => ({ max: parseDuration(value) })],
  ["jitter", (value) => ({ jitter: oneOf("jitter", value, jitters) })],
  ["attempts", (value) => ({ attempts: parseCount(value) })],
  ["reset-after", (value) => ({ resetAfter: parseDuration(value) })],
]);

/**
 * Reads a policy such as `exponential,base=500ms,max=30s,jitter=full,attempts=10,reset-after=10s`.
 *
 * ```
 * policy  = [ kind ] *( "," setting ) / setting *( "," setting )
 * kind    = "fixed" / "exponential"
 * setting = "base=" duration / "max=" duration / "jitter=" ( "none" / "full" / "equal" )
 *         / "attempts=" count / "reset-after=" duration
 * ```
 *
 * Spaces around the parts are allowed; an empty text is the policy with nothing told.
 *
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseBackoff(text: string): Backoff {
  const parts = text.split(",").map((part) => part.trim());
  const given = new Map<string, BackoffPolicy>();
  let kind: "fixed" | "exponential" | undefined;
  for (const [index, part] of parts.entries()) {
    if (part === "" && parts.length === 1) break;
    const at = part.indexOf("=");
    if (at < 0 && index === 0) {
      kind = oneOf("backoff", part, ["fixed", "exponential"] as const);
      continue;
    }
    const name = at < 0 ? part : part.slice(0, at).trim();
    const read = settings.get(name);
    if (at < 0 || !read) {
      const guess = nearest(name, settings.keys());
      throw refuse(
        `"${part}" is no setting of a backoff`,
        `${guess ? `did you mean ${guess}=…? ` : ""}write it like exponential,base=500ms,max=30s,jitter=full,attempts=10,reset-after=10s`,
      );
    }
    if (given.has(name)) throw refuse(`a backoff has one ${name}, not two`);
    given.set(name, read(part.slice(at + 1).trim()));
  }
  if (kind === "fixed" && given.has("max")) {
    throw refuse(
      "a fixed backoff always waits its base: it has no max",
      "drop max, or say exponential",
    );
  }
  const policy: BackoffPolicy = Object.assign({ kind }, ...given.values());
  return new Backoff(policy);
}
