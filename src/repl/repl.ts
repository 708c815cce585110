/**
 * Owns the prompt of `connect` as a whole: its parts put together, what a finished line sets off, and
 * every way in which it ends.
 */
import { messageOf, WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine, safeText } from "../base/safe-text.js";
import { lenses } from "../lens/lenses.js";
import type { Ink } from "../report/ink.js";
import type { Desk } from "./desk.js";
import { Feed } from "./feed.js";
import { History } from "./history.js";
import { JsonKeys } from "./json-keys.js";
import { label } from "./label.js";
import { Link } from "./link.js";
import { MessageLog } from "./message-log.js";
import { complete, suggest } from "./offer.js";
import { Prompt } from "./prompt.js";
import type { ReplEnd, ReplOptions } from "./repl-options.js";
import { Rules } from "./rules.js";
import type { Settings } from "./settings.js";
import { perform, type Said, said } from "./speech.js";
import { Variables } from "./variables.js";

/** Lines of scripts within scripts, and repeats of repeats, go no deeper. */
const deepest = 8;

/** Characters of a typed message or command that are shown again. */
const longestEcho = 500;

/** One prompt, from its start to its end. */
export class Repl {
  readonly #options: ReplOptions;
  readonly #prompt: Prompt;
  readonly #desk: Desk;
  readonly #link: Link;
  readonly #feed: Feed;
  /** What is at work, to be stopped by Ctrl-C. */
  readonly #jobs = new Set<AbortController>();
  /** Lines are done in the order of typing. */
  #turn: Promise<void> = Promise.resolve();
  #depth = 0;
  #expectFailed = false;
  #finish: (end: ReplEnd) => void = () => {};
  #isFinished = false;
  /** Set once the person has asked to leave. */
  #leaving: "quit" | "closed" | undefined = undefined;

