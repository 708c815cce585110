/** Owns the view of a proxy for people: a line for everything that happens, as far as they can read. */
import { formatCount, formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { Opcode } from "../../frame/opcode.js";
import type { Matcher } from "../../message/matcher.js";
import type { MessageEvent, ProxyEvent } from "../../proxy/events.js";
import type { ProxyStats } from "../../proxy/proxy.js";
import { Feed } from "../../repl/feed.js";
import type { Ink } from "../../report/ink.js";
import type { Host, HostOutput } from "../host.js";
import { inkFor, isLive } from "../ink.js";
import { passes } from "./filter.js";
import { eventLine, looked, messageLine } from "./line.js";
import { LineFeed } from "./line-feed.js";
import type { Listening, ProxyView, ViewFlags } from "./view.js";

/** Bytes that may wait for a slow terminal before nothing more is shown. */
const mostWaiting = 64 * 1024;

/** Where lines go. */
interface Lines {
  /** Shows it if there is room for it; messages leave some for everything else. */
  offer(draw: () => string, isMessage: boolean): void;
  end(): void;
}

/** Writes lines to stdout, and on stderr where it listens and what it came to. */
export class ProxyTextView implements ProxyView {
  readonly messages: boolean;
  readonly #host: Host;
  readonly #flags: ViewFlags;
  readonly #filter: Matcher | undefined;
  readonly #ink: Ink;
  readonly #lines: Lines;
  /** When the last message of each open connection came. */
  readonly #last = new Map<number, number>();
  #early: ProxyEvent[] | undefined = [];
  #record: string | undefined;

  constructor(host: Host, flags: ViewFlags, filter: Matcher | undefined) {
    this.messages = !flags.quiet;
    this.#host = host;
    this.#flags = flags;
    this.#filter = filter;
    this.#ink = inkFor(host, host.stdout, flags.color);
    this.#lines = linesFor(host, this.#ink);
  }

  begin(listening: Listening): void {
    this.#record = listening.record;
    if (!this.#flags.quiet) this.#host.stderr.write(this.#announcement(listening));
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) this.tell(event);
  }

  tell(event: ProxyEvent): void {
    if (this.#flags.quiet) return;
    if (this.#early) {
      this.#early.push(event);
      return;
    }
    if (event.event === "message") return this.#tellMessage(event);
    if (event.event === "close") this.#last.delete(event.connection);
    if (event.event === "control") {
      // What closes is told when it has closed.
      if (!this.#flags.showPingPong || event.opcode === Opcode.close) return;
      if (!passes(event, this.#filter)) return;
    }
    if (event.event === "note" && event.instead) {
      // It may be large, and lines wait to be drawn.
      const line = eventLine(event, this.#ink);
      this.#lines.offer(() => line, false);
    } else this.#lines.offer(() => eventLine(event, this.#ink), false);
  }

  ending(): void {
    if (!this.#flags.quiet)
      this.#host.stderr.write("ending every connection; Ctrl-C again leaves at once\n");
  }

  end(stats: ProxyStats): void {
    this.#lines.end();
    if (!this.#flags.quiet) this.#host.stderr.write(`${this.#summary(stats)}\n`);
  }

  #tellMessage(event: MessageEvent): void {
    const { connection } = event;
    const now = performance.now();
    const before = this.#last.get(connection);
    this.#last.set(connection, now);
    if (!passes(event, this.#filter)) return;
    // Lines wait to be drawn, and what they show of a large message must not hold all of it.
    const { data, ...facts } = event;
    const seen = data && data.length > looked ? Buffer.from(data.subarray(0, looked)) : data;
    const pause = before === undefined ? undefined : now - before;
    const shown = { ...facts, data: undefined };
    const isPretty = this.#flags.pretty === true;
    this.#lines.offer(() => messageLine(shown, seen, pause, this.#ink, isPretty), true);
  }

  #announcement({
    url,
    forward,
    control,
    token,
    seed,
    targets,
    record,
    fingerprint,
  }: Listening): string {
    const { chalk } = inkFor(this.#host, this.#host.stderr, this.#flags.color);
    const address = chalk.cyan(new URL(url).host);
    const settings = forward ? `, and for HTTP proxy settings ${address}` : "";
    const facts = [
      `${chalk.bold("proxy")} on ${chalk.cyan.bold(url)}${settings}`,
      "",
      ...targets.map((target) => `${chalk.dim("leads to     ")}${safeLine(target)}`),
      ...(record === undefined ? [] : [`${chalk.dim("records in   ")}${safeLine(record)}`]),
      `${chalk.dim("control      ")}${control}/stats${chalk.dim(" · connections · metrics · faults · cut · stall")}`,
      `${chalk.dim("token        ")}${token}${chalk.dim("  for what changes something")}`,
      chalk.dim(`seed         ${safeLine(seed)}`),
      ...(fingerprint === undefined ? [] : [`${chalk.dim("certificate")}  SHA-256 ${fingerprint}`]),
      "",
      chalk.dim("Ctrl-C ends every connection"),
    ];
    return `\n${facts.map((fact) => `  ${fact}`.trimEnd()).join("\n")}\n\n`;
  }

  #summary({ opened, refused, messages, recordingsInTrouble }: ProxyStats): string {
    const { out, in: back, bytesOut, bytesIn } = messages;
    const counted = (count: number, noun: string): string =>
      `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
    return [
      counted(opened, "connection"),
      ...(refused > 0 ? [`${formatCount(refused)} refused`] : []),
      `${counted(out, "message")} to the server (${formatSize(bytesOut)}), ${formatCount(back)} back (${formatSize(bytesIn)})`,
      ...(this.#record === undefined ? [] : [`recorded in ${safeLine(this.#record)}`]),
      ...(recordingsInTrouble > 0
        ? [`${counted(recordingsInTrouble, "recording")} incomplete`]
        : []),
    ].join(", ");
  }
}

function linesFor(host: Host, ink: Ink): Lines {
  const { stdout } = host;
  const dim = (text: string): string => ink.chalk.dim(text);
  if (!isLive(host, stdout)) {
    return new LineFeed(stdout, (count) => dim(`… ${formatCount(count)} lines not shown`));
  }
  neverWait(stdout);
  const feed = new Feed({
    print: (text) => void stdout.write(`${text}\n`),
    isBehind: () => (stdout.writableLength ?? 0) > mostWaiting,
    now: () => performance.now(),
    dim,
  });
  return {
    offer: (draw, isMessage) => feed.sample(isMessage ? "message" : "talk", draw),
    end: () => feed.close(),
  };
}

/** Node writes to terminals blockingly: whoever presses Ctrl-S would stop all that passes. */
function neverWait(stdout: HostOutput): void {
  const { _handle: handle } = stdout as { _handle?: { setBlocking?(isBlocking: boolean): void } };
  handle?.setBlocking?.(false);
}
