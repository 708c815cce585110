/**
 * Owns what a connection does beside its user's flow: heartbeat, and the ways of its profile (slow
 * reading, being cut, not answering pings).
 */
import type { LeanSocket } from "../lean-socket.js";
import type { User } from "./user.js";
import { within } from "./within.js";

/** The liveness of one connection; it asks for its next turn with {@link alarm}. */
export class Liveness {
  /** When it is to be looked at next, on `performance.now`'s clock. */
  alarm = Infinity;
  readonly #user: User;
  readonly #lean: LeanSocket;
  #pingAt = Infinity;
  /** By when the pong has to be there. */
  #pongBy = Infinity;
  #pingedAt = 0;
  /** Messages sent before it. */
  #pingedAfter = 0;
  #pinged: Buffer | undefined = undefined;
  #pings = 0;
  #dropAt = Infinity;
  #resumeAt = Infinity;
  #readBefore = 0;

  constructor(user: User, lean: LeanSocket, now: number) {
    const { profile, world } = user;
    const { ping } = world.flow.heartbeat;
    this.#user = user;
    this.#lean = lean;
    lean.mute = profile?.mute ?? false;
    if (ping !== undefined) this.#pingAt = now + ping;
    if (profile?.drop) this.#dropAt = now + within(profile.drop, user.luck);
    this.#setAlarm();
  }

  /** Does what is due. */
  wake(now: number): void {
    if (now < this.alarm) return;
    if (!this.#lean.open) {
      this.alarm = Infinity;
      return;
    }
    if (now >= this.#resumeAt) {
      this.#resumeAt = Infinity;
      this.#lean.socket.resume();
    }
    if (now >= this.#dropAt) {
      this.#lean.drop("reset");
      return;
    }
    if (now >= this.#pongBy) {
      this.#lean.drop("reset", "no-pong");
      return;
    }
    if (now >= this.#pingAt) this.#ping(now);
    this.#setAlarm();
  }

  /** A pong came; says whether it was the heartbeat's. */
  pong(buf: Buffer, start: number, end: number, now: number): boolean {
    if (!this.#pinged || this.#pinged.compare(buf, start, end) !== 0) return false;
    this.#user.scope.times.ws_ping.record(now - this.#pingedAt);
    this.#lean.confirmed = Math.max(this.#lean.confirmed, this.#pingedAfter);
    this.#pinged = undefined;
    this.#pongBy = Infinity;
    this.#setAlarm();
    return true;
  }

  /** Something was read: who reads slowly pauses until so many bytes may have been read. */
  read(): void {
    const rate = this.#user.profile?.readRate;
    if (rate === undefined) return;
    const { received, now } = this.#lean;
    const bytes = received - this.#readBefore;
    this.#readBefore = received;
    if (bytes === 0) return;
    this.#lean.socket.pause();
    this.#resumeAt = now + (bytes * 1000) / rate;
    this.#setAlarm();
  }

  #ping(now: number): void {
    const { ping, timeout } = this.#user.world.flow.heartbeat;
    this.#pingAt = now + ping!;
    // One that is still under way is waited for.
    if (this.#pinged) return;
    this.#pinged = Buffer.from(`heartbeat ${++this.#pings}`, "latin1");
    this.#pingedAt = now;
    // What was sent before it leaves before it.
    this.#user.world.outbox.flush();
    this.#pingedAfter = this.#lean.sent;
    this.#pongBy = now + timeout;
    this.#lean.ping(this.#pinged);
  }

  #setAlarm(): void {
    this.alarm = Math.min(this.#pingAt, this.#pongBy, this.#dropAt, this.#resumeAt);
  }
}
