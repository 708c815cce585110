/**
 * Owns the prompt of `connect` as a whole: its parts put together, what a finished line sets off, and
 * every way in which it ends.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine, safeText } from "../base/safe-text.js";
import type { Ink } from "../report/ink.js";
import type { Desk } from "./desk.js";
import { Feed } from "./feed.js";
import { History } from "./history.js";
import { type Job, Jobs } from "./jobs.js";
import { JsonKeys } from "./json-keys.js";
import { label } from "./label.js";
import { lensChoice } from "./lens-choice.js";
import { Link } from "./link.js";
import { MessageLog } from "./message-log.js";
import { complete, suggest } from "./offer.js";
import { Prompt } from "./prompt.js";
import { drawTrouble } from "./render/trouble.js";
import type { ReplEnd, ReplOptions } from "./repl-options.js";
import { Rules } from "./rules.js";
import type { Settings } from "./settings.js";
import { perform, type Said, said } from "./speech.js";
import { orStopped } from "./stoppable.js";
import { Tape } from "./tape.js";
import { Variables } from "./variables.js";

/** Lines of scripts within scripts, and repeats of repeats, go no deeper. */
const deepest = 8;

/** Characters of a typed message or command that are shown again. */
const longestEcho = 500;

/** One prompt, from its start to its end. */
export class Repl {
  readonly #options: ReplOptions;
  readonly #prompt: Prompt;
  /** What a line that was typed works on; those of a script have one of their own. */
  readonly #desk: Desk;
  readonly #link: Link;
  readonly #feed: Feed;
  readonly #tape: Tape;
  /** What is at work, to be stopped by Ctrl-C. */
  readonly #jobs = new Jobs();
  #expectFailed = false;
  #finish: (end: ReplEnd) => void = () => {};
  #isFinished = false;
  /** Set once the person has asked to leave. */
  #leaving: "quit" | "closed" | undefined = undefined;

  /** @throws WsctlError WSCTL_EUSAGE for a lens that there is not */
  constructor(options: ReplOptions) {
    this.#options = options;
    const { frames, pretty, raw, showPingPong } = options;
    const settings: Settings = { frames, pretty, raw, showPingPong };
    const history = new History(options.history.path);
    const keys = new JsonKeys();
    const log = new MessageLog();
    const feed = new Feed({
      print: (text) => this.#prompt.screen.print(text),
      isBehind: () => this.#prompt.screen.isBehind,
      now: () => performance.now(),
      dim: (text) => this.#ink.chalk.dim(text),
    });
    const variables = new Variables(options.env ?? {}, (name) => rules.captures.get(name)?.source);
    const rules = new Rules(log, (name, value) => {
      const before = JSON.stringify(variables.values.get(name));
      variables.set(name, value);
      const shown = JSON.stringify(value);
      return shown === before ? undefined : `${name} = ${safeLine(shown)}`;
    });
    const ink = () => this.#ink;
    this.#feed = feed;
    const tape = new Tape(options.recording, {
      onTrouble: (error) => this.#tell(error),
      onNote: (line) => feed.say(this.#ink.chalk.dim(`· ${line}`)),
    });
    this.#tape = tape;
    this.#link = new Link(options.session, {
      open: (session) => {
        const opened = options.open(session);
        tape.follow(opened);
        return opened;
      },
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
      tape,
      aliases: new Map(),
      depth: 0,
      get ink() {
        return ink();
      },
      retarget: (url, say) => options.retarget(url, say),
      curl: (session) => options.curl(session),
      async run(line, signal) {
        await runWithin(this, line, signal);
      },
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
    this.#link.lens = options.lens === undefined ? undefined : lensChoice(options.lens);
  }

  /**
   * Connects, and talks until the person leaves. To be called once.
   * @throws WsctlError WSCTL_EUSAGE when the file to record to is there already, or cannot be made
   */
  async run(): Promise<ReplEnd> {
    const { signal, leave, over, record } = this.#options;
    if (record !== undefined) {
      await this.#tape.start(record, this.#link.options.target.url, leave);
    }
    const end = new Promise<ReplEnd>((resolve) => {
      this.#finish = resolve;
    });
    const onAbort = () => this.#cut();
    this.#prompt.start();
    if (record !== undefined) this.#feed.say(this.#ink.chalk.dim(`· ${this.#tape.status}`));
    const first = this.#link.session;
    this.#link.connect().catch((error: unknown) => {
      // Who has gone on to another place does not care for the first.
      if (this.#link.session === first) this.#onFailure(error);
    });
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    over?.addEventListener("abort", () => this.#leave("quit"), { once: true });
    const result = await end;
    signal?.removeEventListener("abort", onAbort);
    const recorded = await this.#tape.stop(leave);
    return { ...result, recorded, recordingFailed: this.#tape.hasFailed };
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
    const job = this.#jobs.begin();
    const isJob = "command" in what && what.command.isJob === true;
    this.#jobs.queue(job, () => this.#work(what, job), !isJob);
  }

  /** Does one line that was typed, and tells when it fails. Never rejects. */
  async #work(what: Said, job: Job): Promise<void> {
    if ("command" in what) this.#prompt.refresh();
    try {
      // What had not begun when all was stopped does not begin.
      if (job.signal.aborted) throw new WsctlError("WSCTL_EABORTED", "stopped");
      const sent = await perform(what, this.#desk, job.signal);
      // Nothing that is typed waits for what waits for a connection.
      sent?.fate.catch((error: unknown) => this.#tell(error));
    } catch (error) {
      this.#tell(error);
    } finally {
      job.done();
      this.#prompt.refresh();
    }
  }

  #onInterrupt(): void {
    if (this.#leaving === undefined && this.#jobs.stop()) {
      this.#prompt.refresh();
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
    this.#jobs.stop();
    if (session.state === "closed") {
      this.#over({ outcome: this.#leaving });
      return;
    }
    this.#feed.say(this.#ink.chalk.dim("· closing; Ctrl-C leaves at once"));
    void session.close(1000).then(() => this.#over({ outcome: this.#leaving ?? "quit" }));
  }

  #cut(): void {
    this.#leaving ??= "quit";
    this.#jobs.stop();
    this.#link.session.terminate();
    this.#over({ outcome: this.#leaving });
  }

  /** The first connection could not be opened. */
  #onFailure(error: unknown): void {
    if (this.#leaving !== undefined) {
      this.#over({ outcome: "quit" });
    } else if (error instanceof WsctlError && error.code === "WSCTL_EABORTED") {
      // The person has closed it.
      this.#feed.say(this.#ink.chalk.dim("· not connected"));
      this.#onSessionEnd();
    } else {
      this.#over({ outcome: "failed", error: asError(error) });
    }
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
    this.#feed.say(drawTrouble(error, this.#ink));
  }
}

/** Does a line of a script or a repeat, on a desk that is one deeper. */
async function runWithin(desk: Desk, line: string, signal: AbortSignal): Promise<void> {
  if (desk.depth >= deepest) {
    throw new WsctlError("WSCTL_EUSAGE", "scripts and repeats are nested too deep");
  }
  const inner = Object.create(desk, { depth: { value: desk.depth + 1 } }) as Desk;
  const sent = await perform(said(line, desk.aliases), inner, signal);
  if (sent) await orStopped(sent.fate, signal);
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
