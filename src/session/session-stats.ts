/** Owns the counting of a session: what went each way, over all its connections. */
import type { SessionFrame, SessionMessage } from "./session-events.js";

/** What went one way. */
class Traffic {
  messages = 0;
  /** Payload of the messages, inflated. */
  bytes = 0;
  /** All frames, control frames too. */
  frames = 0;
  /** Bytes of all frames on the wire, headers included. */
  wire = 0;
  #inflated = 0;
  #deflated = 0;

  /**
   * Of the compressed messages, bytes on the wire per byte of payload: 0.25 is a quarter of the
   * size; undefined when there were none.
   */
  get compression(): number | undefined {
    return this.#inflated === 0 ? undefined : this.#deflated / this.#inflated;
  }

  addFrame(frame: SessionFrame): void {
    this.frames++;
    this.wire += frame.wire;
  }

  addMessage(message: SessionMessage): void {
    this.messages++;
    this.bytes += message.data.length;
    if (!message.compressed) return;
    this.#inflated += message.data.length;
    this.#deflated += message.wire;
  }
}

/** Round trips of our pings, in milliseconds; undefined while none was answered. */
class RoundTrips {
  answered = 0;
  last: number | undefined = undefined;
  min: number | undefined = undefined;
  max: number | undefined = undefined;
  #sum = 0;

  get mean(): number | undefined {
    return this.answered === 0 ? undefined : this.#sum / this.answered;
  }

  add(ms: number): void {
    this.answered++;
    this.last = ms;
    this.min = Math.min(ms, this.min ?? ms);
    this.max = Math.max(ms, this.max ?? ms);
    this.#sum += ms;
  }
}

/** The counters of a session; they go on counting while one looks. */
export class SessionStats {
  readonly sent = new Traffic();
  readonly received = new Traffic();
  readonly rtt = new RoundTrips();
  /** Pings that went out. */
  pings = 0;
  /** How often a connection was open. */
  connects = 0;
  /** How often it was lost and opened again. */
  gaps = 0;
  /** Milliseconds that it was away in those gaps, altogether. */
  away = 0;
}
