/** Owns the course of a run where no terminal can be redrawn: a line now and then. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { perSecond, type Interval } from "../metrics/interval.js";
import type { Output, RunPhase } from "../metrics/output.js";

const everySeconds = 10;

/** Writes a line per phase, and one every ten seconds. */
export class ProgressLines implements Output {
  readonly #write: (line: string) => void;
  #count = 0;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  start(): void {
    this.#count = 0;
  }

  phase(phase: RunPhase): void {
    this.#write(phase);
  }

  add(interval: Interval): void {
    const { gauges, trends, second } = interval;
    this.#count++;
    if (this.#count % everySeconds !== 0) return;
    const rate = (key: string): string => formatCount(Math.round(perSecond(interval, key)));
    const rtt = trends["ws_msg_rtt"];
    this.#write(
      `${second} s: ${formatCount(gauges["ws_sessions_open"] ?? 0)} open, ` +
        `${rate("ws_msgs_sent")} sent/s, ${rate("ws_msgs_received")} received/s` +
        (rtt ? `, rtt p50 ${formatDuration(rtt.p50)} p99 ${formatDuration(rtt.p99)}` : ""),
    );
  }

  log(line: string): void {
    this.#write(`log: ${safeLine(line)}`);
  }

  stop(): void {
    // The report follows; there is nothing left to say here.
  }
}
