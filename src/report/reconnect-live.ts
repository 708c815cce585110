/** Owns the line of the live panel on lost connections: how many, and how many are not back yet. */
import { formatCount } from "../base/quantity.js";
import type { MetricName } from "../metrics/catalogue.js";
import { warn, type Ink } from "./ink.js";

const counted: Readonly<
  Partial<Record<MetricName, "lost" | "back" | "givenUp" | "left" | "attempts">>
> = {
  ws_losses: "lost",
  ws_reconnects: "back",
  ws_given_up: "givenUp",
  ws_away_at_end: "left",
  ws_reconnect_attempts: "attempts",
};

/** What has become of lost connections so far. */
export class ReconnectsSoFar {
  readonly #sums = { lost: 0, back: 0, givenUp: 0, left: 0, attempts: 0 };

  /** Counts what belongs here; all else is nothing to it. */
  count(name: string, value: number): void {
    const sum = Object.hasOwn(counted, name) ? counted[name as MetricName] : undefined;
    if (sum) this.#sums[sum] += value;
  }

  /** In one line; none while no connection was lost. */
  lines(ink: Ink): string[] {
    const { lost, back, givenUp, left, attempts } = this.#sums;
    if (lost === 0) return [];
    const away = Math.max(0, lost - back - givenUp - left);
    const of = `of ${formatCount(lost)} lost`;
    const now = away === 0 ? `none away ${of}` : warn(ink, `${formatCount(away)} away ${of}`);
    const tries = `${formatCount(back)} back in ${formatCount(attempts)} attempts`;
    const gone = givenUp > 0 ? `   ${ink.chalk.red(`${formatCount(givenUp)} given up`)}` : "";
    const ended = left > 0 ? `   ${formatCount(left)} left meanwhile` : "";
    return [`${now}   ${tries}${gone}${ended}`];
  }
}
