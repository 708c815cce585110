/**
 * Owns the time and the patience of one dial: a single timer that each phase sets anew, and the
 * caller's AbortSignal, listened to once for all dials that share it.
 */
import { longestTimer } from "../base/timer.js";
import { formatDuration } from "../base/quantity.js";
import { DialError, type DialPhase } from "./dial-error.js";

/** How long each step of a dial may take, in milliseconds; without a limit where 0 or missing. */
export interface Timeouts {
  readonly dns?: number | undefined;
  /** For all addresses together. */
  readonly tcp?: number | undefined;
  readonly tls?: number | undefined;
  readonly upgrade?: number | undefined;
  /** For everything together; 10 seconds unless told. */
  readonly total?: number | undefined;
}

/** What ended a wait before it was over. */
export type Ending = "timeout" | "aborted";

/** The deadlines that wait on a signal. One listener serves them all: a listener each would be a
 * warning of Node from the eleventh dial in flight, and a list to search for every removal. */
const waiting = new WeakMap<AbortSignal, Set<Deadline>>();

function onAbort(this: AbortSignal): void {
  const deadlines = waiting.get(this);
  waiting.delete(this);
  for (const deadline of deadlines ?? []) deadline.abort();
}

function watch(signal: AbortSignal, deadline: Deadline): void {
  const deadlines = waiting.get(signal);
  if (deadlines) {
    deadlines.add(deadline);
  } else {
    waiting.set(signal, new Set([deadline]));
    signal.addEventListener("abort", onAbort, { once: true });
  }
}

function unwatch(signal: AbortSignal, deadline: Deadline): void {
  const deadlines = waiting.get(signal);
  if (deadlines?.delete(deadline) === true && deadlines.size === 0) {
    waiting.delete(signal);
    signal.removeEventListener("abort", onAbort);
  }
}

function expire(deadline: Deadline): void {
  deadline.expire();
}

/** The time limit of one dial. Whoever makes one calls `stop` when the dial is over. */
export class Deadline {
  /** Whose wait it ends; to be set for the time of a wait only. */
  onEnd: ((ending: Ending) => void) | undefined = undefined;
  /** The limit in force, in milliseconds from when it was set. */
  limit = 0;
  readonly #total: number;
  readonly #end: number;
  readonly #signal: AbortSignal | undefined;
  #due = Infinity;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** @param total milliseconds for the whole dial; 0 for no limit */
  constructor(total: number, signal?: AbortSignal) {
    this.#total = total;
    this.#end = total > 0 ? performance.now() + total : Infinity;
    this.#signal = signal;
    if (signal && !signal.aborted) watch(signal, this);
    this.restrict(0);
  }

  /** Whether the caller has given up. */
  get aborted(): boolean {
    return this.#signal?.aborted === true;
  }

  /** Milliseconds that are left of the whole dial. */
  get left(): number {
    return this.#end - performance.now();
  }

  /** Sets the timer for what comes next: at most `ms` from now (0: any time), within the total. */
  restrict(ms: number | undefined): void {
    const phaseEnd = ms !== undefined && ms > 0 ? performance.now() + ms : Infinity;
    const due = Math.min(phaseEnd, this.#end);
    this.limit = phaseEnd < this.#end ? ms! : this.#total;
    if (due === this.#due) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = due;
    if (due === Infinity) return;
    const delay = Math.max(1, Math.min(due - performance.now(), longestTimer));
    this.#timer = setTimeout(expire, delay, this);
  }

  /** Tells the waiting phase that the time is up. The timer is spent: the next limit sets a new one. */
  expire(): void {
    this.#due = Infinity;
    this.onEnd?.("timeout");
  }

  /** Tells the waiting phase that the caller has given up. */
  abort(): void {
    this.onEnd?.("aborted");
  }

  /** Takes the timer and the watch on the signal away. */
  stop(): void {
    clearTimeout(this.#timer);
    this.onEnd = undefined;
    if (this.#signal) unwatch(this.#signal, this);
  }

  /**
   * The error for a wait that was ended.
   *
   * @param doing what was under way, to stand after "time ran out" and "aborted"
   */
  error(
    ending: Ending,
    phase: DialPhase,
    doing: string,
    details: { readonly hint: string; readonly where?: readonly string[] },
  ): DialError {
    if (ending === "aborted") {
      return new DialError("WSCTL_EABORTED", phase, "aborted", `aborted ${doing}`, {
        cause: this.#signal?.reason,
      });
    }
    const message = `time ran out ${doing}: ${formatDuration(this.limit)}`;
    return new DialError("WSCTL_ETIMEOUT", phase, "timeout", message, details);
  }
}
