/** Owns how a dry run reads: a line for each thing that a user's steps do. */
import type { ChalkInstance } from "chalk";
import wrapAnsi from "wrap-ansi";
import { formatCount } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { TraceEvent, TraceKind } from "../../load/flow/trace.js";
import type { RunError } from "../../metrics/run-result.js";
import { type Ink, warn } from "../../report/ink.js";
import type { StepWords } from "./step-words.js";

/** Longer names of scenarios are cut, so that what was said has room. */
const longestName = 16;

/** How one kind of event looks. */
interface Look {
  readonly mark: string;
  readonly colour: "green" | "cyan" | "magenta" | "red" | "dim";
  /** Whether the words are coloured as well as the mark. */
  readonly whole?: boolean;
  /** What is said beside the detail, if there is any. */
  readonly words: (detail: string) => string;
}

const alone = (detail: string): string => detail;
const after =
  (words: string) =>
  (detail: string): string =>
    detail === "" ? words : `${words}: ${detail}`;

const looks: Readonly<Record<Exclude<TraceKind, "step">, Look>> = {
  opened: { mark: "●", colour: "green", words: after("connected") },
  sent: { mark: "→", colour: "cyan", words: alone },
  "auto-reply": { mark: "→", colour: "cyan", words: (detail) => `(auto-reply) ${detail}` },
  received: { mark: "←", colour: "magenta", words: alone },
  waiting: { mark: "…", colour: "dim", whole: true, words: (detail) => `waiting ${detail}` },
  matched: { mark: "✓", colour: "green", whole: true, words: after("as expected") },
  captured: { mark: "=", colour: "cyan", words: alone },
  failed: { mark: "✗", colour: "red", whole: true, words: (detail) => detail || "failed" },
  lost: { mark: "✗", colour: "red", whole: true, words: after("connection lost") },
  closed: { mark: "○", colour: "dim", words: after("closed") },
};

/** What happens to the connection, rather than in a step. */
const ofConnections: ReadonlySet<TraceKind> = new Set([
  "opened",
  "received",
  "auto-reply",
  "lost",
  "closed",
]);

/** Turns events into lines. */
export class TraceView {
  readonly #ink: Ink;
  readonly #nameWidth: number;
  readonly #words: StepWords;
  /** By scenario: the step whose title was shown last. */
  readonly #shown = new Map<string, string>();
  /** By scenario: the last message that came in its present step. */
  readonly #heard = new Map<string, string>();

  /**
   * @param scenarios the names of those that take part
   */
  constructor(scenarios: readonly string[], words: StepWords, ink: Ink) {
    this.#ink = ink;
    this.#words = words;
    // One alone needs no column to be told apart.
    const longest = Math.max(...scenarios.map((name) => name.length));
    this.#nameWidth = scenarios.length > 1 ? Math.min(longest, longestName) : 0;
  }

  /** The lines for one event, the last one ended. */
  lines(event: TraceEvent): string {
    const { chalk } = this.#ink;
    const { scenario, step, what, detail } = event;
    let lines = "";
    const words = this.#words.of(event);
    // What is no step of the plan is how a user leaves.
    if (this.#shown.get(scenario) !== step && words !== undefined && !ofConnections.has(what)) {
      this.#shown.set(scenario, step);
      const title = step === words ? step : `${step}  ${words}`;
      lines += this.#cut(event, "▸", safeLine(title, 100), chalk.bold, chalk.bold);
    }
    if (what === "step") {
      this.#heard.delete(scenario);
      return lines;
    }
    if (what === "received") this.#heard.set(scenario, detail);
    const { mark, colour, whole, words: said } = looks[what];
    const paint = chalk[colour];
    const text = said(safeLine(detail, 1000)).trimEnd();
    if (what === "failed") {
      const heard = this.#heard.get(scenario);
      // Where it came it may have been cut short.
      const isSaid = heard === undefined || detail.includes(heard.slice(0, 40));
      const against = isSaid ? "" : this.#wrapped(event, "   ", `in ${heard}`, chalk.dim);
      return lines + this.#wrapped(event, `  ${mark}`, text, paint) + against;
    }
    return lines + this.#cut(event, `  ${mark}`, text, paint, whole ? paint : undefined);
  }

  /** The lines for what went wrong without an event that says so. */
  error({ what, count, example }: RunError): string {
    const times = count > 1 ? `${formatCount(count)} × ` : "";
    const { mark, colour } = looks.failed;
    const text = `${times}${safeLine(what)}${example === "" ? "" : `: ${safeLine(example, 1000)}`}`;
    return this.#wrapped(undefined, `  ${mark}`, text, this.#ink.chalk[colour]);
  }

  /** The line for what a step of that user has to say. */
  log(line: string): string {
    const before = this.#before(undefined);
    return `${before}  ${warn(this.#ink, "  ✎")} ${safeLine(line, 1000)}\n`;
  }

  /** On one line; messages may be of any length. */
  #cut(
    event: TraceEvent,
    mark: string,
    text: string,
    paintMark: ChalkInstance,
    paintText: ChalkInstance | undefined,
  ): string {
    const before = this.#before(event);
    const cut = safeLine(text, this.#room(before, mark));
    const dim = this.#ink.chalk.dim(before);
    return `${dim}  ${paintMark(mark)} ${paintText ? paintText(cut) : cut}\n`;
  }

  /** On as many lines as it takes: that something failed is what one came for. */
  #wrapped(
    event: TraceEvent | undefined,
    mark: string,
    text: string,
    paint: ChalkInstance,
  ): string {
    const before = this.#before(event);
    const gap = " ".repeat(before.length + 2 + mark.length + 1);
    return wrapAnsi(text, this.#room(before, mark), { hard: true })
      .split("\n")
      .map((line, index) => {
        const start = index === 0 ? `${this.#ink.chalk.dim(before)}  ${paint(mark)} ` : gap;
        return `${start}${paint(line)}\n`;
      })
      .join("");
  }

  /** The time and the scenario; of no event, room for them. */
  #before(event: Pick<TraceEvent, "at" | "scenario"> | undefined): string {
    if (!event) return " ".repeat(this.#before({ at: 0, scenario: "" }).length);
    const { at, scenario } = event;
    const time = `${(at / 1000).toFixed(3).padStart(8)} s`;
    if (this.#nameWidth === 0) return time;
    return `${time}  ${safeLine(scenario, this.#nameWidth).padEnd(this.#nameWidth)}`;
  }

  #room(before: string, mark: string): number {
    return Math.max(20, this.#ink.width - before.length - mark.length - 3);
  }
}
