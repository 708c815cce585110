/**
 * Owns the mode source: it pushes messages at a steady rate, whether they are read or not, to see
 * what a client does with more than it can take.
 */
import { WsctlError } from "../../base/errors.js";
import { parseCount, parseRate, parseSize } from "../../base/quantity.js";
import { startBeat } from "../beat.js";
import type { FlagSpec } from "../flag.js";
import type { Mode, ModeKind, ModeSetup } from "../mode.js";
import { Outlet } from "../outlet.js";
import type { Peer } from "../peer.js";

/** Room for the largest sequence number, 2^53. */
const smallestSize = 16;
const largestSize = 64 * 1024 ** 2;
const highestRate = 1_000_000;

const flags = [
  { flag: "--rate <rate>", summary: "messages to each client", default: "100/s" },
  { flag: "--push-size <size>", summary: "bytes of each message", default: "100" },
  { flag: "--push-total <count>", summary: "stop after so many to a client" },
  {
    flag: "--push-backlog <size>",
    summary: "skip messages to a client for which so much is waiting",
    default: "64MiB",
  },
] as const satisfies readonly FlagSpec[];

/** Pushes messages. */
export const source: ModeKind = {
  summary: "pushes numbered messages at a steady rate, whether they are read or not",
  flags,
  create: (setup) => new Source(setup),
};

class Source implements Mode {
  readonly #outlet: Outlet;
  readonly #rate: number;
  readonly #filler: Buffer;
  readonly #total: number;
  readonly #now: () => number;
  readonly #stops = new Set<() => void>();
  #pushed = 0;

  constructor({ values, log }: ModeSetup) {
    this.#rate = values.read("rate", parsePushRate) ?? parsePushRate(flags[0].default);
    const size = values.read("push-size", parsePushSize) ?? parsePushSize(flags[1].default);
    this.#filler = Buffer.alloc(size, ".");
    this.#total = values.read("push-total", parseCount) ?? Infinity;
    this.#outlet = new Outlet(
      values.read("push-backlog", parseSize) ?? parseSize(flags[3].default),
    );
    this.#now = () => log.now();
  }

  accept(peer: Peer): void {
    let sequence = 0;
    const stop = startBeat({
      rate: this.#rate,
      now: this.#now,
      due: (count) => {
        const last = Math.min(this.#total, sequence + count);
        while (sequence < last) this.#push(peer, ++sequence);
        if (sequence >= this.#total) end();
      },
    });
    const end = (): void => {
      stop();
      this.#stops.delete(end);
    };
    this.#stops.add(end);
    peer.onClose(end);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  stats(): Readonly<Record<string, number>> {
    return { pushed: this.#pushed, skipped: this.#outlet.skipped };
  }

  /** A skipped message takes its number with it, so that the client can see that it is missing. */
  #push(peer: Peer, sequence: number): void {
    if (!peer.open || !this.#outlet.takes(peer)) return;
    // Queued bytes belong to the socket until they are written: each message needs its own.
    const data = Buffer.from(this.#filler);
    data.write(`${sequence} `, "latin1");
    peer.push(data, false);
    this.#pushed++;
  }
}

function parsePushRate(text: string): number {
  const rate = parseRate(text);
  if (rate > 0 && rate <= highestRate) return rate;
  throw new WsctlError("WSCTL_EUSAGE", `${text} is out of range`, {
    hint: `from anything above 0 to ${highestRate}/s`,
  });
}

function parsePushSize(text: string): number {
  const size = parseSize(text);
  if (size >= smallestSize && size <= largestSize) return size;
  throw new WsctlError("WSCTL_EUSAGE", `${text} is no size of a message`, {
    hint: `${smallestSize} bytes, room for its number, to 64MiB`,
  });
}
