/** Owns the real terminal of tests: tmux with the program in it, keys that go in, and what is on the screen. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { requireDebian, succeeds } from "./debian.js";

const program = fileURLToPath(new URL("../../bin/wsctl.js", import.meta.url));

/** Longer than a slow machine needs to start the program, and shorter than vitest's limit of a test. */
const patienceMs = 15_000;

/**
 * The terminal's own colour (39), red, green, magenta, cyan and bright blue. Yellow and white are lost
 * on a light background, so is bold green, which many terminals brighten; plain blue is on a dark one.
 */
const readable = new Set(["39", "bold 39", "31", "32", "35", "36", "94"]);

const screens = new Set<TmuxScreen>();

afterAll(() => {
  for (const screen of screens) screen.close();
});

/** Whether there is a tmux, after trying to install it; to be called outside of tests. */
export function requireTmux(): boolean {
  return requireDebian("tmux", () => succeeds("tmux", ["-V"]));
}

/** How large a terminal is; 24 rows unless told. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows?: number;
}

/** A terminal that runs `wsctl`, and shows `exit code N` after it; it goes with the test file at the latest. */
export class TmuxScreen {
  readonly #home = mkdtempSync(path.join(tmpdir(), "wsctl-pty-"));
  readonly #socket = path.join(this.#home, "tmux");

  constructor({ columns, rows = 24 }: TerminalSize, args: readonly string[]) {
    const quoted = [process.execPath, program, ...args]
      .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(" ");
    const env = `env -u NO_COLOR -u FORCE_COLOR XDG_STATE_HOME=${this.#home} TERM=xterm-256color`;
    const size = ["-x", String(columns), "-y", String(rows)];
    const run = `${env} ${quoted}; echo "exit code $?"; exec sleep 60`;
    this.#tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", ...size, run);
    screens.add(this);
  }

  /** Sends keys by their names for tmux, such as `C-c`; after `-l`, a text as it is typed. */
  keys(...keys: readonly string[]): void {
    this.#tmux("send-keys", "-t", "t", ...keys);
  }

  /** Pastes, bracketed if the program has asked for that. */
  paste(text: string): void {
    this.#tmux("set-buffer", text);
    this.#tmux("paste-buffer", "-p", "-t", "t");
  }

  /** What stands on the screen; with `-e` its colours, with `-J` lines that wrap as one. */
  text(...flags: readonly string[]): string {
    return this.#tmux("capture-pane", "-p", "-t", "t", ...flags);
  }

  /** Waits until something stands on the screen. @throws Error when it never does */
  async see(what: RegExp, ...flags: readonly string[]): Promise<string> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const text = this.text(...flags);
      if (what.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`never seen: ${what}\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Takes everything off the screen but the prompt. @throws Error when something keeps coming */
  async clear(): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!this.#isClear()) {
      if (Date.now() > deadline) throw new Error(`never clear:\n${this.text()}`);
      this.keys("C-l");
      // What came just then is taken off the next time; a slow program is not asked again at once.
      for (let look = 0; look < 20 && !this.#isClear(); look++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Types a line at a screen without anything else on it, and waits until something stands there. */
  async enter(line: string, seen: RegExp): Promise<string> {
    await this.clear();
    this.keys("-l", line);
    this.keys("Enter");
    return this.see(seen, "-J");
  }

  /**
   * Every weight and colour of a text that fades on a light or a dark background, such as `33` and
   * `bold 32`; also of what is no longer on the screen, as tmux keeps that.
   */
  fading(): string[] {
    const styles = new Set<string>();
    let [weight, color] = ["", "39"];
    for (const part of this.text("-e", "-S", "-").split("\u001B[")) {
      const [, codes, text = part] = /^([\d;]*)m([^]*)$/.exec(part) ?? [];
      for (const code of codes?.split(";") ?? []) {
        if (code === "1") weight = "bold ";
        if (["", "0", "22"].includes(code)) weight = "";
        if (["", "0"].includes(code)) color = "39";
        if (/^(?:[349]\d|10\d)$/.test(code) && code !== "49") color = code;
      }
      if (text.trim() !== "") styles.add(weight + color);
    }
    return [...styles].filter((style) => !readable.has(style));
  }

  #isClear(): boolean {
    return /^\S[^\n]* ❯\s*$/.test(this.text());
  }

  /** Ends the program and the terminal. */
  close(): void {
    if (!screens.delete(this)) return;
    this.#tmux("kill-server");
    rmSync(this.#home, { recursive: true, force: true });
  }

  #tmux(...args: readonly string[]): string {
    const options = { encoding: "utf8", timeout: 10_000 } as const;
    return spawnSync("tmux", ["-S", this.#socket, ...args], options).stdout;
  }
}
