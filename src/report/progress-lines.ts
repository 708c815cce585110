/** Owns the course of a run where no terminal can be redrawn: a line now and then. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { perSecond, type Interval } from "../metrics/interval.js";
import type { Output, RunPhase } from "../metrics/output.js";
import { SaidLines } from "./said-lines.js";
import { together, WholeSeconds } from "./whole-seconds.js";

const everyMs = 10_000;

/** Writes a line per phase, one every ten seconds, and what steps of a scenario say. */
export class ProgressLines implements Output {
  readonly #write: (line: string) => void;
  readonly #said: SaidLines;
  readonly #seconds = new WholeSeconds();
  #parts: Interval[] = [];
  #lasted = 0;

  /**
   * @param write one line, without its end
   * @param isVerbose whether all is written that workers tell of what steps say
   */
  constructor(write: (line: string) => void, { isVerbose = false } = {}) {
    this.#write = write;
    this.#said = new SaidLines(write, isVerbose);
  }

  start(): void {
    this.#parts = [];
    this.#lasted = 0;
  }

  phase(phase: RunPhase): void {
    this.#write(phase);
  }

  add(interval: Interval): void {
    const latest = this.#seconds.add(interval);
    if (!latest) return;
    this.#parts.push(latest);
    this.#lasted += latest.span;
    const whole = together(this.#parts);
    // The time is counted, not the rows, as a stage's end may fall into the midst of a second.
    if (whole.span < everyMs * 0.99) return;
    this.#parts = [];
    const rate = (key: string): string => formatCount(Math.round(perSecond(whole, key)));
    // Percentiles do not add up: they are those of the last second.
    const rtt = latest.trends["ws_msg_rtt"];
    this.#write(
      `${Math.round(this.#lasted / 1000)} s: ${formatCount(whole.gauges["ws_sessions_open"] ?? 0)} open, ` +
        `${rate("ws_msgs_sent")} sent/s, ${rate("ws_msgs_received")} received/s` +
        (rtt ? `, rtt p50 ${formatDuration(rtt.p50)} p99 ${formatDuration(rtt.p99)}` : ""),
    );
  }

  log(line: string): void {
    this.#said.say(line);
  }

  stop(): void {
    // The report follows; there is nothing left to say but what was not said.
    this.#said.end();
  }
}
