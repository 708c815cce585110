/** Owns what `wsctl serve` shows: where it listens, a live line, events as text or JSON lines. */
import { createLogUpdate } from "log-update";
import { formatCount, formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { Ink } from "../../report/ink.js";
import type { Stats } from "../../serve/counters.js";
import type { ServeEvent, Watcher } from "../../serve/events.js";
import type { RunningServer } from "../../serve/server.js";
import type { Host } from "../host.js";
import { inkFor, isLive } from "../ink.js";

/** How much to show. */
export interface ViewFlags {
  readonly json?: true | undefined;
  readonly quiet?: true | undefined;
  /** 1: connects and closes, 2: messages too. */
  readonly verbose: number;
  readonly color: boolean;
}

const refreshEvery = 1000;
const shownPayload = 100;

/** Shows one server. */
export class ServeView implements Watcher {
  readonly messages: boolean;
  readonly #host: Host;
  readonly #mode: string;
  readonly #flags: ViewFlags;
  readonly #ink: Ink;
  readonly #live: ReturnType<typeof createLogUpdate> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: Host, mode: string, flags: ViewFlags) {
    this.#host = host;
    this.#mode = mode;
    this.#flags = flags;
    this.messages = flags.verbose > 1;
    this.#ink = inkFor(host, host.stderr, flags.color);
    const live = !flags.json && !flags.quiet && isLive(host, host.stderr);
    this.#live = live ? createLogUpdate(process.stderr) : undefined;
  }

  /** The server listens. */
  begin({ url, control, truth }: RunningServer): void {
    const { json, quiet } = this.#flags;
    if (json) this.#line({ event: "listening", mode: this.#mode, url, control });
    if (json || quiet) return;
    const { chalk } = this.#ink;
    this.#host.stderr.write(`\n  ${chalk.bold(this.#mode)} on ${chalk.cyan(url)}\n`);
    this.#host.stderr.write(chalk.dim(`  counters at ${control}/stats · Ctrl-C stops\n\n`));
    if (!this.#live) return;
    let before = truth.total.stats();
    this.#timer = setInterval(() => {
      const now = truth.total.stats();
      this.#live?.(`  ${liveLine(before, now)}\n`);
      before = now;
    }, refreshEvery);
  }

  /** The server is about to stop. */
  end(): void {
    clearInterval(this.#timer);
    this.#live?.done();
  }

  tell(event: ServeEvent): void {
    const { json, quiet, verbose } = this.#flags;
    if (verbose === 0 || quiet) return;
    if (json) {
      this.#line("data" in event ? { ...event, ...payload(event.data, event.binary) } : event);
      return;
    }
    this.#live?.clear();
    this.#host.stderr.write(`  ${this.#text(event)}\n`);
  }

  #line(value: unknown): void {
    this.#host.stdout.write(`${JSON.stringify(value)}\n`);
  }

  #text(event: ServeEvent): string {
    const { chalk } = this.#ink;
    switch (event.event) {
      case "open":
        return `${chalk.green("open")}    #${event.connection} ${event.remote} ${safeLine(event.path)}${from(event.origin)}`;
      case "close":
        return `${chalk.yellow("close")}   #${event.connection} ${event.code} ${safeLine(event.reason)} after ${formatDuration(event.lasted)}`;
      case "refused":
        return `${chalk.red("refused")} ${event.status} ${event.remote} ${safeLine(event.path)}${from(event.origin)}: ${event.error}`;
      default: {
        const arrow = event.direction === "in" ? chalk.cyan("←") : chalk.magenta("→");
        const shown = event.binary
          ? event.data.subarray(0, shownPayload / 2).toString("hex")
          : safeLine(event.data.toString("utf8"), shownPayload);
        return `${arrow} #${event.connection} ${formatCount(event.data.length)} B  ${shown}`;
      }
    }
  }
}

function from(origin: string | undefined): string {
  return origin === undefined ? "" : ` from ${safeLine(origin)}`;
}

function payload(
  data: Buffer,
  binary: boolean,
): { data: string } | { b64: string; data: undefined } {
  return binary
    ? { b64: data.toString("base64"), data: undefined }
    : { data: data.toString("utf8") };
}

function liveLine(before: Stats, now: Stats): string {
  const perSecond = (direction: "received" | "sent"): string =>
    `${formatCount(now.messages[direction] - before.messages[direction])}/s ${direction}`;
  return [
    `${formatCount(now.connections.open)} open of ${formatCount(now.connections.opened)}`,
    perSecond("received"),
    perSecond("sent"),
    `${formatCount(now.messages.received)} messages in all`,
  ].join(" · ");
}
