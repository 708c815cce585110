/** Owns what a dry run came to: the troubles that its trace does not tell, a summary, an exit code. */
import { formatCount } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { TraceEvent } from "../../load/flow/trace.js";
import { parseSeriesKey } from "../../metrics/catalogue.js";
import type { RunError, RunResult } from "../../metrics/run-result.js";
import { ExitCode } from "../exit-codes.js";

/** Ends of a connection, as errors are called that are none of a step's. */
const abnormal = /^(?:connection broken|protocol violation|message could not be handled)/;

/** What a dry run came to. */
export class Outcome {
  readonly #failures: string[] = [];
  #lost = 0;

  /** Takes note of an event of the trace. */
  add({ what, detail }: TraceEvent): void {
    if (what === "failed") this.#failures.push(detail);
    else if (what === "lost") this.#lost++;
  }

  /** What went wrong without the trace having said so, in the order in which it happened. */
  untold({ errors }: RunResult): RunError[] {
    return errors.filter(
      ({ what, example }) =>
        !this.#failures.some((detail) => detail.startsWith(what) || detail === safeLine(example)),
    );
  }

  /** 0, 6 when an expectation was not met or a step failed, 5 when the connection ended badly. */
  exitCode(result: RunResult): number {
    const [, failed] = expectationsOf(result);
    const untold = this.untold(result);
    const steps = untold.filter(({ what }) => !abnormal.test(what));
    if (failed + this.#failures.length + steps.length > 0) return ExitCode.unmet;
    return this.#lost + untold.length > 0 ? ExitCode.abnormal : ExitCode.ok;
  }

  /** In a line; then how each connection ended. */
  summary(result: RunResult): string[] {
    const [passed, failed] = expectationsOf(result);
    const untold = this.untold(result);
    const steps = untold.filter(({ what }) => !abnormal.test(what));
    const others =
      Math.max(0, this.#failures.length - failed) +
      steps.reduce((sum, { count }) => sum + count, 0);
    const replies = result.totals["ws_auto_replies"] ?? 0;
    const words = [
      failed + passed === 0
        ? "nothing was expected"
        : `${formatCount(passed)} of ${formatCount(passed + failed)} expectations met`,
      ...(others > 0 ? [`${counted(others, "failure")} besides`] : []),
      ...endWords(this.#lost, untold.length - steps.length),
      ...(replies > 0 ? [counted(replies, "automatic answer")] : []),
    ];
    const ends = endsOf(result);
    return [words.join(", "), ...(ends.length > 0 ? [`closed: ${ends.join(", ")}`] : [])];
  }
}

function expectationsOf({ expectations }: RunResult): [passed: number, failed: number] {
  return [
    expectations.reduce((sum, step) => sum + step.passed, 0),
    expectations.reduce((sum, step) => sum + step.failed, 0),
  ];
}

function endWords(lost: number, abnormalEnds: number): string[] {
  if (lost > 0) return ["the connection was lost"];
  return abnormalEnds > 0 ? ["the connection ended abnormally"] : [];
}

/** By close code and side, as `2 × 1000 by client`. */
function endsOf({ totals }: RunResult): string[] {
  return Object.entries(totals).flatMap(([key, count]) => {
    const { name, tags } = parseSeriesKey(key);
    const { code, by, cause } = tags;
    if (name !== "ws_close" || code === undefined) return [];
    const times = count > 1 ? `${formatCount(count)} × ` : "";
    return [safeLine(`${times}${code} by ${by}${cause ? ` (${cause})` : ""}`)];
  });
}

function counted(count: number, one: string): string {
  return `${formatCount(count)} ${count === 1 ? one : `${one}s`}`;
}
