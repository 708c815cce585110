/** Shows that what is drawn again and again leaves nothing behind on a terminal that changes its width. */
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import wrapAnsi from "wrap-ansi";
import { TerminalCanvas } from "../../src/cli/canvas.js";

// oxlint-disable-next-line no-control-regex -- it is what a terminal reads
const controls = /\u001b\[\??(\d*)([A-Za-z])|[^]/g;

/**
 * A terminal as far as these tests need one: it keeps lines, each of which takes as many rows as it needs
 * for its width, as those do that wrap anew when they are resized.
 */
class Screen extends Writable {
  columns: number | undefined = 40;
  rows: number | undefined = 50;
  readonly isTTY = false;
  #rows: string[] = [""];
  #row = 0;

  override _write(chunk: Buffer, _encoding: unknown, done: () => void): void {
    for (const [sign, count = "1", code] of chunk.toString().matchAll(controls)) {
      const by = Number(count || 1);
      if (code === "A") this.#row = Math.max(0, this.#row - by);
      else if (code === "B") this.#row = Math.min(this.#rows.length - 1, this.#row + by);
      else if (code === "K") this.#rows[this.#row] = "";
      else if (code === "J") this.#rows.splice(this.#row + 1);
      else if (sign === "\n") {
        this.#row++;
        this.#rows[this.#row] ??= "";
      } else if (code === undefined) this.#rows[this.#row] += sign;
    }
    done();
  }

  resize(columns: number): void {
    // What is below the cursor has been erased.
    const lines = this.#rows.slice(0, this.#row + 1);
    this.columns = columns;
    this.#rows = lines.flatMap((line) =>
      wrapAnsi(line, columns, { hard: true, trim: false, wordWrap: false }).split("\n"),
    );
    this.#row = this.#rows.length - 1;
  }

  get text(): string {
    return this.#rows.join("\n");
  }
}

const frame = (fill: string, lines = 3): string =>
  Array.from({ length: lines }, (_, i) => `${i}${fill.repeat(35)}`).join("\n");

describe("what was drawn before is gone", () => {
  test.each([30, 20, 10, 60])("on a terminal that now has %i columns", (columns) => {
    const screen = new Screen();
    screen.write("above\n");
    const canvas = new TerminalCanvas(screen);
    canvas.draw(frame("x"));
    canvas.draw(frame("y"));
    screen.resize(columns);
    canvas.draw("now");
    expect(screen.text.trimEnd()).toBe("above\nnow");
    canvas.clear();
    expect(screen.text.trimEnd()).toBe("above");
  });

  test("when it has more lines or fewer, and when lines come above it", () => {
    const screen = new Screen();
    const canvas = new TerminalCanvas(screen);
    for (const lines of [3, 5, 2, 2, 4]) {
      canvas.draw(frame("x", lines));
      expect(screen.text.trimEnd()).toBe(frame("x", lines));
    }
    canvas.above("a line\n");
    expect(screen.text.trimEnd()).toBe(`a line\n${frame("x", 4)}`);
    screen.resize(20);
    canvas.above("another\n");
    canvas.clear();
    expect(screen.text.trimEnd()).toBe("a line\nanother");
  });

  test("a line longer than the terminal is wide counts for the rows it takes", () => {
    const screen = new Screen();
    const canvas = new TerminalCanvas(screen);
    screen.write("above\n");
    for (const length of [30, 100, 50, 130, 10]) canvas.draw("z".repeat(length));
    expect(screen.text.trimEnd()).toBe(`above\n${"z".repeat(10)}`);
    canvas.draw("z".repeat(100));
    screen.resize(15);
    canvas.draw("end");
    expect(screen.text.trimEnd()).toBe("above\nend");
  });
});

describe.each([0, undefined])("a terminal that says it has %s columns and rows", (size) => {
  const unsized = (): Screen => {
    const screen = new Screen();
    [screen.columns, screen.rows] = [size, size];
    return screen;
  };

  test("is drawn on as one of 80 columns and 24 rows", () => {
    const screen = unsized();
    const canvas = new TerminalCanvas(screen);
    canvas.draw("x".repeat(100));
    expect(screen.text.trimEnd()).toBe(`${"x".repeat(80)}\n${"x".repeat(20)}`);
    canvas.draw("y".repeat(79));
    expect(screen.text.trimEnd()).toBe("y".repeat(79));
    expect(canvas.columns).toBe(80);
  });

  test("is erased once it says how wide it is", () => {
    const screen = unsized();
    screen.write("above\n");
    const canvas = new TerminalCanvas(screen);
    canvas.draw("x".repeat(70));
    canvas.draw("x".repeat(75));
    screen.resize(20);
    canvas.draw("now");
    expect(screen.text.trimEnd()).toBe("above\nnow");
  });
});

test("what is done stays", () => {
  const screen = new Screen();
  const canvas = new TerminalCanvas(screen);
  canvas.draw("last word");
  canvas.done();
  canvas.draw("more");
  expect(screen.text.trimEnd()).toBe("last word\nmore");
});
