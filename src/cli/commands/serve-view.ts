/** Owns what `wsctl serve` shows: where it listens, a live line, events as text or JSON lines. */
import { safeLine } from "../../base/safe-text.js";
import type { Ink } from "../../report/ink.js";
import { type Certificate, fingerprint } from "../../serve/certificate.js";
import type { Controlled } from "../../serve/controlled.js";
import type { Stats } from "../../serve/counters.js";
import { isVital, type ServeEvent, type Watcher } from "../../serve/events.js";
import type { Host } from "../host.js";
import { TerminalCanvas } from "../canvas.js";
import { inkFor, isLive } from "../ink.js";
import { jsonLine, payload } from "../json-line.js";
import { backplaneLine, eventLine } from "./serve-event-line.js";
import { liveLine } from "./serve-live-line.js";

/** How much to show. */
export interface ViewFlags {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
  /** 1: connects and closes, 2: messages too. */
  readonly verbose: number;
  readonly color: boolean;
  readonly seed: string;
  readonly processes: number;
}

/** A server that listens, as far as it is shown. */
export interface Listening {
  readonly url: string;
  readonly control: string;
  readonly token: string;
  readonly controlled: Controlled;
}

const refreshEvery = 1000;
/** File names can be long. */
const longestTrouble = 400;

/** Shows one server. */
export class ServeView implements Watcher {
  readonly messages: boolean;
  readonly #host: Host;
  readonly #mode: string;
  readonly #flags: ViewFlags;
  readonly #ink: Ink;
  readonly #live: TerminalCanvas | undefined;
  /** What happened before it was said where the server listens, which always comes first. */
  #early: ServeEvent[] | undefined = [];
  #refresh: () => Promise<void> = async () => {};
  #timer: NodeJS.Timeout | undefined;

  constructor(host: Host, mode: string, flags: ViewFlags) {
    this.#host = host;
    this.#mode = mode;
    this.#flags = flags;
    this.messages = flags.verbose > 1 && !flags.quiet;
    this.#ink = inkFor(host, host.stderr, flags.color);
    const live = !flags.json && !flags.quiet && isLive(host, host.stderr);
    this.#live = live ? new TerminalCanvas(process.stderr) : undefined;
  }

  /** The server listens. */
  begin(server: Listening, tls: Certificate | undefined): void {
    this.#announce(server, tls);
    this.#catchUp();
  }

  #announce({ url, control, token, controlled }: Listening, tls: Certificate | undefined): void {
    const { json, quiet, seed, processes } = this.#flags;
    const sha256 = tls && fingerprint(tls.cert);
    const mode = this.#mode;
    if (json) {
      const more = { ...(sha256 && { fingerprint: sha256 }), processes };
      this.#line({ event: "listening", mode, url, control, token, seed, ...more });
    }
    if (json || quiet) return;
    const { chalk } = this.#ink;
    const facts = [
      `${chalk.bold(mode)} on ${chalk.cyan.bold(url)}${processes > 1 ? ` in ${processes} processes` : ""}`,
      "",
      `${chalk.dim("control      ")}${control}/stats${chalk.dim(" · log · connections · metrics · faults · cut · stall")}`,
      `${chalk.dim("token        ")}${token}${chalk.dim("  for what changes something")}`,
      chalk.dim(`seed         ${safeLine(seed)}`),
      ...(sha256 ? [`${chalk.dim("certificate")}  SHA-256 ${sha256}`] : []),
      "",
      chalk.dim("Ctrl-C closes every client with 1001"),
    ];
    this.#host.stderr.write(`\n${facts.map((fact) => `  ${fact}`.trimEnd()).join("\n")}\n\n`);
    if (this.#live) this.#follow(controlled);
  }

  #catchUp(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) this.tell(event);
  }

  /** The first Ctrl-C came. */
  ending(): void {
    if (this.#flags.json || this.#flags.quiet) return;
    this.#above("closing every client with 1001; Ctrl-C again leaves at once");
  }

  /** Something went wrong that does not end the server; it is said whatever the flags are. */
  trouble(what: string): void {
    this.#above(`${this.#ink.chalk.red.bold("error:")} ${safeLine(what, longestTrouble)}`);
  }

  /** Something that only some servers tell: a line for people, a value for machines. */
  note(value: Readonly<Record<string, unknown>>, line: string): void {
    if (this.#flags.quiet) return;
    if (this.#flags.json) this.#line(value);
    else this.#above(line);
  }

  /** The server has stopped: the live line says the last word. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#refresh();
    this.#live?.done();
  }

  tell(event: ServeEvent): void {
    const { json, quiet, verbose } = this.#flags;
    if ((verbose === 0 || quiet) && !isVital(event)) return;
    if (this.#early) {
      this.#early.push(event);
      return;
    }
    if (event.event === "backplane") this.#tellBackplane(event);
    else if (json)
      this.#line("data" in event ? { ...event, ...payload(event.data, event.binary) } : event);
    else this.#above(eventLine(event, this.#ink));
  }

  /** That a node is in its fleet is for who wants to know; that it is cut off, for everybody. */
  #tellBackplane(event: Extract<ServeEvent, { event: "backplane" }>): void {
    const { json, quiet } = this.#flags;
    if (json && !quiet) this.#line(event);
    const trouble = event.state !== "up" || event.away !== undefined;
    if (trouble || !(json || quiet)) this.#above(backplaneLine(event, this.#ink));
  }

  #follow(controlled: Controlled): void {
    let before: Stats | undefined;
    let at = performance.now();
    this.#refresh = async () => {
      // A server that was lost says so elsewhere.
      const now = await controlled.stats().catch(() => undefined);
      if (!now) return;
      const then = performance.now();
      this.#live?.draw(`  ${liveLine(before ?? now, now, (then - at) / 1000, this.#ink)}\n`);
      [before, at] = [now, then];
    };
    void this.#refresh();
    this.#timer = setInterval(() => void this.#refresh(), refreshEvery);
  }

  /** Puts a line above the live one, which stays the last. */
  #above(line: string): void {
    const text = `  ${line}\n`;
    if (this.#live) this.#live.above(text);
    else this.#host.stderr.write(text);
  }

  #line(value: unknown): void {
    this.#host.stdout.write(`${jsonLine(value)}\n`);
  }
}
