/** Owns the live view of a run on a terminal: what is known so far, drawn anew a few times a second. */
import wrapAnsi from "wrap-ansi";
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { parseSeriesKey } from "../metrics/catalogue.js";
import { perSecond, type Interval } from "../metrics/interval.js";
import type { Output, RunPhase, RunStart, UserLoad } from "../metrics/output.js";
import type { ThresholdResult } from "../metrics/run-result.js";
import { gauge, sparkline } from "./drawing.js";
import { formatShare } from "./figure.js";
import type { Ink } from "./ink.js";
import { stageInWords, usersAt } from "./live-load.js";
import { thresholdLines } from "./live-thresholds.js";
import { modelInWords } from "./model-in-words.js";
import { ReconnectsSoFar } from "./reconnect-live.js";
import { SaidLines } from "./said-lines.js";
import { WholeSeconds } from "./whole-seconds.js";

/** The place on the screen that the panel is drawn in. */
export interface Canvas {
  /**
   * Columns there are now; undefined where that is not known. A terminal that is made narrower wraps
   * anew what stands on it.
   */
  readonly columns?: number | undefined;
  /** Replaces what was drawn before. */
  draw(text: string): void;
  /** Takes the panel away. */
  clear(): void;
  /** Writes lines above the panel, which stay; the last one has its end. */
  above(lines: string): void;
}

const redrawEvery = 200;
const gaugeWidth = 36;
const remembered = 60;
const drawnRates = 30;
const indent = 2;
const narrowest = 20;
/** Of the names of what is shown, `thresholds` being the longest. */
const margin = 12;

