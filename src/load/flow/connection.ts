/**
 * Owns one connection of a user: what it sends is gathered, what comes is told apart (heartbeat,
 * stamp, reply, other), and every request gets its fate.
 */
import type { Wire } from "../../dial/wire.js";
import type { DataOpcode } from "../../frame/opcode.js";
import { LeanSocket, type SocketHandler } from "../lean-socket.js";
import type { Correlator } from "./correlate/correlator.js";
import type { Request } from "./correlate/request.js";
import { Liveness } from "./liveness.js";
import type { User } from "./user.js";

/** What becomes of requests that still wait when their connection ends. */
export type Fate = "ws_msg_disconnected" | "ws_msg_in_flight";

/** Payload of a control frame at most (RFC 6455 §5.5). */
const mostControl = 125;

/** One connection. */
export class Connection implements SocketHandler {
  readonly lean: LeanSocket;
  readonly liveness: Liveness;
  readonly #user: User;
  readonly #correlator: Correlator;
  /** Payload of the ping that a step waits for. */
  #pinged: Buffer | undefined = undefined;
  #pingedAt = 0;
  /** Messages sent before it. */
  #pingedAfter = 0;
  #pings = 0;
  /** This connection's requests and their fates, for its own sum. */
  #expected = 0;
  #answered = 0;
  #timedOut = 0;
  #isSettled = false;

  constructor(user: User, wire: Wire) {
    const { world, scope } = user;
    this.#user = user;
    this.#correlator = world.newCorrelator();
    this.lean = new LeanSocket(wire, world.plan.connection.maxPayload, world.meter, scope);
    this.lean.attach(this);
    this.liveness = new Liveness(user, this.lean, performance.now());
    world.fanout?.opened(user, performance.now());
  }

  /** Whether it awaits replies. */
  get awaits(): boolean {
    return this.#correlator.waiting > 0;
  }

  /** Whether replies can no longer be told apart. */
  get pairingLost(): boolean {
    return this.#correlator.pairingLost;
  }

  /** Takes note of a request that is about to leave. */
  expect(request: Request): void {
    this.#expected++;
    this.#user.scope.hot.ws_msg_expected++;
    this.#correlator.add(request);
  }

