/**
 * Owns the names of all metrics: what each measures, in what unit, and how it is merged. Names are
 * k6's where k6 has the metric, so that dashboards and thresholds carry over.
 */

/** How gauges of several workers become one; counters add, trends add their histograms. */
type GaugeRule = "sum" | "max" | "last";

/** What a metric is and means. */
export interface Metric {
  /**
   * A rate is a share: it is counted under the tag `result`, as `pass` or `fail`, and is what share
   * passed.
   */
  readonly kind: "counter" | "gauge" | "trend" | "rate";
  readonly unit: "ms" | "bytes" | "count" | "per second" | "share";
  /** Only gauges have a rule. */
  readonly merge?: GaugeRule;
  /** The most that a share can be, where that is not the whole of one thing, as of several cores. */
  readonly most?: number;
  /** By which tags its series are told apart; those that a selector may ask for. */
  readonly tags: readonly string[];
  readonly help: string;
}

const counter = (help: string, unit: Metric["unit"] = "count"): Metric => ({
  kind: "counter",
  unit,
  tags: [],
  help,
});
const tagged = (tags: readonly string[], help: string): Metric => ({
  kind: "counter",
  unit: "count",
  tags,
  help,
});
const trend = (help: string): Metric => ({ kind: "trend", unit: "ms", tags: [], help });
const rate = (help: string): Metric => ({ kind: "rate", unit: "share", tags: [], help });
const gauge = (merge: GaugeRule, unit: Metric["unit"], help: string): Metric => ({
  kind: "gauge",
  unit,
  merge,
  tags: [],
  help,
});

/** What the figures of a recovery have in common. */
const toRecover =
  "of the slowest of all cuts; none when one was never made good; known at the end: time";

/** Every metric that a run can report. */
export const catalogue = {
  ws_connecting: trend("start of the dial to the validated 101, successes only"),
  ws_dns: trend("look-up of the host name, real look-ups only"),
  ws_tcp: trend("TCP connect, failed addresses included"),
  ws_tls: trend("TLS handshake"),
  ws_upgrade: trend("request written to response head read"),
  ws_connect_failed: tagged(
    ["reason", "status"],
    "connections that did not open, by reason and HTTP status",
  ),
  ws_sessions: counter("connections opened"),
  ws_sessions_open: gauge("sum", "count", "connections open now"),
  ws_session_duration: trend("101 to the end of the connection"),
  ws_close: tagged(["by", "cause", "code"], "connections ended, by close code and side"),
  ws_msgs_sent: counter("messages sent, control frames not counted"),
  ws_msgs_received: counter("messages received, control frames not counted"),
  ws_bytes_sent: counter("bytes of all frames sent, headers included", "bytes"),
  ws_bytes_received: counter("bytes of all frames received, headers included", "bytes"),
  ws_payload_sent: counter("payload bytes of messages sent", "bytes"),
  ws_payload_received: counter("payload bytes of messages received", "bytes"),
  ws_msg_rtt: trend("intended send time to the matched reply: what a user would have felt"),
  ws_msg_rtt_sent: trend("actual write to the matched reply: what the server did"),
  ws_schedule_lag: trend("intended to actual send: the generator's own lateness"),
  ws_msg_expected: counter("messages sent that expect a reply"),
  ws_msg_answered: counter("requests answered in time"),
  ws_msg_timeout: counter("requests not answered within the reply timeout"),
  ws_msg_late: counter("timed-out requests that were answered after all"),
  ws_msg_disconnected: counter("requests whose connection ended before the answer"),
  ws_msg_in_flight: counter("requests still unanswered when the run ended"),
  ws_msg_unconfirmed: tagged(
    ["by", "cause"],
    "messages sent on connections that ended before it was known that the other side had taken them",
  ),
  ws_msg_unmatched: counter("messages received that answer no request"),
  ws_msg_unsent: counter("messages due on a connection that was not open"),
  ws_msg_unsent_planned: counter(
    "of ws_msg_unsent, those due on a connection that the plan itself had ended, no dial having failed since",
  ),
  ws_msg_overdue: counter("messages that were due and not sent when the run ended"),
  ws_msg_extra: counter("further replies to requests that were answered already"),
  ws_seq_gap: tagged(
    ["where"],
    "gaps seen in a sequence, later filled or not, by where they began",
  ),
  ws_msg_lost: counter("stamped or numbered messages that never came: gaps that were never filled"),
  ws_msg_missing: tagged(
    ["where"],
    "the same messages as ws_msg_lost, by whether their receiver was connected all the while or lost its connection meanwhile",
  ),
  ws_msg_duplicate: counter("stamped or numbered messages that came again"),
  ws_msg_reordered: counter("stamped or numbered messages that came after a later one"),
  ws_msg_corrupt: counter("stamps whose checksum is wrong"),
  ws_msg_stamped: counter("messages sent with a stamp"),
  ws_msg_delivered: counter("stamped or numbered messages that came, each counted once a receiver"),
  ws_msg_unfollowed: counter(
    "stamped or numbered messages that came on more streams than are followed: of these nobody knows what is lost",
  ),
  ws_delivery: trend("stamp's sending to its coming, of other connections' messages"),
  ws_fanout_first: trend("broadcast's sending to its first recipient"),
  ws_fanout_median: trend("broadcast's sending until half of its recipients had it"),
  ws_fanout_last: trend("broadcast's sending to its last recipient"),
  ws_fanout_spread: trend("first recipient of a broadcast to its last"),
  ws_fanout_coverage: rate("share of the recipients of broadcasts who got them"),
  ws_fanout_unfollowed: counter(
    "broadcasts that were not followed: of those who sent them, the other ws_fanout figures have no value",
  ),
  ws_auto_replies: counter("replies of the heartbeat's rules, kept out of requests and replies"),
  ws_ping: trend("ping sent to its pong, stamped where the frame is parsed"),
  ws_pings_sent: counter("pings sent, those of heartbeats and of steps"),
  ws_pings_received: counter("pings received"),
  ws_pongs_sent: counter("pings received that were answered"),
  ws_dead_detected: trend(
    "last sign of life of a peer that fell silent to its being cut for want of a pong",
  ),
  ws_pong_patience: trend(
    "first ping left unanswered (pong: never) to the end that the server made of the connection",
  ),
  ws_reconnects: counter("connections opened in place of lost ones"),
  ws_reconnect_time: trend("loss of a connection to the one in its place, successes only"),
  ws_reconnect_attempts: counter("dials made to replace lost connections"),
  ws_losses: counter("connections lost that their users still wanted"),
  ws_given_up: counter("lost connections that nobody tried to replace any longer"),
  ws_away_at_end: counter("lost connections whose users' time was over before they were back"),
  ws_reconnect_hints: tagged(
    ["hint", "taken"],
    "what servers asked of those who come again: Retry-After, 1012, 1013; honoured, capped, ignored or not-understood",
  ),
  ws_reconnect_peak: gauge(
    "max",
    "count",
    "most dials to replace lost connections within any second; known at the end",
  ),
  ws_recovery_50: gauge("max", "ms", `${toRecover} until half of those cut were back`),
  ws_recovery_95: gauge("max", "ms", `${toRecover} until 95 % of those cut were back`),
  ws_recovery_100: gauge("max", "ms", `${toRecover} until all of those cut were back`),
  ws_availability: gauge(
    "last",
    "share",
    "share of the users' time for which they had a connection; known at the end",
  ),
  ws_downtime: trend("loss of a connection to the one in its place, or to its user's end"),
  ws_expect_failed: tagged(["scenario", "step"], "expectations that were not met, by step"),
  checks: rate("share of expectations that were met"),
  ws_step_failed: tagged(
    ["scenario", "step"],
    "steps that could not be played for want of a value, captures that found none included, by step",
  ),
  ws_arrivals_dropped: counter("users who found no place when they arrived"),
  ws_backpressure: gauge("max", "bytes", "most bytes queued unsent on one connection"),
  wsctl_cpu: {
    ...gauge("max", "share", "CPU time of the busiest worker, as a share of one core"),
    most: 8,
  },
  wsctl_loop_lag: gauge("max", "ms", "event-loop delay, p99, less the monitor's resolution"),
  wsctl_rss: gauge("sum", "bytes", "resident memory of the workers"),
  wsctl_clamped: counter("values above the histogram's hour, counted as one hour"),
} as const satisfies Readonly<Record<string, Metric>>;

