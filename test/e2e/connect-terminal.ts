/** Owns a real terminal with `wsctl connect` in it: keys, every byte that is shown, and its memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach } from "vitest";
import { peakOf, script, shellLine } from "./connect-run.js";

const open = new Set<ConnectTerminal>();

afterEach(async () => {
  await Promise.all([...open].map(async (terminal) => terminal.close()));
});

/** How the terminal is set up. */
export interface TerminalSetup {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Redirections of the shell, such as `</dev/null`. */
  readonly redirect?: string;
}

/** What is searched for something that is to be shown: this many characters, the latest. */
const looked = 200_000;

/** One run on a terminal of its own; ended after the test at the latest. */
export class ConnectTerminal {
  readonly #home = mkdtempSync(path.join(tmpdir(), "wsctl-terminal-"));
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;
  #pieces: string[] = [];
  #recent = "";
  #look: () => void = () => {};

  constructor(args: readonly string[], { env = {}, redirect = "" }: TerminalSetup = {}) {
    const command = `echo $$ > '${this.#home}/pid'; stty cols 100 rows 30; exec ${shellLine(args)} ${redirect}`;
    this.#child = spawn(script, ["-qec", command, "/dev/null"], {
      env: {
        ...process.env,
        TERM: "xterm",
        NO_COLOR: "1",
        FORCE_COLOR: undefined,
        XDG_STATE_HOME: this.#home,
        ...env,
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#closed = once(this.#child, "close");
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#pieces.push(text);
      this.#recent = (this.#recent + text).slice(-looked);
      this.#look();
    });
    open.add(this);
  }

  /** The process itself, once it runs. */
  get pid(): number {
    return Number(readFileSync(path.join(this.#home, "pid"), "utf8"));
  }

  /** The most memory that was ever resident, in bytes. */
  get peak(): number {
    return peakOf(this.pid);
  }

  /** Everything shown so far, as it was written. */
  get text(): string {
    return this.#pieces.join("");
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Resolves when the text is shown, after what was seen before; rejects after `limit` ms. */
  async see(what: string | RegExp, limit = 15_000): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        this.#look = () => {};
        reject(new Error(`never seen: ${what}\n${JSON.stringify(this.#recent.slice(-4000))}`));
      }, limit);
      this.#look = () => {
        const found =
          typeof what === "string" ? this.#recent.indexOf(what) : this.#recent.search(what);
        if (found < 0) return;
        clearTimeout(late);
        this.#look = () => {};
        this.#recent = this.#recent.slice(found + 1);
        resolve();
      };
      this.#look();
    });
  }

  /** Types a line to a server that echoes, and sees it go and come back. */
  async talk(): Promise<void> {
    this.type("still here\r");
    await this.see(/→ still here[^]*← still here/);
  }

  /** Resolves with the exit code. */
  async exit(): Promise<number | null> {
    const [code] = (await this.#closed) as [number | null];
    return code;
  }

  async close(): Promise<void> {
    if (!open.delete(this)) return;
    this.#child.kill("SIGKILL");
    await this.#closed;
    rmSync(this.#home, { recursive: true, force: true });
  }
}
