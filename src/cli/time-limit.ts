/** Owns a limit to how long a conversation goes on, counted from its first open connection. */
import { WsctlError } from "../base/errors.js";
import { formatDuration } from "../base/quantity.js";
import { longestTimer } from "../base/timer.js";
import type { Session } from "../session/session.js";

/** One limit, over all sessions of a conversation. */
export class TimeLimit {
  readonly #limit: number | undefined;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined = undefined;

  /**
   * @param limit milliseconds; undefined for none
   * @throws WsctlError WSCTL_EUSAGE for one that no timer holds, and for none at all
   */
  constructor(limit: number | undefined) {
    if (limit !== undefined && (limit <= 0 || limit > longestTimer)) {
      throw new WsctlError("WSCTL_EUSAGE", `--duration cannot be ${formatDuration(limit)}`, {
        hint: `more than nothing, and at most ${formatDuration(longestTimer)}`,
      });
    }
    this.#limit = limit;
  }

  /** Aborted when the time is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Ends it before its time. */
  end(): void {
    this.#over.abort();
  }

  /** Begins to count when this session opens, unless it has begun. */
  watch(session: Session): void {
    session.once("open", () => {
      if (this.#limit === undefined || this.#timer) return;
      this.#timer = setTimeout(() => this.#over.abort(), this.#limit);
      // Whoever waits for it holds a socket.
      this.#timer.unref();
    });
  }
}
