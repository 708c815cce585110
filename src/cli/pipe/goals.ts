/** Owns what is asked of the answers: `--expect`, `--until` and `--count`. */
import { formatCount } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { parseMatchExpression } from "../../message/match-expression.js";
import type { Matcher } from "../../message/matcher.js";
import type { MessageView } from "../../message/view.js";

/** What was asked for. */
export interface GoalFlags {
  readonly expect?: readonly string[] | undefined;
  readonly until?: readonly string[] | undefined;
  readonly count?: number | undefined;
}

interface Wish {
  readonly source: string;
  readonly matcher: Matcher;
  isMet: boolean;
}

function wishOf(source: string): Wish {
  return { source, matcher: parseMatchExpression(source), isMet: false };
}

/** What was asked for, and how much of it has come. */
export class Goals {
  readonly #expected: readonly Wish[];
  readonly #until: readonly Wish[];
  readonly #count: number | undefined;
  #seen = 0;

  /** @throws WsctlError WSCTL_EUSAGE for a match that cannot be read */
  constructor({ expect = [], until = [], count }: GoalFlags) {
    this.#expected = expect.map(wishOf);
    this.#until = until.map(wishOf);
    this.#count = count;
  }

  /** Whether anything was asked for. */
  get any(): boolean {
    return this.#hasEnd || this.#expected.length > 0;
  }

  /** Whether the last thing that `--until` or `--count` wait for has come: now it ends. */
  get isOver(): boolean {
    return this.#until.some(({ isMet }) => isMet) || this.#seen === this.#count;
  }

  /** Whether all has come that was asked for. */
  get isMet(): boolean {
    return this.missing.length === 0;
  }

  /** Whether all has come, and nothing says that more is to be waited for. */
  get isComplete(): boolean {
    return this.isMet && (this.isOver || !this.#hasEnd);
  }

  /** What has not come, each as people read it: safe for a terminal. */
  get missing(): string[] {
    const missing = this.#expected
      .filter(({ isMet }) => !isMet)
      .map(({ source }) => `--expect ${safeLine(source)}`);
    if (this.#hasEnd && !this.isOver) {
      missing.push(...this.#until.map(({ source }) => `--until ${safeLine(source)}`));
      if (this.#count !== undefined) {
        const came = formatCount(this.#seen);
        missing.push(`--count ${formatCount(this.#count)}: ${came} came`);
      }
    }
    return missing;
  }

  /**
   * Takes what has come: a message, or a control frame.
   * @param counts whether it is one of those that `--count` counts; it is matched in any case
   */
  see(view: MessageView, counts: boolean): void {
    if (counts) this.#seen++;
    for (const wish of this.#expected) wish.isMet ||= wish.matcher.test(view);
    for (const wish of this.#until) wish.isMet ||= wish.matcher.test(view);
  }

  get #hasEnd(): boolean {
    return this.#until.length > 0 || this.#count !== undefined;
  }
}
