/** Owns a place at the end of what stands on a terminal, which is erased and written again. */
import { createLogUpdate } from "log-update";
import wrapAnsi from "wrap-ansi";

/** The terminal, as far as it is drawn on. */
type Terminal = NodeJS.WritableStream & { readonly columns?: number | undefined };

/** One such place; whatever else is written there meanwhile goes through {@link above}. */
export class TerminalCanvas {
  readonly #terminal: Terminal;
  readonly #update: ReturnType<typeof createLogUpdate>;
  #drawn = "";
  #drawnColumns: number | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#update = createLogUpdate(terminal);
  }

  /** Columns there are now; undefined where that is not known. */
  get columns(): number | undefined {
    return this.#terminal.columns;
  }

  /** Replaces what was drawn before. */
  draw(text: string): void {
    const { columns } = this;
    const isSameSize = columns === this.#drawnColumns && rowsOf(text, columns) === this.#rows();
    // What rewrites only the lines that changed leaves others where they no longer are.
    if (!isSameSize) this.clear();
    [this.#drawn, this.#drawnColumns] = [text, columns];
    this.#update(text);
  }

  /** Takes it away. */
  clear(): void {
    if (this.#drawn === "") return;
    // What became narrower has wrapped lines that were as long as it was wide: it stands on more rows
    // than were written.
    const written = wrapped(this.#drawn, this.#drawnColumns);
    const more = rowsOf(written, this.columns) - this.#rows();
    this.#update.clear();
    if (more > 0) this.#terminal.write("\u001b[1A\u001b[2K".repeat(more));
    this.#update.done();
    this.#drawn = "";
  }

  /** Writes lines above it, which stay. */
  above(lines: string): void {
    const drawn = this.#drawn;
    this.clear();
    this.#terminal.write(lines);
    if (drawn !== "") this.draw(drawn);
  }

  /** Lets it stand; what is drawn from now on comes below. */
  done(): void {
    this.#update.done();
    this.#drawn = "";
  }

  /** The rows it was written on. */
  #rows(): number {
    return rowsOf(this.#drawn, this.#drawnColumns);
  }
}

function rowsOf(text: string, columns: number | undefined): number {
  return wrapped(text, columns).split("\n").length;
}

/** In rows of that many columns, as the text is written. */
function wrapped(text: string, columns: number | undefined): string {
  return wrapAnsi(text, columns || Infinity, { hard: true, trim: false, wordWrap: false });
}