  /** @throws WsctlError WSCTL_EUSAGE for a lens that there is not */
  constructor(options: ReplOptions) {
    this.#options = options;
    const settings: Settings = {
      pretty: options.pretty,
      raw: options.raw,
      frames: options.frames,
    };
    const history = new History(options.history.path);
    const keys = new JsonKeys();
    const log = new MessageLog();
    const variables = new Variables(options.env ?? {});
    const feed = new Feed({
      print: (text) => this.#prompt.screen.print(text),
      isBehind: () => this.#prompt.screen.isBehind,
      now: () => performance.now(),
      dim: (text) => this.#ink.chalk.dim(text),
    });
    const rules = new Rules(log, (name, value) => {
      const before = JSON.stringify(variables.values.get(name));
      variables.set(name, value);
      const shown = JSON.stringify(value);
      if (shown === before) return;
      feed.sample("message", () => this.#ink.chalk.dim(`· ${name} = ${safeLine(shown)}`));
    });
    const ink = () => this.#ink;
    this.#feed = feed;
    this.#link = new Link(options.session, {
      open: (session) => options.open(session),
      ink,
      feed,
      log,
      rules,
      settings,
      keys,
      onState: () => this.#prompt.refresh(),
      onEnd: () => this.#onSessionEnd(),
    });
    this.#desk = {
      link: this.#link,
      log,
      feed,
      rules,
      variables,
      settings,
      aliases: new Map(),
      get ink() {
        return ink();
      },
      retarget: (url) => options.retarget(url),
      curl: (session) => options.curl(session),
      run: async (line, signal) => this.#run(line, signal),
      failExpectation: () => {
        this.#expectFailed = true;
      },
      quit: () => this.#leave(),
    };
    const offered = { desk: this.#desk, keys, history, profiles: options.profiles };
    this.#prompt = new Prompt({
      terminal: options.terminal,
      ink: options.ink,
      history,
      label: () => {
        const { session } = this.#link;
        return label(session.state, this.#link.options, this.#jobs.size, this.#ink);
      },
      complete: (text, cursor) => complete(text, cursor, offered),
      suggest,
      onLine: (text) => this.#onLine(text),
      onInterrupt: () => this.#onInterrupt(),
      onEnd: () => this.#leave(),
    });
    this.#link.lens = lensOf(options.lens);
  }

  /** Connects, and talks until the person leaves. To be called once. */
  async run(): Promise<ReplEnd> {
    const end = new Promise<ReplEnd>((resolve) => {
      this.#finish = resolve;
    });
    const { signal } = this.#options;
    const onAbort = () => this.#cut();
    this.#prompt.start();
    this.#link.connect().catch((error: unknown) => {
      const outcome = this.#leaving === undefined ? "failed" : "quit";
      this.#over({ outcome, ...(outcome === "failed" ? { error: asError(error) } : {}) });
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const result = await end;
    signal?.removeEventListener("abort", onAbort);
    return result;
  }

  get #ink(): Ink {
    return { chalk: this.#options.ink.chalk, width: this.#prompt.screen.columns };
  }

  #onLine(text: string): void {
    if (text === "") return;
    let what: Said;
    try {
      what = said(text, this.#desk.aliases);
    } catch (error) {
      this.#echo(text);
      this.#tell(error);
      return;
    }
    if ("command" in what) this.#echo(text);
    const job = new AbortController();
    this.#jobs.add(job);
    this.#turn = this.#takeTurn(this.#turn, what, job);
  }

  /** Never rejects: what fails is told. */
  async #takeTurn(before: Promise<void>, what: Said, job: AbortController): Promise<void> {
    await before;
    const work = this.#work(what, job);
    // Neither a job nor a message that waits for a connection keeps others from being typed.
    if ("command" in what && what.command.isJob !== true) await work;
  }

  /** Does one line that was typed, and tells when it fails. */
  async #work(what: Said, job: AbortController): Promise<void> {
    const isText = "text" in what;
    if (isText) this.#jobs.delete(job);
    else this.#prompt.refresh();
    try {
      await perform(what, this.#desk, job.signal);
    } catch (error) {
      this.#tell(error);
    } finally {
      this.#jobs.delete(job);
      this.#prompt.refresh();
    }
  }

  /** Does a line of a script or a repeat. */
  async #run(line: string, signal: AbortSignal): Promise<void> {
    if (this.#depth >= deepest) {
      throw new WsctlError("WSCTL_EUSAGE", "scripts and repeats are nested too deep");
    }
    this.#depth++;
    try {
      await perform(said(line, this.#desk.aliases), this.#desk, signal);
    } finally {
      this.#depth--;
    }
  }

  #onInterrupt(): void {
    if (this.#jobs.size > 0 && this.#leaving === undefined) {
      for (const job of this.#jobs) job.abort();
      return;
    }
    if (this.#leaving === undefined && this.#link.session.state === "open") {
      this.#leave("quit");
      return;
    }
    this.#leaving = "quit";
    this.#cut();
  }

  /** Closes what is open, and ends. */
  #leave(outcome?: "quit"): void {
    const { session } = this.#link;
    if (this.#leaving !== undefined) return;
    this.#leaving = outcome ?? (session.state === "closed" && this.#link.end ? "closed" : "quit");
    for (const job of this.#jobs) job.abort();
    if (session.state === "closed") {
      this.#over({ outcome: this.#leaving });
      return;
    }
    this.#feed.say(this.#ink.chalk.dim("· closing; Ctrl-C leaves at once"));
    void session.close(1000).then(() => this.#over({ outcome: this.#leaving ?? "quit" }));
  }

  #cut(): void {
    this.#leaving ??= "quit";
    for (const job of this.#jobs) job.abort();
    this.#link.session.terminate();
    this.#over({ outcome: this.#leaving });
  }

  #onSessionEnd(): void {
    if (this.#leaving !== undefined) return;
    this.#feed.say(this.#ink.chalk.dim("· /reconnect opens it again, Ctrl-D leaves"));
  }

  #over(end: ReplEnd): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#feed.close();
    this.#prompt.stop();
    this.#finish({ end: this.#link.end, expectFailed: this.#expectFailed, ...end });
  }

  /** Shows a line again that is gone from the prompt and does not come back as a message. */
  #echo(text: string): void {
    const { chalk } = this.#ink;
    const shown = text.length > longestEcho ? `${text.slice(0, longestEcho)}…` : text;
    this.#feed.say(`${chalk.bold("❯")} ${chalk.dim(safeText(shown))}`);
  }

  #tell(error: unknown): void {
    const { chalk } = this.#ink;
    const lines = [`${chalk.red("✗")} ${safeLine(messageOf(error), 400)}`];
    if (error instanceof WsctlError) {
      lines.push(...error.where.map((line) => `    ${safeLine(line, 400)}`));
      if (error.hint) lines.push(`    ${chalk.cyan("hint:")} ${safeLine(error.hint, 1000)}`);
    } else if (error instanceof Error && error.stack && !isAbort(error)) {
      // A mistake of ours: where it happened is what helps.
      lines.push(chalk.dim(safeText(error.stack)));
    }
    this.#feed.say(lines.join("\n"));
  }
}

function isAbort(error: Error): boolean {
  return error.name === "AbortError" || "code" in error;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function lensOf(name: string | undefined): Link["lens"] {
  if (name === undefined) return undefined;
  if (name === "off") return null;
  const found = lenses.get(name);
  if (found) return found;
  const guess = nearest(name, lenses.keys());
  throw new WsctlError("WSCTL_EUSAGE", `there is no lens "${safeLine(name, 40)}"`, {
    hint: guess ? `did you mean ${guess}?` : `there are ${[...lenses.keys()].join(", ")}`,
  });
}
