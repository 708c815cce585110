/**
 * Owns the line at the bottom as a person uses it: keys edit it, go through the history and search
 * it, complete it, and hand it over when it is finished.
 */
import type { Key } from "node:readline";
import { safeLine } from "../base/safe-text.js";
import type { Ink } from "../report/ink.js";
import { isUnfinished } from "./brackets.js";
import { fitted, textWidth } from "./char-width.js";
import { type Completion, sharedStart } from "./completion.js";
import type { History } from "./history.js";
import { edit, keyName } from "./key-bindings.js";
import { Keyboard, type TerminalInput } from "./keyboard.js";
import { LineEditor } from "./line-editor.js";
import { Screen, type TerminalOutput } from "./screen.js";

/** The two directions of a terminal. */
export interface Terminal {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
}

/** What a prompt needs. */
export interface PromptOptions {
  readonly terminal: Terminal;
  readonly ink: Ink;
  readonly history: History;
  /** What stands before the line, coloured, and its colours closed. */
  readonly label: () => string;
  readonly complete: (text: string, cursor: number) => Completion | undefined;
  /** What the line could be, shown behind it. */
  readonly suggest: (text: string) => string;
  readonly onLine: (text: string) => void;
  /** Ctrl-C on an empty line. */
  readonly onInterrupt: () => void;
  /** Ctrl-D on an empty line, and the end of the input. */
  readonly onEnd: () => void;
}

/** A reverse search under way. */
interface Search {
  words: string;
  found: { readonly line: string; readonly at: number } | undefined;
  /** The line before. */
  readonly typed: string;
}

/** How many completions are listed. */
const mostOptions = 60;

/** What ends a key of JSON that was completed. */
const keyEnd = ": ";

/** Milliseconds after which a process that still runs has not been suspended. */
const suspension = 200;

/** The prompt of one terminal. */
export class Prompt {
  readonly screen: Screen;
  readonly #options: PromptOptions;
  readonly #keyboard: Keyboard;
  readonly #editor = new LineEditor();
  #search: Search | undefined = undefined;
  #isRunning = false;
  /** What Tab has put in and a person may type nevertheless. */
  #overtype = "";
  #wakeUp: NodeJS.Timeout | undefined = undefined;
  readonly #onContinue = () => {
    if (!this.#isSuspended) return;
    this.#awake();
    this.#keyboard.start();
    this.screen.start();
  };

