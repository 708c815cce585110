/** Owns what a user's messages are made from: its numbers, its row of data, what it has captured. */
import { Random, seedOf } from "../../base/random.js";
import type { JsonValue } from "../../message/json.js";
import type { RenderContext } from "../../message/value.js";

/** The names that all users know: variables of the plan. */
export type Names = ReadonlyMap<string, JsonValue>;

/** One user's context; it is changed in place before each message. */
export class UserContext implements RenderContext {
  readonly run: number;
  readonly index: number;
  seq = 0;
  stampSeq = 0;
  lastSeq = 0;
  now = 0;
  micros = 0;
  random: Random;
  /** Grows with every change of a name's value: what was rendered before is then out of date. */
  version = 1;
  readonly #shared: Names;
  readonly #rows: Names | undefined;
  #own: Map<string, JsonValue> | undefined = undefined;

  /**
   * @param shared variables of the plan
   * @param rows by the feeder's name, the row that the user carries
   */
  constructor(run: number, index: number, random: Random, shared: Names, rows: Names | undefined) {
    this.run = run;
    this.index = index;
    this.random = random;
    this.#shared = shared;
    this.#rows = rows;
  }

  variable(name: string): JsonValue | undefined {
    return this.#own?.get(name) ?? this.#rows?.get(name) ?? this.#shared.get(name);
  }

  /** All names that have a value, and those values; a name that is there twice comes twice. */
  *values(): Generator<readonly [string, JsonValue]> {
    for (const names of [this.#own, this.#rows, this.#shared]) if (names) yield* names;
  }

  /** Gives a name a value. */
  set(name: string, value: JsonValue): void {
    this.#own ??= new Map();
    this.#own.set(name, value);
    this.version++;
  }

  /** Calls `use` with randomness that is not the user's: what is drawn then changes nothing. */
  aside<T>(use: () => T): T {
    const { random } = this;
    this.random = new Random(seedOf("aside"));
    try {
      return use();
    } finally {
      this.random = random;
    }
  }
}