  /** Sends a ping whose pong a step waits for. */
  ping(payload: Buffer): void {
    // What was sent before it leaves before it.
    this.#user.world.outbox.flush();
    // No two are alike: a late pong does not answer the next ping.
    const number = Buffer.from(` ${++this.#pings}`, "latin1");
    this.#pinged = Buffer.concat([payload.subarray(0, mostControl - number.length), number]);
    this.#pingedAt = performance.now();
    this.#pingedAfter = this.lean.sent;
    this.lean.ping(this.#pinged);
  }

  /** The step does not wait for its pong any longer. */
  forgetPing(): void {
    this.#pinged = undefined;
  }

  /** Gives up on requests written before `limit`; says whether there were any. */
  expire(limit: number, now: number): boolean {
    const before = this.#timedOut;
    const user = this.#user;
    const { scope } = user;
    const correlator = this.#correlator;
    for (let r = correlator.expire(limit, now); r; r = correlator.expire(limit, now)) {
      this.#timedOut++;
      scope.hot.ws_msg_timeout++;
      // What it waited so far is the least that its round trip can be: left out, the slowest would
      // be missing from the distribution of what users feel.
      scope.roundTrip(now, r.intended, r.written);
      r.check?.tally.fail("no reply came in time");
      user.walk.unanswered(r.visit, now);
    }
    return this.#timedOut > before;
  }

  /** Begins the closing handshake; what still waits for a reply meets that fate. */
  close(code: number, reason: string, fate: Fate): void {
    if (!this.lean.open) return;
    this.#user.world.outbox.flush();
    this.liveness.leave(performance.now());
    this.#user.world.fanout?.closing(this.#user, performance.now());
    this.#settle(fate);
    this.lean.close(code, reason);
  }

  /** Called by the socket. */
  message(opcode: DataOpcode, buf: Buffer, start: number, end: number): void {
    const { lean } = this;
    // After a close frame every request has met its fate: what still comes answers one of those.
    // It has come all the same: the ledger knows that it is not lost.
    if (!lean.open) return this.#afterClose(opcode, buf, start, end);
    const user = this.#user;
    const { world, scope } = user;
    const { incoming } = world;
    incoming.take(opcode, buf, start, end);
    if (user.traces) user.trace("received", incoming.view.text ?? `${end - start} bytes`);
    // Every message is in the ledgers, those that are answered by themselves included.
    if (world.readsStamps) world.deliveries.receive(user, incoming, lean.now);
    world.fanout?.heard(user, incoming, lean.now);
    world.sequences?.receive(user, incoming, lean.now);
    if (world.autoReplies.length > 0 && user.autoReply(incoming)) return;
    if (!world.sequences && !world.byStamp) user.context.lastSeq++;
    const { hot } = scope;
    let request: Request | undefined;
    switch (this.#correlator.receive(incoming, lean.now)) {
      case "answer":
        request = this.#correlator.matched!;
        this.#answered++;
        if (request.number > lean.confirmed) lean.confirmed = request.number;
        hot.ws_msg_answered++;
        scope.roundTrip(lean.now, request.intended, request.written);
        break;
      case "late":
        hot.ws_msg_late++;
        break;
      case "extra":
        hot.ws_msg_extra++;
        break;
      case "unmatched":
        if (!user.walk.message(incoming, lean.now, undefined) && !world.isAccounted) {
          hot.ws_msg_unmatched++;
        }
        return;
      case "none":
        break;
    }
    user.walk.message(incoming, lean.now, request);
  }

  /** Called by the socket. */
  pong(buf: Buffer, start: number, end: number): void {
    const { now } = this.lean;
    if (this.liveness.pong(buf, start, end, now)) return;
    const pinged = this.#pinged;
    if (!pinged || pinged.compare(buf, start, end) !== 0) return;
    this.#pinged = undefined;
    this.lean.confirmed = Math.max(this.lean.confirmed, this.#pingedAfter);
    this.#user.scope.lasted("ws_ping", this.#pingedAt, now);
    this.#user.walk.pong(now);
  }

  /** Called by the socket: a close frame follows. */
  flush(): void {
    this.#user.world.outbox.flush();
    if (!this.lean.open) return;
    this.liveness.read();
    this.#user.endTurn(this.lean.now);
  }

  /** Called by the socket: everything of one read has been handed on. */
  read(): void {
    this.flush();
    const { world } = this.#user;
    if (this.lean.open && this.lean.now >= world.nextBeat) world.host.beat(this.lean.now);
  }

  /** Called by the socket. */
  closing(): void {
    const user = this.#user;
    user.tether.closing(this.lean.now);
    user.endTurn(this.lean.now);
  }

  /** Called by the socket. */
  unblocked(): void {
    const now = performance.now();
    this.#user.walk.look(now);
    this.#user.endTurn(now);
  }

  /** Called by the socket: it is gone. */
  ended(): void {
    this.#user.world.outbox.flush();
    this.#settle("ws_msg_disconnected");
    const now = performance.now();
    this.liveness.ended(now);
    this.#user.world.fanout?.ended(this.#user, now);
    this.#user.tether.ended(this, now);
  }

  #afterClose(opcode: DataOpcode, buf: Buffer, start: number, end: number): void {
    const { world } = this.#user;
    if (!world.readsStamps && !world.sequences) return;
    world.incoming.take(opcode, buf, start, end);
    if (world.readsStamps) world.deliveries.receive(this.#user, world.incoming, this.lean.now);
    world.sequences?.receive(this.#user, world.incoming, this.lean.now);
    world.fanout?.heard(this.#user, world.incoming, this.lean.now);
  }

  /** Gives the requests that still wait their fate, and holds the connection's own sum, once. */
  #settle(fate: Fate): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const { world, scope } = this.#user;
    if (this.pairingLost) world.pairingLost++;
    let waiting = 0;
    this.#correlator.clear((request) => {
      waiting++;
      if (fate === "ws_msg_disconnected") request.check?.tally.fail("the connection was lost");
      else if (!world.isInterrupted)
        request.check?.tally.fail("undecided at the end: no reply yet");
    });
    scope.hot[fate] += waiting;
    if (this.#expected !== this.#answered + this.#timedOut + waiting) world.connectionsOff++;
  }
}