  constructor(options: PromptOptions) {
    this.#options = options;
    this.screen = new Screen(options.terminal.output);
    this.#keyboard = new Keyboard(options.terminal.input, {
      onKey: (text, key) => this.#onKey(text, key),
      onPaste: (text) => {
        this.#overtype = "";
        // A line that was copied with its end is not to be sent at once, nor to have two.
        this.#editor.insert(text.endsWith("\n") ? text.slice(0, -1) : text);
        this.refresh();
      },
      onEnd: () => options.onEnd(),
    });
  }

  start(): void {
    this.#isRunning = true;
    this.#keyboard.start();
    this.refresh();
    this.screen.start();
  }

  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    // Suspended, the terminal has been given back already.
    if (this.#isSuspended) {
      this.#awake();
      return;
    }
    this.#keyboard.stop();
    this.screen.stop();
  }

  /** Draws the line anew, as after the label has changed. */
  refresh(): void {
    const { text, cursor } = this.#editor;
    const { chalk } = this.#options.ink;
    const search = this.#search;
    if (search) {
      const line = search.found?.line ?? "";
      const words = fitted(safeLine(search.words), 30);
      const label = search.words !== "" && !search.found ? "no such line" : "search";
      this.screen.show(`${chalk.magenta(label)} ${words} ${chalk.dim("❯")} `, {
        text: line,
        cursor: Math.max(0, line.indexOf(search.words)),
      });
      return;
    }
    const ghost = cursor === text.length && text !== "" ? this.#options.suggest(text) : "";
    this.screen.show(
      this.#options.label(),
      { text, cursor },
      { text: ghost, paint: (shown) => chalk.dim(shown) },
    );
  }

  #onKey(text: string | undefined, key: Key): void {
    if (!this.#isRunning) return;
    if (this.#search) this.#overtype = "";
    if (this.#search && this.#searchKey(this.#search, text, key)) {
      this.refresh();
      return;
    }
    if (this.#isOvertyped(text)) return;
    const special = this.#special(keyName(key));
    if (!special && !edit(this.#editor, text, key)) return;
    if (this.#isRunning) this.refresh();
  }

  /** Keys that do more than edit; false for all others. */
  #special(name: string): boolean {
    const { history, onInterrupt, onEnd } = this.#options;
    const editor = this.#editor;
    switch (name) {
      case "return":
      // A line feed: what was typed before the terminal was ours, and what scripts send.
      case "enter":
        this.#enter();
        return true;
      case "C-c":
        if (editor.text === "") onInterrupt();
        else editor.set("");
        return true;
      case "C-d":
        if (editor.text === "") onEnd();
        else editor.deleteRight();
        return true;
      case "up":
      case "C-p":
      case "down":
      case "C-n": {
        const by = name === "up" || name === "C-p" ? -1 : 1;
        if (editor.vertical(by)) return true;
        const line = history.move(by, editor.text);
        if (line !== undefined) editor.set(line);
        return true;
      }
      case "C-r":
        this.#search = { words: "", found: undefined, typed: editor.text };
        return true;
      case "C-l":
        this.screen.clear();
        return true;
      case "C-z":
        this.#suspend();
        return true;
      case "tab":
        this.#complete();
        return true;
      default:
        return false;
    }
  }

  #enter(): void {
    const { text } = this.#editor;
    if (isUnfinished(text)) {
      this.#editor.insert("\n");
      return;
    }
    this.#editor.set("");
    this.#options.history.add(text);
    this.#options.onLine(text);
  }

  /** @returns whether the key belonged to the search; else the line is what was found */
  #searchKey(search: Search, text: string | undefined, key: Key): boolean {
    const name = keyName(key);
    const { history } = this.#options;
    if (name === "C-r") {
      search.found = history.search(search.words, search.found?.at) ?? search.found;
      return true;
    }
    if (name === "C-c" || name === "C-g") {
      this.#editor.set(search.typed);
      this.#search = undefined;
      return true;
    }
    if (name === "backspace" || name === "C-h") search.words = search.words.slice(0, -1);
    else if (text !== undefined && !key.ctrl && !key.meta && text >= " ") search.words += text;
    else {
      this.#editor.set(search.found?.line ?? search.typed);
      this.#search = undefined;
      return name === "escape" || name === "M-escape";
    }
    search.found = search.words === "" ? undefined : history.search(search.words);
    return true;
  }

  /** Whether the key types what stands there already. */
  #isOvertyped(text: string | undefined): boolean {
    const expected = this.#overtype;
    this.#overtype = "";
    if (expected === "" || text !== expected[0]) return false;
    this.#overtype = expected.slice(1);
    return true;
  }

  #complete(): void {
    const editor = this.#editor;
    const found = this.#options.complete(editor.text, editor.cursor);
    if (!found || found.options.length === 0) {
      if (editor.text.trim() !== "") this.screen.bell();
      return;
    }
    const shared = sharedStart(found.options);
    const before = editor.text;
    editor.replace(found.from, editor.cursor, shared);
    if (editor.text !== before && shared.endsWith(keyEnd)) this.#overtype = keyEnd;
    if (found.options.length > 1 && editor.text === before) this.#list(found.options);
  }

  #list(options: readonly string[]): void {
    const { chalk } = this.#options.ink;
    const shown = options.slice(0, mostOptions).map((option) => safeLine(option.trim(), 60));
    const width = Math.max(...shown.map(textWidth)) + 2;
    const across = Math.max(1, Math.floor(this.screen.columns / width));
    const lines: string[] = [];
    for (let at = 0; at < shown.length; at += across) {
      const cells = shown.slice(at, at + across);
      lines.push(
        cells
          .map((cell) => cell + " ".repeat(width - textWidth(cell)))
          .join("")
          .trimEnd(),
      );
    }
    if (options.length > mostOptions) lines.push(`… ${options.length - mostOptions} more`);
    this.screen.print(chalk.dim(lines.join("\n")));
  }

  #suspend(): void {
    if (process.platform === "win32" || this.#options.terminal.input.isTTY !== true) return;
    if (this.#isSuspended) return;
    this.screen.stop();
    this.#keyboard.stop();
    process.on("SIGCONT", this.#onContinue);
    // Where nobody can wake it, as in a process group without a shell, the system ignores the signal.
    this.#wakeUp = setTimeout(this.#onContinue, suspension);
    process.kill(process.pid, "SIGTSTP");
  }

  get #isSuspended(): boolean {
    return this.#wakeUp !== undefined;
  }

  #awake(): void {
    clearTimeout(this.#wakeUp);
    this.#wakeUp = undefined;
    process.off("SIGCONT", this.#onContinue);
  }
}