/** Draws a run as it goes. */
export class LivePanel implements Output {
  readonly #ink: Ink;
  readonly #canvas: Canvas;
  readonly #seconds = new WholeSeconds();
  readonly #rates: number[] = [];
  readonly #checks = { pass: 0, fail: 0 };
  readonly #reconnects = new ReconnectsSoFar();
  #run: RunStart | undefined;
  #phase: RunPhase = "opening";
  #phaseBegan = 0;
  #elapsed = 0;
  #latest: Interval | undefined;
  #judged: readonly ThresholdResult[] = [];
  /** What a step said last. */
  #said: string | undefined;
  /** Where all that steps say stays; undefined when only the last of it is shown. */
  readonly #saidLines: SaidLines | undefined;
  /** Lines that are still to be written above the panel. */
  #above = "";
  #sent = 0;
  #received = 0;
  /** How many lines were drawn last. */
  #height = 0;
  #opened = 0;
  #failed = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param isVerbose whether what steps say stays above the panel: up to 100 a second of each worker, and how many more there were */
  constructor(ink: Ink, canvas: Canvas, { isVerbose = false } = {}) {
    this.#ink = ink;
    this.#canvas = canvas;
    const write = (line: string): void => void (this.#above += `${line}\n`);
    this.#saidLines = isVerbose ? new SaidLines(write, true) : undefined;
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
    for (const [key, value] of Object.entries(interval.counters)) this.#count(key, value);
    const whole = this.#seconds.add(interval);
    if (whole) {
      this.#latest = whole;
      this.#rates.push(perSecond(whole, "ws_msgs_received"));
      if (this.#rates.length > remembered) this.#rates.shift();
    }
    this.#draw();
  }

  /** How thresholds fare so far. */
  judge(results: readonly ThresholdResult[]): void {
    this.#judged = results;
    this.#draw();
  }

  log(line: string): void {
    if (this.#saidLines) this.#saidLines.say(line);
    else this.#said = line;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#canvas.clear();
    this.#tellAbove();
  }

  #tellAbove(): void {
    if (this.#above === "") return;
    this.#canvas.above(this.#above);
    this.#above = "";
  }

  #count(key: string, value: number): void {
    const { name, tags } = parseSeriesKey(key);
    this.#reconnects.count(name, value);
    if (name === "ws_sessions") this.#opened += value;
    else if (name === "ws_msgs_sent") this.#sent += value;
    else if (name === "ws_msgs_received") this.#received += value;
    else if (name === "ws_connect_failed") this.#failed += value;
    else if (name === "checks") this.#checks[tags["result"] === "pass" ? "pass" : "fail"] += value;
  }

  #draw(): void {
    const run = this.#run;
    if (!run) return;
    this.#tellAbove();
    const { warmup = 0 } = run;
    if (this.#phase === "traffic" || this.#phase === "warm-up") {
      const since = performance.now() - this.#phaseBegan;
      const isWarm = this.#phase === "traffic";
      // It is told of a phase a moment before workers begin with it.
      this.#elapsed = isWarm ? Math.min(run.duration, warmup + since) : Math.min(warmup, since);
    }
    const { chalk } = this.#ink;
    // Some say that they have no columns, and mean that they do not know.
    const width = Math.min(this.#ink.width, Math.max(narrowest, this.#canvas.columns || Infinity));
    const lines = [
      this.#title(run),
      chalk.dim(safeLine(run.targets.join(", "), width - indent)),
      this.#progress(run),
      ...(run.load ? this.#users(run.load) : []),
      ...this.#named("reconnects", this.#reconnects.lines(this.#ink)),
      ...this.#figures(run.load !== undefined),
      ...this.#named("thresholds", thresholdLines(this.#judged, this.#ink)),
      ...(this.#said === undefined ? [] : this.#named("log", [chalk.dim(safeLine(this.#said))])),
      chalk.dim(
        this.#phase === "draining"
          ? "ending the run; Ctrl-C leaves at once"
          : "Ctrl-C ends the run and reports",
      ),
    ];
    const drawn = lines.map((line) => " ".repeat(indent) + firstRow(line, width - indent));
    // Whoever rewrites only the lines that changed takes those below an inserted one for unchanged,
    // and leaves them where they no longer are.
    if (this.#height !== drawn.length && this.#height > 0) this.#canvas.clear();
    this.#height = drawn.length;
    this.#canvas.draw(["", ...drawn, ""].join("\n"));
  }

  #title(run: RunStart): string {
    const { bold } = this.#ink.chalk;
    const count = formatCount(run.connections);
    if (!run.load) return `${bold(modelInWords(run))} on ${count} connections`;
    const unheard = this.#sent > 0 ? "nobody waits for replies" : undefined;
    const noun = run.connections === 1 ? "user" : "users";
    return `${bold(modelInWords({ ...run, unheard }))}, at most ${count} ${noun}`;
  }

  #progress(run: RunStart): string {
    if (this.#phase === "opening") {
      if (run.load) return `${gauge(0, gaugeWidth, this.#ink)}  starting`;
      return `${gauge(this.#opened / run.connections, gaugeWidth, this.#ink)}  opening, ${formatCount(this.#opened)} open${this.#failures()}`;
    }
    if (this.#phase !== "draining") {
      const warming = this.#phase === "warm-up" ? ", warming up" : "";
      return `${gauge(this.#elapsed / run.duration, gaugeWidth, this.#ink)}  ${formatDuration(this.#elapsed)} of ${formatDuration(run.duration)}${warming}`;
    }
    return `${gauge(1, gaugeWidth, this.#ink)}  draining and closing`;
  }

  #failures(): string {
    return this.#failed > 0 ? `, ${formatCount(this.#failed)} failed` : "";
  }

  #users(load: UserLoad): string[] {
    const isDraining = this.#phase === "draining";
    const stage = isDraining ? undefined : stageInWords(load, this.#elapsed);
    // Before the first second has passed, none is known to be connected; that is not none.
    const connected = this.#latest && (this.#latest.gauges["ws_sessions_open"] ?? 0);
    const users = usersAt(isDraining ? undefined : load, this.#elapsed, connected);
    return [
      ...this.#named("stage", stage === undefined ? [] : [stage]),
      ...this.#named("users", [users + this.#failures()]),
    ];
  }

  #figures(areUsers: boolean): string[] {
    const latest = this.#latest;
    if (!latest) return [];
    // The last rates are those of a time that is over.
    if (this.#phase === "draining") return this.#sums();
    const counter = (key: string): string => `${formatCount(Math.round(perSecond(latest, key)))}/s`;
    const rtt = latest.trends["ws_msg_rtt"];
    const open = formatCount(latest.gauges["ws_sessions_open"] ?? 0);
    const rates = this.#ink.chalk.cyan(sparkline(this.#rates, drawnRates));
    return [
      ...this.#named("open", areUsers ? [] : [open]),
      ...this.#named("messages", [
        `sent ${counter("ws_msgs_sent")}   received ${counter("ws_msgs_received")}   ${rates}`,
      ]),
      ...this.#named(
        "rtt",
        rtt
          ? [
              `p50 ${formatDuration(rtt.p50)}   p99 ${formatDuration(rtt.p99)}   max ${formatDuration(rtt.max)}`,
            ]
          : [],
      ),
      ...this.#checked(),
    ];
  }

  /** What it all came to so far. */
  #sums(): string[] {
    const sums = `${formatCount(this.#sent)} sent, ${formatCount(this.#received)} received in all`;
    return [...this.#named("messages", [sums]), ...this.#checked()];
  }

  #checked(): string[] {
    const { chalk } = this.#ink;
    const { pass, fail } = this.#checks;
    if (pass + fail === 0) return [];
    const share = `${formatShare(pass / (pass + fail))} of ${formatCount(pass + fail)} met`;
    const not = fail === 0 ? "" : `, ${chalk.red(`${formatCount(fail)} not`)}`;
    return this.#named("checks", [share + not]);
  }

  /** Lines whose name stands in the margin, beside the first of them. */
  #named(name: string, lines: readonly string[]): string[] {
    return lines.map(
      (line, index) => this.#ink.chalk.dim((index === 0 ? name : "").padEnd(margin)) + line,
    );
  }
}

/** What of a line there is room for: one that wraps would be drawn over again and again. */
function firstRow(line: string, width: number): string {
  return wrapAnsi(line, width, { hard: true, trim: false, wordWrap: false }).split("\n")[0]!;
}
