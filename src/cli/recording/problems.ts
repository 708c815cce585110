/** Owns what is told of the lines that a salvaged recording lacks: each of the first, the rest by number. */

/** So many are told one by one. */
const mostTold = 10;

/** Gathers them. */
export class Problems {
  readonly #name: string;
  readonly #told: string[] = [];
  #more = 0;

  /** @param name what the file is called */
  constructor(name: string) {
    this.#name = name;
  }

  /** @param line 0 where it is none in particular */
  add(line: number, what: string): void {
    if (this.#told.length >= mostTold) this.#more++;
    else this.#told.push(`${this.#name}${line === 0 ? "" : `:${line}`}: left out, ${what}`);
  }

  /** A line for each, unsafe for a terminal as it is. */
  told(): string[] {
    return this.#more === 0
      ? [...this.#told]
      : [...this.#told, `${this.#more} more lines are left out`];
  }
}
