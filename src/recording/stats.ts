/** Owns what a recording comes to: how much was said by whom, how long it took, what is missing. */
import { isControl } from "../frame/opcode.js";
import type { CloseLine, GapLine, KnownLine, MessageLine, OtherLine, UpgradeLine } from "./line.js";
import { payloadLength, plainWire } from "./payload.js";

/** What one side said. */
export interface SideStats {
  text: number;
  binary: number;
  pings: number;
  pongs: number;
  /** Of other opcodes. */
  other: number;
  /** Bytes of the payloads of data messages, and on the wire with all headers and control frames. */
  bytes: number;
  wire: number;
  /** Bytes of payload of a data message; undefined when there was none. */
  smallest: number | undefined;
  largest: number | undefined;
  compressed: number;
  fragmented: number;
  redacted: number;
}

/** What is missing for one reason. */
export interface GapStats {
  count: number;
  /** Messages, as far as they were counted. */
  missed: number;
  /** Milliseconds, as far as they were measured. */
  lasted: number;
}

/** What a recording comes to. */
export interface RecordingStats {
  /** Lines after the header, comments not counted. */
  lines: number;
  in: SideStats;
  out: SideStats;
  /** Milliseconds from the beginning to the first and to the last line; undefined without any. */
  first: number | undefined;
  last: number | undefined;
  /** HTTP statuses of the openings, in order; the first hundred. */
  upgrades: number[];
  gaps: Map<string, GapStats>;
  /** The last one. */
  close: CloseLine | undefined;
  marks: number;
  /** Whether it was ended in good order: the last line says so. */
  ended: boolean;
  /** Milliseconds; from a data message sent to the next that was received. */
  fastestAnswer: number | undefined;
  slowestAnswer: number | undefined;
  /** Milliseconds without any data message, at its longest. */
  longestSilence: number;
  /** Lines of each kind that this version does not know. */
  unknown: Map<string, number>;
}

/** More are counted together. */
const mostKinds = 100;

function sideStats(): SideStats {
  return {
    text: 0,
    binary: 0,
    pings: 0,
    pongs: 0,
    other: 0,
    bytes: 0,
    wire: 0,
    smallest: undefined,
    largest: undefined,
    compressed: 0,
    fragmented: 0,
    redacted: 0,
  };
}

/** Counts the lines of one recording. */
export class RecordingTally {
  readonly stats: RecordingStats = {
    lines: 0,
    in: sideStats(),
    out: sideStats(),
    first: undefined,
    last: undefined,
    upgrades: [],
    gaps: new Map(),
    close: undefined,
    marks: 0,
    ended: false,
    fastestAnswer: undefined,
    slowestAnswer: undefined,
    longestSilence: 0,
    unknown: new Map(),
  };
  /** When what was sent last, and not answered, was sent. */
  #asked: number | undefined;
  #spoken: number | undefined;

  /** The next line. */
  add(line: KnownLine | OtherLine): void {
    const { stats } = this;
    stats.lines++;
    stats.first ??= line.t;
    stats.last = Math.max(stats.last ?? 0, line.t);
    stats.ended = line.k === "end";
    switch (line.k as KnownLine["k"]) {
      case "in":
      case "out":
        return this.#message(line as MessageLine);
      case "upgrade":
        if (stats.upgrades.length < mostKinds) stats.upgrades.push((line as UpgradeLine).status);
        return undefined;
      case "gap":
        return this.#gap(line as GapLine);
      case "mark":
        stats.marks++;
        return undefined;
      case "close":
        stats.close = line as CloseLine;
        return undefined;
      case "end":
        return undefined;
      default: {
        const kind = stats.unknown.size < mostKinds ? line.k : "…";
        stats.unknown.set(kind, (stats.unknown.get(kind) ?? 0) + 1);
        return undefined;
      }
    }
  }

  #message(line: MessageLine): void {
    const side = this.stats[line.k];
    const { op, wire, frags, rsv1, redacted } = line;
    const length = payloadLength(line);
    side.wire += wire ?? plainWire(line.k, length);
    if (redacted) side.redacted++;
    if (op === 9) side.pings++;
    else if (op === 10) side.pongs++;
    else if (op === 1) side.text++;
    else if (op === 2) side.binary++;
    else side.other++;
    if (isControl(op)) return;
    side.bytes += length;
    side.smallest = Math.min(side.smallest ?? length, length);
    side.largest = Math.max(side.largest ?? length, length);
    if (rsv1) side.compressed++;
    if (frags && frags.length > 1) side.fragmented++;
    this.#pace(line);
  }

  #pace({ k, t }: MessageLine): void {
    const { stats } = this;
    if (this.#spoken !== undefined) {
      stats.longestSilence = Math.max(stats.longestSilence, t - this.#spoken);
    }
    this.#spoken = t;
    if (k === "out") {
      this.#asked ??= t;
      return;
    }
    if (this.#asked === undefined) return;
    const took = Math.max(0, t - this.#asked);
    this.#asked = undefined;
    stats.fastestAnswer = Math.min(stats.fastestAnswer ?? took, took);
    stats.slowestAnswer = Math.max(stats.slowestAnswer ?? took, took);
  }

  #gap({ why, missed = 0, lasted = 0 }: GapLine): void {
    const { gaps } = this.stats;
    const reason = gaps.has(why) || gaps.size < mostKinds ? why : "…";
    const gap = gaps.get(reason) ?? { count: 0, missed: 0, lasted: 0 };
    gap.count++;
    gap.missed += missed;
    gap.lasted += lasted;
    gaps.set(reason, gap);
  }
}
