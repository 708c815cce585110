/**
 * Owns when a fault fires: probability, schedule and cap. Pure: it is told the time and handed the
 * randomness, so that decisions are a function of the seed and the order of opportunities.
 */
import type { Random } from "../base/random.js";

/** A point on one of two scales: time since the fault was added, or opportunities, from 1. */
export interface Moment {
  readonly unit: "ms" | "opportunities";
  readonly amount: number;
}

/** When a fault fires. With nothing set, at every opportunity. */
export interface Schedule {
  /** Probability at each opportunity, 0 to 1. */
  readonly p?: number;
  /** Alone: once, then. With `p`: from then on. With `every`: the first time. */
  readonly at?: Moment;
  readonly every?: Moment;
  /** From each such moment on, at every opportunity for so long. */
  readonly for?: Moment;
  /** The most firings, all connections together. */
  readonly count?: number;
}

/** Firings so far; shared by all triggers of one fault, because `count` caps them together. */
export interface Tally {
  fired: number;
}

/** The moment after `moment`, in steps of `every`, that lies after `now` on its own scale. */
function following(moment: Moment, every: Moment, now: number): Moment {
  const from = moment.unit === every.unit ? moment.amount : now;
  const steps = Math.max(1, Math.floor((now - from) / every.amount) + 1);
  return { unit: every.unit, amount: from + steps * every.amount };
}

/** The last moment of a schedule, from `moment` on, that does not lie after `now` on its own scale. */
function latestOf(moment: Moment, every: Moment | undefined, now: number): number {
  if (every?.unit !== moment.unit) return moment.amount;
  return moment.amount + Math.floor((now - moment.amount) / every.amount) * every.amount;
}

/** The firing of one fault, on one connection or, where connections are what it counts, on all. */
export class Trigger {
  readonly #schedule: Schedule;
  readonly #tally: Tally;
  #opportunities = 0;
  /** What it waits for; "now" fires at any opportunity, "never" is spent. */
  #next: Moment | "now" | "never";
  /** When the window that is open closes. */
  #until: Moment | undefined;

  /**
   * @param began when this trigger's connection came, in ms since the fault was added: a moment
   *   that had passed by then is not made up for
   */
  constructor(schedule: Schedule, tally: Tally, began = 0) {
    this.#schedule = schedule;
    this.#tally = tally;
    this.#next = schedule.at ?? schedule.every ?? "now";
    const { every, p, for: lasting } = schedule;
    if (typeof this.#next === "string" || this.#next.unit !== "ms") return;
    if (began <= this.#next.amount) return;
    if (lasting?.unit === "ms") {
      // It comes within a window, which is open for it as well.
      const latest = latestOf(this.#next, every, began);
      if (began < latest + lasting.amount) {
        this.#next = { unit: "ms", amount: latest };
        return;
      }
    }
    if (every?.unit === "ms") this.#next = following(this.#next, every, began);
    else if (every) this.#next = every;
    else this.#next = p === undefined ? "never" : "now";
  }

  /**
   * When the schedule next asks for it, in ms since the fault was added; undefined when time alone
   * does not.
   */
  get due(): number | undefined {
    if (typeof this.#next === "string" || this.#next.unit !== "ms" || this.#exhausted) {
      return undefined;
    }
    return this.#next.amount;
  }

  /** When the window that is open closes, in ms since the fault was added. */
  get closes(): number | undefined {
    return this.#until?.unit === "ms" ? this.#until.amount : undefined;
  }

  /**
   * Whether the fault fires at this opportunity, which is counted.
   *
   * @param now ms since the fault was added
   * @param random drawn from once for each opportunity, whatever the schedule says, so that timing
   *   does not shift the later decisions
   * @param able false: the fault could not act now; the schedule then waits for the next one
   */
  fires(now: number, random: Random, able = true): boolean {
    const { p, for: lasting } = this.#schedule;
    this.#opportunities++;
    const drawn = p === undefined || random.float() < p;
    if (lasting) {
      if (this.#exhausted || !this.#isWithin(now, lasting) || !able || !drawn) return false;
      this.#tally.fired++;
      return true;
    }
    if (!able || this.#exhausted || !this.#isDue(now)) return false;
    this.#advance(now);
    if (drawn) this.#tally.fired++;
    return drawn;
  }

  get #exhausted(): boolean {
    return this.#tally.fired >= (this.#schedule.count ?? Infinity);
  }

  /** Whether a window is open; opens the one that is due, unless it is over by now. */
  #isWithin(now: number, lasting: Moment): boolean {
    const { every } = this.#schedule;
    if (typeof this.#next !== "string" && this.#isDue(now)) {
      const { unit } = this.#next;
      const latest = latestOf(this.#next, every, this.#on(unit, now));
      const from = unit === lasting.unit ? latest : this.#on(lasting.unit, now);
      this.#until = { unit: lasting.unit, amount: from + lasting.amount };
      this.#next = every ? following(this.#next, every, this.#on(every.unit, now)) : "never";
    }
    return this.#until !== undefined && this.#on(this.#until.unit, now) < this.#until.amount;
  }

  #isDue(now: number): boolean {
    if (typeof this.#next === "string") return this.#next === "now";
    return this.#on(this.#next.unit, now) >= this.#next.amount;
  }

  #advance(now: number): void {
    if (typeof this.#next === "string") return;
    const { every, p } = this.#schedule;
    if (every) this.#next = following(this.#next, every, this.#on(every.unit, now));
    else this.#next = p === undefined ? "never" : "now";
  }

  #on(unit: Moment["unit"], now: number): number {
    return unit === "ms" ? now : this.#opportunities;
  }
}