/** The name of a metric. */
export type MetricName = keyof typeof catalogue;

/** The metric of that name; undefined when there is none. */
export function metricOf(name: string): Metric | undefined {
  return Object.hasOwn(catalogue, name) ? catalogue[name as MetricName] : undefined;
}

/**
 * A tag's value as it stands in a series key. It may come from the other side (a status line), and
 * braces and commas would break the key.
 */
export function cleanTag(value: string): string {
  return value.replace(/[^\w.:/ -]/g, "_").slice(0, 64);
}

/**
 * The key of one series: the metric's name, and its tags in order of their names, as k6 writes
 * them: `ws_close{by:server,code:1000}`.
 */
export function seriesKey(name: MetricName, tags: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.keys(tags).toSorted();
  if (pairs.length === 0) return name;
  return `${name}{${pairs.map((tag) => `${tag}:${cleanTag(tags[tag]!)}`).join(",")}}`;
}

/** The metric that a series key belongs to, and its tags. */
export function parseSeriesKey(key: string): { name: string; tags: Record<string, string> } {
  const brace = key.indexOf("{");
  if (brace < 0) return { name: key, tags: {} };
  const tags = Object.create(null) as Record<string, string>;
  for (const pair of key.slice(brace + 1, -1).split(",")) {
    const colon = pair.indexOf(":");
    tags[pair.slice(0, colon)] = pair.slice(colon + 1);
  }
  return { name: key.slice(0, brace), tags };
}

const timesOfConnections: ReadonlySet<string> = new Set<MetricName>([
  "ws_connecting",
  "ws_dns",
  "ws_tcp",
  "ws_tls",
  "ws_upgrade",
  "ws_session_duration",
]);

/**
 * Whether it is timed in a warm-up, too: what it took to open connections, most of which open then or
 * before, and how long they lasted.
 * @param key the metric's name, which is its series' key: trends have no tags
 */
export function isTimedInWarmup(key: string): boolean {
  return timesOfConnections.has(key);
}
