/**
 * Owns what a connection does beside its user's flow: heartbeat, and the ways of its profile (slow
 * reading, being cut, not answering pings).
 */
import type { LeanSocket } from "../lean-socket.js";
import { SlowReader } from "./slow-reader.js";
import type { User } from "./user.js";
import { within } from "./within.js";

/** The liveness of one connection; it asks for its next turn with {@link alarm}. */
export class Liveness {
  /** When it is to be looked at next, on `performance.now`'s clock. */
  alarm = Infinity;
  readonly #user: User;
  readonly #lean: LeanSocket;
  readonly #openedAt: number;
  #pingAt = Infinity;
  /** By when the pong has to be there. */
  #pongBy = Infinity;
  #pingedAt = 0;
  /** Messages sent before it. */
  #pingedAfter = 0;
  #pinged: Buffer | undefined = undefined;
  /** Bytes received before it. */
  #receivedBefore = 0;
  #pings = 0;
  #dropAt = Infinity;
  readonly #slow: SlowReader | undefined = undefined;

  constructor(user: User, lean: LeanSocket, now: number) {
    const { profile, world } = user;
    const { ping } = world.flow.heartbeat;
    this.#user = user;
    this.#lean = lean;
    this.#openedAt = now;
    lean.mute = profile?.mute ?? false;
    if (profile?.readRate !== undefined) {
      this.#slow = new SlowReader(lean, profile, profile.readRate, world.slow, now);
    }
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
    this.#slow?.wake(now);
    if (now >= this.#dropAt) {
      this.#lean.drop("reset");
      return;
    }
    if (now >= this.#pongBy) {
      this.#giveUp(now);
      return;
    }
    if (now >= this.#pingAt) this.#ping(now);
    this.#setAlarm();
  }

  /** A pong came; says whether it was the heartbeat's. */
  pong(buf: Buffer, start: number, end: number, now: number): boolean {
    if (!this.#pinged || this.#pinged.compare(buf, start, end) !== 0) return false;
    this.#user.scope.lasted("ws_ping", this.#pingedAt, now);
    this.#lean.confirmed = Math.max(this.#lean.confirmed, this.#pingedAfter);
    this.#pinged = undefined;
    this.#pongBy = Infinity;
    this.#setAlarm();
    return true;
  }

  /** Something was read: who reads slowly pauses. */
  read(): void {
    if (!this.#slow) return;
    this.#slow.read();
    this.#setAlarm();
  }

  /** It is about to be closed by us. */
  leave(now: number): void {
    this.#slow?.leave(now);
  }

  /** The connection has ended. */
  ended(now: number): void {
    const { unansweredAt, endTags } = this.#lean;
    if (!Number.isNaN(unansweredAt) && endTags?.by === "server") {
      this.#user.scope.lasted("ws_pong_patience", unansweredAt, now);
    }
    this.#slow?.ended(now);
  }

  /** No pong came in time: the connection counts as dead. */
  #giveUp(now: number): void {
    const lean = this.#lean;
    // Who went on talking, or was not listened to, has not fallen silent.
    if (lean.received === this.#receivedBefore && !this.#slow) {
      this.#user.scope.lasted("ws_dead_detected", lean.now || this.#openedAt, now);
    }
    lean.drop("reset", "no-pong");
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
    this.#receivedBefore = this.#lean.received;
    this.#pongBy = now + timeout;
    this.#lean.ping(this.#pinged);
  }

  #setAlarm(): void {
    const alarm = Math.min(this.#pingAt, this.#pongBy, this.#dropAt);
    this.alarm = this.#slow ? Math.min(alarm, this.#slow.resumeAt) : alarm;
  }
}
