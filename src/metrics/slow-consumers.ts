/**
 * Owns the facts about slow consumers: how fast they really read, what still lay unread when they
 * left, and how the server ended them, as plain data of bounded size.
 */

/** What lies unread in the buffers of several connections, in bytes. */
interface UnreadBytes {
  readonly total: number;
  /** Of the connection that had the most. */
  readonly most: number;
}

/** What lay unread when connections left that were open until then. */
export interface Unread {
  /** Of how many it is known. */
  readonly connections: number;
  /** In the receive buffers of this machine's kernel. */
  readonly received: UnreadBytes;
  /** In the send buffers of the other side's kernel; undefined when that is another machine. */
  readonly sending: UnreadBytes | undefined;
}

/** Connections that ended in the same way. */
export interface SlowEnd {
  readonly code: string;
  readonly by: string;
  /** Of one without a close frame. */
  readonly cause: string | undefined;
  readonly count: number;
  /** From the 101 to the end as it was noticed, which takes reading up to there, in ms. */
  readonly after: { readonly min: number; readonly max: number };
}

/** What became of those who read no faster than a rate. */
export interface SlowProfile {
  readonly name: string;
  /** Bytes per second that one of them may read. */
  readonly rate: number;
  readonly connections: number;
  /** Bytes that they read as slow readers; what came after their close frames is left out. */
  readonly read: number;
  /** Milliseconds for which they did so, of all connections together. */
  readonly readFor: number;
  readonly unread: Unread | undefined;
  readonly ends: readonly SlowEnd[];
}

/** What the kernel of this machine holds of one connection, in bytes. */
export interface KernelBuffer {
  /** Unless autotuning makes it larger. */
  readonly initial: number;
  readonly most: number;
}

/** Slow consumers of a run. */
export interface SlowConsumers {
  readonly profiles: readonly SlowProfile[];
  /** Of receiving and of sending (tcp_rmem, tcp_wmem); undefined where the system does not tell. */
  readonly buffers: { readonly receive: KernelBuffer; readonly send: KernelBuffer } | undefined;
}

/** What several workers tell, as one; undefined of none. */
export function mergeSlowConsumers(all: readonly SlowConsumers[]): SlowConsumers | undefined {
  if (all.length === 0) return undefined;
  const merged = new Map<string, SlowProfile>();
  for (const profile of all.flatMap(({ profiles }) => profiles)) {
    const before = merged.get(profile.name);
    merged.set(profile.name, before ? together(before, profile) : profile);
  }
  return {
    profiles: [...merged.values()],
    buffers: all.find(({ buffers }) => buffers !== undefined)?.buffers,
  };
}

function together(one: SlowProfile, other: SlowProfile): SlowProfile {
  return {
    ...one,
    connections: one.connections + other.connections,
    read: one.read + other.read,
    readFor: one.readFor + other.readFor,
    unread: addUnread(one.unread, other.unread),
    ends: other.ends.reduce(addEnd, one.ends),
  };
}

/** One more way in which connections ended, or more of a known one. */
export function addEnd(ends: readonly SlowEnd[], more: SlowEnd): readonly SlowEnd[] {
  const isSame = ({ code, by, cause }: SlowEnd): boolean =>
    code === more.code && by === more.by && cause === more.cause;
  const known = ends.find(isSame);
  if (!known) return ends.length < mostEnds ? [...ends, more] : ends;
  const after = {
    min: Math.min(known.after.min, more.after.min),
    max: Math.max(known.after.max, more.after.max),
  };
  const sum = { ...known, count: known.count + more.count, after };
  return ends.map((end) => (end === known ? sum : end));
}

/** Ways of ending that are told apart; servers may say any of thousands of codes. */
const mostEnds = 20;

/** What lay unread of some connections, and of others. */
export function addUnread(one: Unread | undefined, other: Unread | undefined): Unread | undefined {
  if (!one || !other) return one ?? other;
  return {
    connections: one.connections + other.connections,
    received: addBytes(one.received, other.received)!,
    sending: addBytes(one.sending, other.sending),
  };
}

function addBytes(
  one: UnreadBytes | undefined,
  other: UnreadBytes | undefined,
): UnreadBytes | undefined {
  if (!one || !other) return one ?? other;
  return { total: one.total + other.total, most: Math.max(one.most, other.most) };
}
