/** Owns a place at the end of what stands on a terminal, which is erased and written again. */
import { createLogUpdate } from "log-update";
import wrapAnsi from "wrap-ansi";

/** The terminal, as far as it is drawn on. */
type Terminal = NodeJS.WritableStream & {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** Where a terminal does not know its size, or says that it has none. */
const usual = { columns: 80, rows: 24 };

/** One such place; whatever else is written there meanwhile goes through {@link above}. */
export class TerminalCanvas {
  readonly #terminal: Terminal;
  readonly #update: ReturnType<typeof createLogUpdate>;
  #drawn = "";
  #drawnColumns = usual.columns;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#update = createLogUpdate(sized(terminal));
  }

  /** Columns there are now; 80 where that is not known. */
  get columns(): number {
    return this.#terminal.columns || usual.columns;
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

/** The terminal with a size, whatever it says of itself. */
function sized(terminal: Terminal): NodeJS.WritableStream {
  return new Proxy(terminal, {
    get: (target, key) => {
      if (key === "columns" || key === "rows") return target[key] || usual[key];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function rowsOf(text: string, columns: number): number {
  return wrapped(text, columns).split("\n").length;
}

/** In rows of that many columns, as the text is written. */
function wrapped(text: string, columns: number): string {
  return wrapAnsi(text, columns, { hard: true, trim: false, wordWrap: false });
}
