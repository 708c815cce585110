/** Owns how the mistakes in a YAML file are told: all at once, each with its place and the line. */
import type { LineCounter, Node } from "yaml";
import { WsctlError } from "../../../base/errors.js";
import { safeLine } from "../../../base/safe-text.js";

/** What may be known of a mistake. */
interface More {
  readonly hint?: string | undefined;
  readonly where?: readonly string[] | undefined;
}

interface Told extends More {
  /** Index into the text. */
  readonly at: number;
  readonly what: string;
}

/** Lines longer than this are shown only around the mistake. */
const widest = 100;
const mostTold = 10;

/** The mistakes found in one file so far. */
export class Mistakes {
  readonly #file: string;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #told: Told[] = [];

  /** @param lines has seen the text be parsed */
  constructor(file: string, text: string, lines: LineCounter) {
    this.#file = file;
    this.#text = text;
    this.#lines = lines;
  }

  /** Adds a mistake at a node, or at an index into the text. */
  add(at: Node | number | null | undefined, what: string, more: More = {}): void {
    const index = typeof at === "number" ? at : at?.range?.[0];
    this.#told.push({ at: index ?? 0, what, ...more });
  }

  /** The line of a node, from 1. */
  lineOf(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line;
  }

  /**
   * Runs `compile`, whose usage errors become mistakes at `node`.
   * @returns undefined when there was one
   */
  during<T>(node: Node, compile: () => T): T | undefined {
    try {
      return compile();
    } catch (error) {
      if (!(error instanceof WsctlError) || error.code !== "WSCTL_EUSAGE") throw error;
      this.add(node, error.message, error);
      return undefined;
    }
  }

  /** @throws WsctlError WSCTL_EUSAGE when there was any mistake */
  throwIfAny(): void {
    const [first, ...rest] = this.#told.toSorted((a, b) => a.at - b.at);
    if (!first) return;
    const others = rest.slice(0, mostTold - 1);
    const where = [...this.#show(first)];
    for (const one of others) {
      const hint = one.hint === undefined ? [] : [`  ${one.hint}`];
      where.push(`${this.#place(one)}: ${one.what}`, ...this.#show(one), ...hint);
    }
    const left = rest.length - others.length;
    if (left > 0) where.push(`and ${left} more`);
    const { hint } = first;
    throw new WsctlError("WSCTL_EUSAGE", `${this.#place(first)}: ${first.what}`, { hint, where });
  }

  #place({ at }: Told): string {
    const { line, col } = this.#lines.linePos(at);
    return `${this.#file}:${line}:${col}`;
  }

  /** The source line, and a caret under the mistake. */
  #show({ at, where = [] }: Told): string[] {
    const begin = this.#text.lastIndexOf("\n", at - 1) + 1;
    const end = this.#text.indexOf("\n", at);
    const from = at - begin > widest / 2 ? at - widest / 2 : begin;
    const source = this.#text.slice(from, end === -1 ? undefined : end);
    // Each half on its own, so that the caret stands where the escaped text does.
    const before = safeLine(source.slice(0, at - from), widest);
    const after = safeLine(source.slice(at - from), widest - before.length);
    return [`  ${before}${after}`, `  ${" ".repeat(before.length)}^`, ...where];
  }
}
