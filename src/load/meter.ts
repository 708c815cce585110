/**
 * Owns what one worker has counted and timed since its last snapshot, and cuts the snapshots. The
 * fields of `hot` and `times` are the metrics' own names; counting one is an increment.
 */
import { safeLine } from "../base/safe-text.js";
import { seriesKey, type MetricName } from "../metrics/catalogue.js";
import { Recorder } from "../metrics/recorder.js";
import type { RunError, Throughput } from "../metrics/run-result.js";
import type { Snapshot } from "../metrics/snapshot.js";
import { Trend } from "../metrics/trend.js";

const newCounters = () => ({
  ws_sessions: 0,
  ws_msgs_sent: 0,
  ws_msgs_received: 0,
  ws_bytes_sent: 0,
  ws_bytes_received: 0,
  ws_payload_sent: 0,
  ws_payload_received: 0,
  ws_msg_expected: 0,
  ws_msg_answered: 0,
  ws_msg_timeout: 0,
  ws_msg_late: 0,
  ws_msg_disconnected: 0,
  ws_msg_in_flight: 0,
  ws_msg_unmatched: 0,
  ws_msg_unsent: 0,
  ws_msg_overdue: 0,
});

type HotCounter = keyof ReturnType<typeof newCounters>;

const newTimes = () => ({
  ws_connecting: new Recorder(),
  ws_dns: new Recorder(),
  ws_tcp: new Recorder(),
  ws_tls: new Recorder(),
  ws_upgrade: new Recorder(),
  ws_session_duration: new Recorder(),
  ws_msg_rtt: new Recorder(),
  ws_msg_rtt_sent: new Recorder(),
  ws_schedule_lag: new Recorder(),
});

/** Different kinds of errors kept; a hostile server could otherwise invent one a connection. */
const errorKinds = 50;

/** Counts and times what one worker does. */
export class Meter {
  readonly hot = newCounters();
  readonly times = newTimes();
  /** Connections open now. */
  open = 0;
  /** Most bytes seen queued unsent on one connection since the last snapshot. */
  backpressure = 0;

  readonly #shard: number;
  readonly #tagged = new Map<string, number>();
  readonly #totals = new Map<string, number>();
  readonly #errors = new Map<string, { count: number; example: string }>();
  readonly #scratch = new Trend();
  #sequence = 0;

  constructor(shard: number) {
    this.#shard = shard;
  }

  /** Adds to a series with tags; not for hot paths. */
  count(name: MetricName, tags: Readonly<Record<string, string>>, by = 1): void {
    const key = seriesKey(name, tags);
    this.#tagged.set(key, (this.#tagged.get(key) ?? 0) + by);
  }

  /** Keeps the first example of each kind of error, made harmless, and how often it happened. */
  error(what: string, example: string): void {
    const kind = this.#errors.get(what);
    if (kind) kind.count++;
    else if (this.#errors.size < errorKinds) {
      this.#errors.set(what, { count: 1, example: safeLine(example, 500) });
    }
  }

  /** Every kind of error so far. */
  errors(): RunError[] {
    return [...this.#errors].map(([what, { count, example }]) => ({ what, count, example }));
  }

  /** What went to and fro since the beginning. */
  traffic(): Throughput {
    const { hot } = this;
    const all = (name: HotCounter): number => hot[name] + (this.#totals.get(name) ?? 0);
    return {
      sent: all("ws_msgs_sent"),
      received: all("ws_msgs_received"),
      bytesSent: all("ws_bytes_sent"),
      bytesReceived: all("ws_bytes_received"),
    };
  }

  /** Cuts the interval since the last call off as a snapshot. */
  cut(second: number, span: number, gauges: Readonly<Record<string, number>>): Snapshot {
    const counters: Record<string, number> = {};
    for (const name of Object.keys(this.hot) as HotCounter[]) {
      const value = this.hot[name];
      if (value === 0) continue;
      counters[name] = value;
      this.hot[name] = 0;
    }
    const trends = this.#cutTrends(counters);
    for (const [key, value] of this.#tagged) counters[key] = value;
    this.#tagged.clear();
    for (const [key, value] of Object.entries(counters)) {
      this.#totals.set(key, (this.#totals.get(key) ?? 0) + value);
    }
    const backpressure = this.backpressure;
    this.backpressure = 0;
    return {
      shard: this.#shard,
      sequence: this.#sequence++,
      second,
      span,
      stage: undefined,
      counters,
      gauges: { ...gauges, ws_sessions_open: this.open, ws_backpressure: backpressure },
      trends,
      scenarios: {},
    };
  }

  /** All counters since the beginning, up to the last snapshot: what the deltas must add up to. */
  totals(): Record<string, number> {
    return Object.fromEntries(this.#totals);
  }

  #cutTrends(counters: Record<string, number>): Record<string, string> {
    const trends: Record<string, string> = {};
    let clamped = 0;
    for (const [name, recorder] of Object.entries(this.times)) {
      if (recorder.empty) continue;
      this.#scratch.reset();
      clamped += recorder.moveTo(this.#scratch);
      trends[name] = this.#scratch.encode();
    }
    if (clamped > 0) counters["wsctl_clamped"] = clamped;
    return trends;
  }
}
