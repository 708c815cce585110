/**
 * Owns one direction between two sockets: bytes go on as they come, and a tap listens; or, where
 * something acts on them, they go through a sieve.
 */
import type { Socket } from "node:net";
import type { ProtocolViolation } from "../frame/violation.js";
import type { Brake } from "./brake.js";
import type { Instead, Interference } from "./interference.js";
import { Outlet } from "./outlet.js";
import { Sieve } from "./sieve.js";
import { type Heard, Tap, type TapOptions } from "./tap.js";

/** Who hears what passes a lane. */
export interface LaneListener {
  message(heard: Heard): void;
  control(opcode: number, payload: Buffer): void;
  broken(violation: ProtocolViolation): void;
  /** Something was done to what passes. */
  note(text: string, instead?: Instead): void;
  /** The message that was told last does not go on, nor anything in its place. */
  takenAway(): void;
  /** The connection is to be cut. */
  cut(why: string): void;
}

/** One direction. */
export class Lane {
  readonly outlet: Outlet;
  readonly #source: Brake;
  #tap: Tap | undefined = undefined;
  #sieve: Sieve | undefined = undefined;
  /** Whether what comes is forgotten. */
  #isMuted = false;

  /**
   * @param source brakes the socket that is read from
   * @param to the socket that is written to
   */
  constructor(source: Brake, to: Socket) {
    this.#source = source;
    this.outlet = new Outlet(to, source);
  }

  /** Whether a frame may be put behind what has left: it ends with a whole one, and is not the last. */
  get takesFrame(): boolean {
    if (this.#sieve) return !this.#sieve.isShut && !this.outlet.midFrame;
    return this.#tap !== undefined && !this.#tap.isBroken && !this.#tap.midFrame;
  }

  /** Whether a message has begun that is not whole. */
  get midMessage(): boolean {
    return this.#tap?.midMessage ?? false;
  }

  /** From now on frames pass, and are listened to; the next byte begins one. */
  listen(options: TapOptions, listener: LaneListener, interference?: Interference): void {
    let sieve: Sieve | undefined;
    const tap = new Tap(options, {
      begin: (head) => sieve?.begin(head),
      end: () => sieve?.end(),
      message(heard) {
        listener.message(heard);
        sieve?.message(heard);
      },
      control(opcode, payload) {
        listener.control(opcode, payload);
        sieve?.control(opcode, payload);
      },
      broken(violation) {
        listener.broken(violation);
        sieve?.broken();
      },
    });
    this.#tap = tap;
    if (!interference) return;
    sieve = new Sieve({
      direction: options.direction,
      interference,
      maxPayload: options.maxPayload,
      write: (bytes, delay, isWhole) => this.outlet.write(bytes, delay, isWhole),
      note: (text, instead) => listener.note(text, instead),
      takenAway: () => listener.takenAway(),
      cut: (why) => listener.cut(why),
    });
    this.#sieve = sieve;
  }

  /** Takes what came. It must not be changed afterwards. */
  take(chunk: Buffer): void {
    if (this.#isMuted) return;
    const tap = this.#tap;
    if (this.#sieve) {
      this.#sieve.feed(chunk, () => tap?.feed(chunk));
    } else {
      this.outlet.write(chunk);
      tap?.feed(chunk);
    }
  }

  /** What came has ended. */
  finish(): void {
    if (this.#isMuted) return;
    this.#sieve?.finish();
    this.outlet.end();
  }

  /** What came was cut. */
  cut(): void {
    if (!this.#isMuted) this.outlet.reset();
  }

  /** From now on nothing goes on; what comes is read and forgotten. */
  mute(): void {
    this.#isMuted = true;
    this.outlet.mute();
    this.#source.release("drain");
  }
}
