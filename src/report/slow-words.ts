/** Owns what is said of slow consumers: how they read, what lay unread, what the server did with them. */
import { formatCount, formatDuration, formatSize } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import type {
  KernelBuffer,
  SlowConsumers,
  SlowEnd,
  SlowProfile,
  Unread,
} from "../metrics/slow-consumers.js";
import { memoryDrift } from "./memory-drift.js";

/** Sentences about the slow consumers of a run; none where there was none. */
export function slowWords(result: RunResult): string[] {
  const { slow } = result;
  if (!slow) return [];
  return [
    ...slow.profiles.flatMap((profile) => ofProfile(profile, slow, cameLate(profile, result))),
    ...buffers(slow, result.run.loopback),
    ...keptBack(result),
    ...drift(result),
  ];
}

/** @param late bytes that came when they had begun to leave */
function ofProfile(
  profile: SlowProfile,
  { buffers: known }: SlowConsumers,
  late: number,
): string[] {
  const { name, rate, connections, read, readFor, unread, ends } = profile;
  const who = safeLine(name, 60);
  if (connections === 0) return [`${who}: no connection opened`];
  const pace = readFor > 0 ? `${formatSize((read * 1000) / readFor)}/s each` : "nothing";
  const many = `${formatCount(connections)} connection${connections === 1 ? "" : "s"}`;
  return [
    `${who}: ${many} read ${pace} of ${formatSize(rate)}/s allowed, ${formatSize(read)} in all`,
    ...(late > 0
      ? [`when they left, ${formatSize(late)} came at once: what had been held for them on the way`]
      : []),
    ...(unread ? [inQueues(unread, known)] : []),
    ended(ends, connections),
  ];
}

/** What slow readers read no longer slowly: it stood before the answers to their close frames. */
function cameLate({ name, read }: SlowProfile, { profiles = [] }: RunResult): number {
  const part = profiles.find((profile) => profile.name === name);
  return part ? Math.max(0, (part.totals["ws_bytes_received"] ?? 0) - read) : 0;
}

/** The kernel's queues, as they were when the connections left. */
function inQueues({ connections, received, sending }: Unread, known: SlowConsumers["buffers"]) {
  const of = connections === 1 ? "of one" : `of ${formatCount(connections)}`;
  const bytes = received.total + (sending?.total ?? 0);
  const most = `${formatSize(received.most)} of one connection at most`;
  const begin = `${of} that left, ${formatSize(bytes)} still lay unread in kernel buffers: ${formatSize(received.total)} received (${most})`;
  if (!sending) return begin;
  const full = known && sending.most >= known.send.most / 2 ? ", as good as full" : "";
  return `${begin}, ${formatSize(sending.total)} in the server's (${formatSize(sending.most)} at most${full})`;
}

/** What the server did: it ended some, or held on to what it could not get rid of. */
function ended(ends: readonly SlowEnd[], connections: number): string {
  const byServer = ends.filter(({ by }) => by === "server");
  const count = byServer.reduce((sum, end) => sum + end.count, 0);
  if (count === 0) return "the server ended none of them: what they do not read is its to hold";
  const ways = byServer.map(({ code, cause, count: times, after: { min, max } }) => {
    const why = cause === undefined ? "" : ` (${safeLine(cause, 40)})`;
    const after =
      formatDuration(min) === formatDuration(max)
        ? formatDuration(min)
        : `${formatDuration(min)} to ${formatDuration(max)}`;
    return `${formatCount(times)} × ${safeLine(code, 10)}${why} after ${after}`;
  });
  return `the server ended ${formatCount(count)} of ${formatCount(connections)}: ${ways.join(", ")}`;
}

/** How much the kernel takes before the server can feel anything. */
function buffers({ buffers: known }: SlowConsumers, isHere: boolean): string[] {
  if (!known) return [];
  const { receive, send } = known;
  const range = ({ initial, most }: KernelBuffer): string =>
    `${formatSize(initial)} to ${formatSize(most)}`;
  const ours = `kernel buffers, per connection: ${range(receive)} here to receive (tcp_rmem)`;
  // Those of a server elsewhere are that machine's.
  if (!isHere) return [`${ours}; the server feels nothing before that and its own are full`];
  return [
    `${ours}, ${range(send)} on the server's side to send (tcp_wmem)`,
    `until both are full, at ${formatSize(receive.most + send.most)} at the latest, the server feels nothing`,
  ];
}

function keptBack({ conservation: { server } }: RunResult): string[] {
  const kept = server?.dropped ?? 0;
  if (kept === 0) return [];
  return [`the server kept ${formatCount(kept)} messages from clients that did not read`];
}

/** Whether wsctl itself held on to anything. */
function drift(result: RunResult): string[] {
  const slope = memoryDrift(result);
  if (slope === undefined) return [];
  const sign = slope < 0 ? "−" : "+";
  return [
    `wsctl's own memory: ${sign}${formatSize(Math.abs(slope))} a minute over the last half of the run`,
  ];
}
