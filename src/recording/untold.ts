/** Owns what is missing from a recording and has not been told in it yet. */
import { toMicroseconds } from "../base/microseconds.js";
import type { GapLine, KnownLine } from "./line.js";

/** What was dropped because there was no room, until a gap tells of it. */
export class Dropped {
  #missed = 0;
  #since: number | undefined;

  /** A message that is not recorded. */
  message(t: number): void {
    this.#since ??= t;
    this.#missed++;
  }

  /** Another line; what a gap counts would be told by nobody. */
  line(line: KnownLine): void {
    this.#since ??= line.t;
    if (line.k === "gap") this.#missed += line.missed ?? 0;
  }

  /** The gap that tells of it, which is told then; undefined where there is nothing to tell. */
  take(t: number): GapLine | undefined {
    if (this.#since === undefined) return undefined;
    const lasted = Math.max(0, toMicroseconds(t - this.#since));
    // Where no message is missing, other lines are.
    const missed = this.#missed === 0 ? undefined : this.#missed;
    this.#missed = 0;
    this.#since = undefined;
    return { t, k: "gap", why: "disk", missed, lasted };
  }
}

/** Gaps that say the same one after the other: the second and all behind it are one. */
export class Repeated {
  #gap: { readonly why: string; missed: number; t: number } | undefined;

  /** @returns whether the gap says what the last line said, and is counted here */
  counts({ t, why, missed, attempt, lasted }: GapLine): boolean {
    const isCount = attempt === undefined && lasted === undefined;
    if (missed === undefined || !isCount || this.#gap?.why !== why) return false;
    this.#gap.missed += missed;
    this.#gap.t = t;
    return true;
  }

  /** That gap was written. */
  begin({ t, why, missed, attempt, lasted }: GapLine): void {
    const isCount = missed !== undefined && attempt === undefined && lasted === undefined;
    if (isCount) this.#gap = { why, missed: 0, t };
  }

  /** The gap that tells of the others, before any other line. */
  take(): GapLine | undefined {
    const gap = this.#gap;
    this.#gap = undefined;
    return gap === undefined || gap.missed === 0 ? undefined : { ...gap, k: "gap" };
  }
}
