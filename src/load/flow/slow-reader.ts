/**
 * Owns reading slowly: a connection that is read from no faster than a rate. Between its pieces the
 * socket is not read at all, so that the kernel's buffers fill, and then the server's.
 */
import type { PlanProfile } from "../../scenario/flow-plan.js";
import type { LeanSocket } from "../lean-socket.js";
import type { SlowWatch } from "./slow-watch.js";

/** So often a second at most a piece is read, … */
const piecesPerSecond = 4;
/** … of so many bytes at least: each read costs, whatever it brings. */
const smallestPiece = 16;

/** Bytes that each read of such a connection brings at most; undefined: as many as may be. */
export function pieceOf({ readRate }: Pick<PlanProfile, "readRate">): number | undefined {
  if (readRate === undefined) return undefined;
  return Math.max(smallestPiece, Math.ceil(readRate / piecesPerSecond));
}

/** Keeps one connection to the rate of its profile. */
export class SlowReader {
  /** When it reads again, on `performance.now`'s clock; Infinity while it does. */
  resumeAt = Infinity;
  readonly #lean: LeanSocket;
  readonly #profile: PlanProfile;
  readonly #watch: SlowWatch;
  readonly #openedAt: number;
  /** Milliseconds that a byte takes. */
  readonly #perByte: number;
  /** How much of what it did not read in time it may make up for, in ms. */
  readonly #allowance: number;
  /** Up to when its time is used up by what it has read. */
  #paidUntil: number;
  #before = 0;
  #isDone = false;

  /** @param rate that of the profile, in bytes per second */
  constructor(lean: LeanSocket, profile: PlanProfile, rate: number, watch: SlowWatch, now: number) {
    this.#lean = lean;
    this.#profile = profile;
    this.#watch = watch;
    this.#openedAt = now;
    this.#paidUntil = now;
    this.#perByte = 1000 / rate;
    this.#allowance = pieceOf(profile)! * this.#perByte;
    watch.opened(profile);
  }

  /** Something was read: it pauses until that would have come at its rate. */
  read(): void {
    const { received, now } = this.#lean;
    const bytes = received - this.#before;
    this.#before = received;
    if (bytes === 0 || this.#isDone) return;
    // Timers wake a little late, and over TLS more may come than was asked for: neither adds up.
    const from = Math.max(this.#paidUntil, now - this.#allowance);
    this.#paidUntil = from + bytes * this.#perByte;
    if (this.#paidUntil <= now) return;
    this.#lean.pause();
    this.resumeAt = this.#paidUntil;
  }

  /** Time has passed. */
  wake(now: number): void {
    if (now < this.resumeAt) return;
    this.resumeAt = Infinity;
    this.#lean.resume();
  }

  /** It leaves: what stands before the answer to its close frame is read as fast as may be. */
  leave(now: number): void {
    this.#watch.leaving(this.#profile, this.#lean);
    this.#done(now);
    this.#lean.readFreely();
  }

  /** The connection has ended. */
  ended(now: number): void {
    this.#done(now);
    this.#watch.ended(this.#profile, this.#lean, now - this.#openedAt);
  }

  #done(now: number): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.resumeAt = Infinity;
    this.#watch.read(this.#profile, this.#lean.received, now - this.#openedAt);
  }
}
