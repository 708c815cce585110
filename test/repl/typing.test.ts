/** What is typed: brackets, layout, editing, history and its secrets, completion, pasting. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { isUnfinished } from "../../src/repl/brackets.js";
import { fittedWords, textWidth } from "../../src/repl/char-width.js";
import { History } from "../../src/repl/history.js";
import { layOut } from "../../src/repl/layout.js";
import { Prompt } from "../../src/repl/prompt.js";
import { isSecretLine } from "../../src/repl/secret-text.js";
import { FakeTerminal, plain } from "./terminal.js";

const made: string[] = [];

afterEach(() => {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function historyFile(text?: string): string {
  const dir = mkdtempSync(path.join(tmpdir(), "wsctl-history-"));
  made.push(dir);
  const file = path.join(dir, "state", "history");
  if (text !== undefined) {
    const plainFile = path.join(dir, "history");
    writeFileSync(plainFile, text, { mode: 0o644 });
    return plainFile;
  }
  return file;
}

function prompt(history = new History(undefined)) {
  const terminal = new FakeTerminal();
  const lines: string[] = [];
  const ends: string[] = [];
  const shown = new Prompt({
    terminal,
    ink: plain,
    history,
    label: () => "> ",
    complete: (text) =>
      text.startsWith("/h")
        ? { from: 0, options: ["/help ", "/headers "] }
        : { from: 0, options: ['{"key": '] },
    suggest: () => "",
    onLine: (text) => lines.push(text),
    onInterrupt: () => ends.push("interrupt"),
    onEnd: () => ends.push("end"),
  });
  shown.start();
  return { terminal, lines, ends, prompt: shown };
}

const keys = {
  enter: "\r",
  left: "\u001B[D",
  up: "\u001B[A",
  down: "\u001B[B",
  backspace: "\u007F",
  ctrl: (letter: string) => String.fromCharCode(letter.charCodeAt(0) - 96),
};

describe("a line is unfinished", () => {
  test.each(["{", '{"a":[1,', "[[]", '/send {"a":', '/repeat 3 1s {"a":', '{"a":"}",'])(
    "%j",
    (text) => {
      expect(isUnfinished(text)).toBe(true);
    },
  );

  test.each(["", "{}", "hello {", "[1]", '{"a":"', "{{ name }}", "}{", '{"a":"x\n"', "/grep {"])(
    "not %j",
    (text) => {
      expect(isUnfinished(text)).toBe(false);
    },
  );
});

describe("layout", () => {
  test("no row is wider than the terminal, and the cursor stands inside", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.nat(300),
        fc.integer({ min: 20, max: 90 }),
        (text, at, columns) => {
          const cursor = Math.min(at, text.length);
          const { rows, row, column } = layOut({ text, cursor }, 5, columns, 8);
          expect(rows.length).toBeLessThanOrEqual(8);
          expect(row).toBeLessThan(rows.length);
          expect(column).toBeLessThanOrEqual(columns);
          for (const [index, each] of rows.entries()) {
            const most = columns + (index === rows.length - 1 ? 1 : 0);
            expect(textWidth(each) + (index === 0 && each !== "⋯" ? 5 : 0)).toBeLessThanOrEqual(
              most,
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test("an enormous line is laid out around the cursor", () => {
    const text = "x\n".repeat(500_000);
    const begun = performance.now();
    const { rows } = layOut({ text, cursor: 700_000 }, 2, 80, 10);
    expect(rows).toHaveLength(10);
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  test("control characters of a paste are shown", () => {
    expect(layOut({ text: "a\u001B[2Jb", cursor: 0 }, 0, 80, 8).rows).toEqual(["a␛[2Jb"]);
  });
});

describe("keys", () => {
  test("a line is typed, edited and handed over", () => {
    const { terminal, lines } = prompt();
    terminal.type("h", "e", "o", keys.left, "l", "l", keys.enter);
    terminal.type("one two", keys.ctrl("w"), "three", keys.ctrl("a"), "x", keys.ctrl("k"));
    terminal.type(keys.ctrl("y"), keys.enter);
    expect(lines).toEqual(["hello", "xone three"]);
  });

  test("characters of many units are taken away whole", () => {
    const { terminal, lines } = prompt();
    terminal.type("a", "👩‍👩‍👧", keys.backspace, "é", keys.backspace, "b", keys.enter);
    expect(lines).toEqual(["ab"]);
  });

  test("a line feed sends as well as a carriage return", () => {
    const { terminal, lines } = prompt();
    terminal.type("typed ahead\n");
    expect(lines).toEqual(["typed ahead"]);
  });

  test("open brackets continue the line", () => {
    const { terminal, lines } = prompt();
    terminal.type('{"a":', keys.enter, "1}", keys.enter);
    expect(lines).toEqual(['{"a":\n1}']);
  });

  test("what is pasted stays one line, however it is cut up", () => {
    const { terminal, lines } = prompt();
    terminal.type("\u001B[20", "0~one\r\ntw", "o\u0003\n\u001B", "[201~", keys.enter);
    expect(lines).toEqual(["one\ntwo\u0003"]);
  });

  test("Ctrl-C clears the line, and on an empty one interrupts; Ctrl-D ends", () => {
    const { terminal, lines, ends } = prompt();
    terminal.type("abc", keys.ctrl("c"), keys.ctrl("c"), "x", keys.ctrl("d"), keys.backspace);
    terminal.type(keys.ctrl("d"));
    terminal.input.emit("end");
    expect(lines).toEqual([]);
    expect(ends).toEqual(["interrupt", "end", "end"]);
  });

  test("Tab completes what is shared, then lists", () => {
    const { terminal } = prompt();
    terminal.type("/h", "\t", "\t");
    expect(terminal.text).toContain("> /he");
    expect(terminal.text).toMatch(/\/help\s+\/headers/);
  });

  test("messages appear above, and the half-typed line stays", () => {
    const { terminal, prompt: shown } = prompt();
    terminal.type("half");
    const before = terminal.text.length;
    shown.screen.print("a message");
    expect(terminal.text.slice(before).replaceAll("\r", "")).toBe("a message\n> half");
  });

  test("a completed key of JSON may be typed on as if it had not been completed", () => {
    const { terminal, lines } = prompt();
    terminal.type("/k", "\t", ":", " ", "1}", keys.enter);
    terminal.type("/k", "\t", " ", ":}", keys.enter);
    expect(lines).toEqual(['{"key": 1}', '{"key":  :}']);
  });

  test("Ctrl-Z where nobody can wake the process does not take the prompt away", async () => {
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    const listeners = process.listenerCount("SIGCONT");
    const { terminal, lines, prompt: shown } = prompt();
    Object.assign(terminal.input, { isTTY: true });
    terminal.type(keys.ctrl("z"));
    expect(kill).toHaveBeenCalledWith(process.pid, "SIGTSTP");
    expect(terminal.input.isRaw).toBe(false);
    const from = terminal.text.length;
    await terminal.see("> ", from);
    terminal.type("on", keys.enter, keys.ctrl("z"));
    expect(lines).toEqual(["on"]);
    shown.stop();
    expect(process.listenerCount("SIGCONT")).toBe(listeners);
    kill.mockRestore();
  });

  test("the terminal is given back as it was", () => {
    const { terminal, prompt: shown } = prompt();
    expect(terminal.input.isRaw).toBe(true);
    expect(terminal.output.written).toContain("\u001B[?2004h");
    shown.stop();
    expect(terminal.input.isRaw).toBe(false);
    expect(terminal.output.written).toContain("\u001B[?2004l");
    const { written } = terminal.output;
    terminal.type("x");
    expect(terminal.output.written).toBe(written);
  });
});

test("a hint behind the line is cut between words", () => {
  for (let columns = 1; columns < 30; columns++) {
    const shown = fittedWords("some words of 漢字 that are many", columns);
    expect(textWidth(shown)).toBeLessThanOrEqual(columns);
    if (columns > 5) expect(shown).toMatch(/^(?:\S+ )*(?:some|words|of|漢字|that|are|many)…?$/);
  }
});

describe("history", () => {
  test("goes back and forth, and keeps what was being typed", () => {
    const { terminal, lines } = prompt();
    terminal.type("one", keys.enter, "two", keys.enter, "dra", keys.up, keys.up, keys.up);
    terminal.type(keys.down, keys.down, "ft", keys.enter);
    expect(lines).toEqual(["one", "two", "draft"]);
  });

  test("is searched with Ctrl-R", () => {
    const { terminal, lines } = prompt();
    terminal.type("apple 1", keys.enter, "pear", keys.enter, "apple 2", keys.enter);
    terminal.type(keys.ctrl("r"), "app", keys.ctrl("r"), keys.enter);
    expect(terminal.text).toContain("search app");
    expect(lines.at(-1)).toBe("apple 1");
    terminal.type("keep", keys.ctrl("r"), "nothing", keys.ctrl("g"), keys.enter);
    expect(terminal.text).toContain("no such line");
    expect(lines.at(-1)).toBe("keep");
  });

  test("outlives the prompt in a file that only its owner reads", () => {
    const file = historyFile();
    const first = new History(file);
    for (const line of ["plain", "two\nlines", '"quoted"', "plain", "plain"]) first.add(line);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = new History(file);
    const seen = [1, 2, 3, 4, 5].map(() => again.move(-1, ""));
    expect(seen).toEqual(["plain", '"quoted"', "two\nlines", "plain", undefined]);
  });

  test("never writes secrets down, though they can be had again while the prompt is open", () => {
    const file = historyFile();
    const history = new History(file);
    history.add('{"token":"abc123"}');
    history.add("fine");
    expect(readFileSync(file, "utf8")).toBe("fine\n");
    expect(history.search("abc123")?.line).toBe('{"token":"abc123"}');
  });

  test("a file of long lines is cut as well, also while it is written", () => {
    const long = "x".repeat(8000);
    const file = historyFile(Array.from({ length: 700 }, (_, n) => `${n} ${long}\n`).join(""));
    const history = new History(file);
    expect(statSync(file).size).toBeLessThan(2.2 * 1024 ** 2);
    expect(history.move(-1, "")).toBe(`699 ${long}`);
    for (let each = 0; each < 400; each++) history.add(`${each} ${long}`);
    expect(statSync(file).size).toBeLessThan(4.2 * 1024 ** 2);
    expect(new History(file).move(-1, "")).toBe(`399 ${long}`);
  });

  test("a long file is cut, a torn or unreadable one does no harm", () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
    const file = historyFile(`${lines.join("\n")}\n"torn\n`);
    const history = new History(file);
    expect(history.move(-1, "")).toBe('"torn');
    expect(history.move(-1, "")).toBe("line 2999");
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThanOrEqual(1001);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const none = new History(path.join(file, "no directory", "history"));
    none.add("still works");
    expect(none.move(-1, "")).toBe("still works");
  });
});

describe("a line carries a secret", () => {
  test.each([
    "Authorization: Bearer abcdefgh",
    '{"access_token": "x"}',
    "/set token abc",
    "/connect wss://h/?api_key=1",
    "/connect wss://user:pw@host/",
    '{"password":"p"}',
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx",
    "cookie=a",
    '{"key":"a"}',
    '{"session":"abc"}',
    '{"signature": "x"}',
    String.raw`{"body":"{\"token\":\"abc\"}"}`,
    String.raw`/send "{\\\"api_key\\\": \\\"abc\\\"}"`,
    "/connect wss://h/?ticket=1",
    "/connect wss://h/#code=abc",
    "/connect wss://h/?q=%7B%22token%22%3A%22abc%22%7D",
    "/set session abc",
  ])("%s", (line) => {
    expect(isSecretLine(line)).toBe(true);
  });

  test.each([
    '{"op":"auth"}',
    '{"token":"{{ token }}"}',
    "hello",
    '{"code":7,"auth":true,"token":null}',
    '{"token":""}',
    "/capture token $.token",
  ])("not %s", (line) => {
    expect(isSecretLine(line)).toBe(false);
  });
});
