/** Owns the end of a line: what leaves it, and what may not leave just now. */
import { Opcode } from "../frame/opcode.js";
import { Fifo } from "./fifo.js";
import type { LineHost } from "./line-host.js";
import { bytesOf, completed, type Outgoing } from "./outgoing.js";
import type { Sink } from "./stage-line.js";

/** What the end of a line reports. */
export interface LineEndEvents {
  /** Whether all lines are frozen now. */
  stalled(): boolean;
  /** A message waits because of that. */
  held(): void;
  /** The 101 has left. */
  opened(): void;
  /** A piece is no longer kept. */
  gone(piece: Outgoing): void;
  /** A piece did not leave and never will. */
  lost(piece: Outgoing): void;
}

/** All callbacks of a piece as one. */
function together(callbacks: readonly (() => void)[] | undefined): (() => void) | undefined {
  if (callbacks === undefined || callbacks.length === 1) return callbacks?.[0];
  return () => {
    for (const callback of callbacks) callback();
  };
}

/** Writes pieces. */
export class LineEnd implements Sink {
  /** Whether a close frame has left. */
  closed = false;
  /** Whether FIN has left. */
  ended = false;
  /** Whether nothing leaves any more but FIN. */
  muted = false;
  /** Who wants that nothing leaves. */
  readonly silencers = new Set<object>();
  readonly #host: LineHost;
  readonly #events: LineEndEvents;
  readonly #waiting = new Fifo<Outgoing>();

  constructor(host: LineHost, events: LineEndEvents) {
    this.#host = host;
    this.#events = events;
  }

  take(piece: Outgoing): void {
    if (this.ended || (this.#waiting.size === 0 && !this.#events.stalled())) {
      this.#leave(piece);
      return;
    }
    this.#waiting.push(piece);
    if (completed(piece)?.kind === "message") this.#events.held();
  }

  /** The freeze may be over. */
  resume(): void {
    while (!this.#events.stalled()) {
      const piece = this.#waiting.shift();
      if (!piece) return;
      this.#leave(piece);
    }
  }

  /** The connection is gone. */
  dispose(): void {
    this.ended = true;
    for (let piece = this.#waiting.shift(); piece; piece = this.#waiting.shift()) {
      this.#events.lost(piece);
    }
  }

  #leave(piece: Outgoing): void {
    const isMuted = this.muted && piece.kind !== "fin";
    if (this.ended || isMuted || this.silencers.size > 0) {
      this.#events.lost(piece);
      return;
    }
    this.#events.gone(piece);
    const pieces = bytesOf(piece);
    for (const [index, bytes] of pieces.entries()) {
      this.#host.write(bytes, index === pieces.length - 1 ? together(piece.callbacks) : undefined);
    }
    const whole = completed(piece);
    if (whole?.kind === "control" && whole.opcode === Opcode.close) this.closed = true;
    if (whole?.kind === "answer") this.#events.opened();
    if (whole?.kind === "fin") {
      this.ended = true;
      this.#host.end();
    }
  }
}
