/**
 * Owns when a line of a recording is due: reckoned from the beginning, so that no delay adds up, on a
 * clock that is never set back.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

/** How fast a recording is replayed. */
export type Pace =
  /** As recorded, or so many times as fast. */
  | { readonly kind: "recorded"; readonly speed: number }
  /** Everything at once. */
  | { readonly kind: "asap" }
  /** Each send after the messages that came before it in the recording. */
  | { readonly kind: "gated" };

/** So many times as slow or as fast. */
const slowest = 0.001;
const fastest = 100_000;

/**
 * Reads `recorded`, `2x`, `0.5x`, `asap` or `gated`.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parsePace(text: string): Pace {
  const given = text.trim().toLowerCase();
  if (given === "asap" || given === "gated") return { kind: given };
  if (given === "recorded") return { kind: "recorded", speed: 1 };
  const [, factor] = /^(\d+(?:\.\d+)?|\.\d+)x$/.exec(given) ?? [];
  const speed = Number(factor);
  if (speed >= slowest && speed <= fastest) return { kind: "recorded", speed };
  throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 40)}" is no pace`, {
    hint: "there are recorded, a factor such as 2x or 0.5x, asap and gated",
  });
}

/** The pace in a word. */
export function paceName(pace: Pace): string {
  if (pace.kind !== "recorded") return pace.kind;
  return pace.speed === 1 ? "recorded" : `${pace.speed}x`;
}

/** When the lines of one recording are due. */
export class Schedule {
  readonly #speed: number;
  readonly #idleCap: number;
  readonly #begin: number;
  #last: number | undefined = undefined;
  /** Milliseconds of the recording so far, without what was cut out of its pauses. */
  #elapsed = 0;

  /**
   * @param begin when it begins, in ms on the clock that `due` is to be compared with
   * @param idleCap no pause of the recording counts for more, in ms
   */
  constructor(pace: Pace, begin: number, idleCap = Infinity) {
    this.#speed = pace.kind === "recorded" ? pace.speed : Infinity;
    this.#begin = begin;
    this.#idleCap = idleCap;
  }

  /**
   * Goes on to the next line. Times that go back, as after an edit, count as no time at all.
   * @param t of the line, in ms since the recording began
   */
  next(t: number): void {
    if (!Number.isFinite(t)) return;
    const pause = t - (this.#last ?? t);
    if (pause > 0) this.#elapsed += Math.min(pause, this.#idleCap);
    this.#last = t;
  }

  /** When the present line is due, in ms on the clock of the beginning. */
  get due(): number {
    return this.#begin + this.#elapsed / this.#speed;
  }
}
