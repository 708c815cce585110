/** Owns the live view of a run on a terminal: what is known so far, drawn anew a few times a second. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine, safeText } from "../base/safe-text.js";
import { perSecond, type Interval } from "../metrics/interval.js";
import type { Output, RunPhase, RunStart } from "../metrics/output.js";
import { gauge, sparkline } from "./drawing.js";
import type { Ink } from "./ink.js";
import { modelInWords } from "./model-in-words.js";

/** The place on the screen that the panel is drawn in. */
export interface Canvas {
  /** Replaces what was drawn before. */
  draw(text: string): void;
  /** Takes the panel away. */
  clear(): void;
}

const redrawEvery = 200;
const gaugeWidth = 36;
const remembered = 60;

/** Draws a run as it goes. */
export class LivePanel implements Output {
  readonly #ink: Ink;
  readonly #canvas: Canvas;
  readonly #rates: number[] = [];
  #run: RunStart | undefined;
  #phase: RunPhase = "opening";
  #phaseBegan = 0;
  #latest: Interval | undefined;
  #said: string | undefined;
  #opened = 0;
  #failed = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ink: Ink, canvas: Canvas) {
    this.#ink = ink;
    this.#canvas = canvas;
  }

  start(run: RunStart): void {
    this.#run = run;
    this.#timer = setInterval(() => this.#draw(), redrawEvery);
  }

  phase(phase: RunPhase): void {
    this.#phase = phase;
    this.#phaseBegan = performance.now();
    this.#draw();
  }

  add(interval: Interval): void {
    this.#latest = interval;
    this.#opened += interval.counters["ws_sessions"] ?? 0;
    for (const [key, value] of Object.entries(interval.counters)) {
      if (key.startsWith("ws_connect_failed")) this.#failed += value;
    }
    this.#rates.push(perSecond(interval, "ws_msgs_received"));
    if (this.#rates.length > remembered) this.#rates.shift();
    this.#draw();
  }

  log(line: string): void {
    this.#said = line;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#canvas.clear();
  }

  #draw(): void {
    const run = this.#run;
    if (!run) return;
    const { chalk } = this.#ink;
    const lines = [
      `${chalk.bold(modelInWords(run))} on ${formatCount(run.connections)} connections`,
      chalk.dim(safeText(run.targets.join(", ")).slice(0, this.#ink.width - 4)),
      this.#progress(run),
      ...this.#figures(),
      ...(this.#said === undefined ? [] : [chalk.dim(safeLine(this.#said, this.#ink.width - 4))]),
      chalk.dim(
        this.#phase === "draining"
          ? "ending the run; Ctrl-C leaves at once"
          : "Ctrl-C ends the run and reports",
      ),
    ];
    this.#canvas.draw(["", ...lines.map((line) => `  ${line}`), ""].join("\n"));
  }

  #progress(run: RunStart): string {
    if (this.#phase === "opening") {
      const failed = this.#failed > 0 ? `, ${formatCount(this.#failed)} failed` : "";
      return `${gauge(this.#opened / run.connections, gaugeWidth, this.#ink)}  opening, ${formatCount(this.#opened)} open${failed}`;
    }
    const elapsed = Math.min(run.duration, performance.now() - this.#phaseBegan);
    if (this.#phase === "traffic") {
      return `${gauge(elapsed / run.duration, gaugeWidth, this.#ink)}  ${formatDuration(elapsed)} of ${formatDuration(run.duration)}`;
    }
    return `${gauge(1, gaugeWidth, this.#ink)}  draining and closing`;
  }

  #figures(): string[] {
    const latest = this.#latest;
    if (!latest) return [];
    const counter = (key: string): string => `${formatCount(Math.round(perSecond(latest, key)))}/s`;
    const lines = [
      `open ${formatCount(latest.gauges["ws_sessions_open"] ?? 0)}   sent ${counter("ws_msgs_sent")}   received ${counter("ws_msgs_received")}   ${this.#ink.chalk.cyan(sparkline(this.#rates, 30))}`,
    ];
    const rtt = latest.trends["ws_msg_rtt"];
    if (rtt) {
      lines.push(
        `rtt p50 ${formatDuration(rtt.p50)}   p99 ${formatDuration(rtt.p99)}   max ${formatDuration(rtt.max)}`,
      );
    }
    return lines;
  }
}
