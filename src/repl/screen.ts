/**
 * Owns the bottom of the terminal: the line being typed, and everything else above it. Each change
 * is one write, so that nothing flickers.
 */
import { fittedWords, textWidth } from "./char-width.js";
import { layOut, type TypedLine } from "./layout.js";
import { pasteMode } from "./keyboard.js";

/** Where text goes: a terminal's stdout, or what a test puts in its place. */
export interface TerminalOutput {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Bytes that the terminal has not taken. */
  readonly writableLength?: number | undefined;
  write(text: string): boolean;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** Characters that may wait for a slow terminal before nothing more is shown. */
const mostWaiting = 64 * 1024;

/** Text that is not there, without colours, and how it is coloured. */
interface Ghost {
  readonly text: string;
  readonly paint: (text: string) => string;
}

const noGhost: Ghost = { text: "", paint: () => "" };

/** Draws. */
export class Screen {
  readonly #output: TerminalOutput;
  #prompt = "";
  #ghost = noGhost;
  #line: TypedLine = { text: "", cursor: 0 };
  /** Widths of the rows drawn, down to that of the cursor: to find back to the first. */
  #above: number[] = [];
  #rows = 0;
  #isDrawn = false;
  readonly #onResize = () => this.#redraw();

  constructor(output: TerminalOutput) {
    this.#output = output;
  }

  get columns(): number {
    return Math.max(20, this.#output.columns ?? 80);
  }

  /** Whether the terminal is behind with what it was given. */
  get isBehind(): boolean {
    return (this.#output.writableLength ?? 0) > mostWaiting;
  }

  start(): void {
    this.#output.on("resize", this.#onResize);
    this.#output.write(`${pasteMode.on}${this.#drawn()}`);
  }

  /** Takes the prompt away and leaves the cursor where it stood. */
  stop(): void {
    this.#output.off("resize", this.#onResize);
    this.#output.write(`${this.#erased()}${pasteMode.off}`);
    this.#isDrawn = false;
  }

  /** @param ghost shown behind the line as far as there is room, and not part of it */
  show(prompt: string, line: TypedLine, ghost = noGhost): void {
    this.#prompt = prompt;
    this.#line = line;
    this.#ghost = ghost;
    if (this.#isDrawn) this.#redraw();
  }

  /** Writes whole lines above the prompt. */
  print(text: string): void {
    const lines = text.replaceAll("\n", "\r\n");
    this.#output.write(
      this.#isDrawn ? `${this.#erased()}${lines}\r\n${this.#drawn()}` : `${lines}\r\n`,
    );
  }

  clear(): void {
    this.#output.write(`\u001B[H\u001B[2J${this.#drawn()}`);
  }

  bell(): void {
    this.#output.write("\u0007");
  }

  #redraw(): void {
    this.#output.write(this.#erased() + this.#drawn());
  }

  /** What goes back to the first row of the prompt and clears all below. */
  #erased(): string {
    if (!this.#isDrawn) return "";
    // A terminal made narrower has broken rows that were whole.
    const { columns } = this;
    const up = this.#above.reduce(
      (rows, width) => rows + Math.max(1, Math.ceil(width / columns)),
      0,
    );
    // Line by line from the first: a terminal that is told to clear all may keep it as history.
    const below = this.#rows > 1 ? "\u001B[1B\u001B[J\u001B[1A" : "";
    return `\r${up > 0 ? `\u001B[${up}A` : ""}\u001B[K${below}`;
  }

  #drawn(): string {
    const { columns } = this;
    const indent = textWidth(this.#prompt);
    const mostRows = Math.max(3, Math.min(12, (this.#output.rows ?? 24) - 2));
    const { rows, row, column } = layOut(this.#line, indent, columns, mostRows);
    const widths = rows.map((each, index) => textWidth(each) + (index === 0 ? indent : 0));
    const room = columns - 1 - (widths.at(-1) ?? 0);
    const ghost = room > 1 ? this.#ghost.paint(fittedWords(this.#ghost.text, room)) : "";
    this.#above = widths.slice(0, row);
    this.#isDrawn = true;
    this.#rows = rows.length;
    const up = rows.length - 1 - row;
    return (
      this.#prompt +
      rows.join("\r\n") +
      ghost +
      (up > 0 ? `\u001B[${up}A` : "") +
      `\r${column > 0 ? `\u001B[${column}C` : ""}`
    );
  }
}
