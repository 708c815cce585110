/**
 * Owns what is counted and timed for one part of a worker's load: a scenario, or whatever belongs
 * to none. The fields of `hot` and `times` are the metrics' own names; counting one is an increment.
 */
import { seriesKey, type MetricName } from "../metrics/catalogue.js";
import { Recorder } from "../metrics/recorder.js";
import type { Figures } from "../metrics/snapshot.js";

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
  ws_msg_extra: 0,
  ws_msg_unsent: 0,
  ws_msg_unsent_planned: 0,
  ws_msg_overdue: 0,
  ws_msg_stamped: 0,
  ws_msg_delivered: 0,
  ws_msg_unfollowed: 0,
  ws_msg_lost: 0,
  ws_msg_duplicate: 0,
  ws_msg_reordered: 0,
  ws_msg_corrupt: 0,
  ws_reconnects: 0,
  ws_reconnect_attempts: 0,
  ws_losses: 0,
  ws_given_up: 0,
  ws_away_at_end: 0,
  ws_arrivals_dropped: 0,
  ws_auto_replies: 0,
  ws_pings_sent: 0,
  ws_pings_received: 0,
  ws_pongs_sent: 0,
});

/** A counter that hot paths count. */
export type HotCounter = keyof ReturnType<typeof newCounters>;

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
  ws_delivery: new Recorder(),
  ws_ping: new Recorder(),
  ws_dead_detected: new Recorder(),
  ws_pong_patience: new Recorder(),
  ws_reconnect_time: new Recorder(),
  ws_downtime: new Recorder(),
});

/** One series with tags: whoever counts often keeps it. */
export interface Counter {
  /** What was added since the last snapshot. */
  value: number;
}

/** Counts and times one part of the load. */
export class Scope {
  readonly hot = newCounters();
  readonly times = newTimes();
  /** What was due before is not timed: it was to warm up. In ms of performance.now's clock. */
  timedFrom: number;
  readonly #tagged = new Map<string, Counter>();
  readonly #totals = new Map<string, number>();

  constructor(timedFrom = -Infinity) {
    this.timedFrom = timedFrom;
  }

  /** Times a round trip by both clocks; in ms. */
  roundTrip(now: number, intended: number, written: number): void {
    if (intended < this.timedFrom) return;
    this.times.ws_msg_rtt.record(now - intended);
    this.times.ws_msg_rtt_sent.record(now - written);
  }

  /** Times how late a message left; in ms. */
  left(now: number, intended: number): void {
    if (intended >= this.timedFrom) this.times.ws_schedule_lag.record(now - intended);
  }

  /** Times what began at `from`, and is over; in ms. */
  lasted(name: keyof ReturnType<typeof newTimes>, from: number, now: number): void {
    if (from >= this.timedFrom) this.times[name].record(now - from);
  }

  /** The counter of a series with tags. */
  counter(name: MetricName, tags: Readonly<Record<string, string>>): Counter {
    const key = seriesKey(name, tags);
    let counter = this.#tagged.get(key);
    if (!counter) this.#tagged.set(key, (counter = { value: 0 }));
    return counter;
  }

  /** Adds to a series with tags; not for hot paths. */
  count(name: MetricName, tags: Readonly<Record<string, string>>, by = 1): void {
    this.counter(name, tags).value += by;
  }

  /** A counter since the beginning. */
  total(name: HotCounter): number {
    return this.hot[name] + (this.#totals.get(name) ?? 0);
  }

  /** Adds all counters since the beginning, up to the last snapshot, to `into`. */
  addTotals(into: Map<string, number>): void {
    for (const [key, value] of this.#totals) into.set(key, (into.get(key) ?? 0) + value);
  }

  /** Whether nothing was measured since the last snapshot. */
  get isEmpty(): boolean {
    return (
      Object.values(this.hot).every((value) => value === 0) &&
      Object.values(this.times).every((recorder) => recorder.empty) &&
      [...this.#tagged.values()].every(({ value }) => value === 0)
    );
  }

  /** Takes what was measured since the last call. */
  take(): Figures {
    const counters: Record<string, number> = {};
    for (const name of Object.keys(this.hot) as HotCounter[]) {
      const value = this.hot[name];
      if (value === 0) continue;
      counters[name] = value;
      this.hot[name] = 0;
    }
    const trends: Record<string, string> = {};
    let clamped = 0;
    for (const [name, recorder] of Object.entries(this.times)) {
      if (recorder.empty) continue;
      const taken = recorder.take();
      clamped += taken.clamped;
      trends[name] = taken.encoded;
    }
    if (clamped > 0) counters["wsctl_clamped"] = clamped;
    for (const [key, counter] of this.#tagged) {
      if (counter.value === 0) continue;
      counters[key] = counter.value;
      counter.value = 0;
    }
    for (const [key, value] of Object.entries(counters)) {
      this.#totals.set(key, (this.#totals.get(key) ?? 0) + value);
    }
    return { counters, trends };
  }
}
