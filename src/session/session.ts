/**
 * Owns the Session: one WebSocket as a person uses it. Connections come and go under it; what was
 * said, what waits to be said and what was counted stays.
 */
import { EventEmitter } from "node:events";
import { WsctlError } from "../base/errors.js";
import { encodeClosePayload } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import type { Upgrade } from "../frame/upgrade.js";
import { Answers } from "./answers.js";
import { AutoReplies } from "./auto-replies.js";
import type { Connection } from "./connection.js";
import type { WireFacts } from "./frame-watch.js";
import { InTurn } from "./in-turn.js";
import { Lifeline } from "./lifeline.js";
import type {
  Direction,
  SessionEnd,
  SessionEvents,
  SessionFrame,
  SessionMessage,
  SessionState,
} from "./session-events.js";
import type { Outgoing, SessionOptions } from "./session-options.js";
import { SessionStats } from "./session-stats.js";

/** What of the world a session takes, for whoever wants it to be another. */
export interface SessionWorld {
  /** From 0 (included) to 1 (excluded), for the jitter of reconnects; Math.random unless told. */
  readonly random?: (() => number) | undefined;
}

/** The most frames that one message is cut into. */
const mostFragments = 100_000;

const nothing = Buffer.alloc(0);

/**
 * One WebSocket. A connection that is lost is opened again as the options say: then `lost` tells of
 * it, else `end`. A session that never opened has no `end`: its `connect` rejects. Frames and
 * messages are told in the order of the wire, though an incoming message comes after its frames by
 * the time that it takes to inflate. What a listener sends is told when all listeners have heard what
 * made it send.
 */
export class Session extends EventEmitter<SessionEvents> {
  /** Counts over all connections; goes on counting. */
  readonly stats = new SessionStats();
  readonly #life: Lifeline;
  readonly #answers: Answers;
  readonly #replies: AutoReplies;
  #begun: number | undefined = undefined;
  #number = 0;
  /** The present connection, or the last; and the bytes of all before it. */
  #latest: Connection | undefined = undefined;
  #receivedBefore = 0;
  #isPaused = false;
  #holds = 0;
  readonly #events = new InTurn((what: SessionFrame | SessionMessage) => {
    if ("opcode" in what) this.emit("frame", what);
    else this.emit("message", what);
  });

  /** @throws WsctlError WSCTL_EUSAGE for an auto reply whose matcher cannot be compiled */
  constructor(options: SessionOptions, world: SessionWorld = {}) {
    super();
    this.#life = new Lifeline({
      session: options,
      random: world.random ?? Math.random,
      events: this,
      witness: {
        now: () => this.elapsed,
        frame: (frame) => this.#onFrame(frame),
        message: (direction, binary, data, facts) => {
          this.#onMessage(direction, binary, data, facts);
        },
        rtt: (ms) => {
          this.stats.rtt.add(ms);
          this.emit("rtt", ms);
        },
        unseen: (violation) => void this.emit("unseen", violation),
      },
      onOpen: (connection, gap) => this.#onOpen(connection, gap),
    });
    this.#answers = new Answers(
      (message) => this.#life.outbox.send(message, true),
      () => this.#read(this.#life.connection),
    );
    this.#replies = new AutoReplies(options.autoReplies, (message) => this.answer(message));
  }

  /** `closed` before `connect` and after the end. */
  get state(): SessionState {
    return this.#life.state;
  }

  /** Milliseconds since the first `connect`, as the times of frames and messages are; 0 before it. */
  get elapsed(): number {
    return this.#begun === undefined ? 0 : performance.now() - this.#begun;
  }

  /** The exchange that opened the present connection, or the last one. */
  get upgrade(): Upgrade | undefined {
    return this.#life.upgrade;
  }

  /** The subprotocol that the server chose. */
  get subprotocol(): string | undefined {
    return this.upgrade?.subprotocol;
  }

  /** Sec-WebSocket-Extensions of the response. */
  get extensions(): string | undefined {
    return this.upgrade?.extensions;
  }

  /**
   * Parameters that our offer of permessage-deflate demanded of the server and that its answer left
   * out: it need not keep to them (RFC 7692 §7.1.1.1, §7.1.2.1). Of the present connection, or the
   * last.
   */
  get unconfirmed(): readonly string[] {
    return this.#latest?.unconfirmed ?? [];
  }

  /** Bytes that have come after the upgrades of all connections, those of unfinished frames too. */
  get received(): number {
    return this.#receivedBefore + (this.#latest?.incoming.bytes ?? 0);
  }

  /** Whether a frame has come in part and its rest has not. */
  get isMidFrame(): boolean {
    return this.#life.connection?.incoming.midFrame === true;
  }

  /**
   * Opens the session, also again after its end. The signal of the dial options ends it, whatever
   * it is doing.
   *
   * @throws DialError when the first connection cannot be opened; WsctlError WSCTL_EUSAGE when the
   *   options cannot be used, or the session is not closed
   */
  async connect(): Promise<Upgrade> {
    this.#begun ??= performance.now();
    return this.#life.connect();
  }

  /**
   * Closes the connection with 1000, or ends the wait for the next, and opens one now. Messages that
   * wait survive. When it cannot be opened, the session goes on as after any lost connection.
   *
   * @throws DialError; WsctlError when the session is being closed
   */
  async reconnect(): Promise<Upgrade> {
    this.#begun ??= performance.now();
    return this.#life.reconnect();
  }

  /**
   * Sends a message, after all those before it; without a connection it waits for one. Whoever
   * awaits each `send` has bounded memory, however much is sent.
   *
   * @returns resolves when the system has taken the message; rejects when the connection was lost
   *   before that, so that nobody knows whether it arrived, or the session ended
   * @throws WsctlError WSCTL_EUSAGE for a number of fragments that makes no sense
   */
  async send(message: Outgoing): Promise<void> {
    const { fragments = 1 } = message;
    if (!Number.isInteger(fragments) || fragments < 1 || fragments > mostFragments) {
      throw new WsctlError("WSCTL_EUSAGE", `a message cannot have ${fragments} fragments`, {
        hint: `it can have 1 to ${mostFragments}`,
      });
    }
    return this.#life.outbox.send(message);
  }

  /**
   * Answers what has come, before all that waits to be sent. An answer belongs to the present
   * connection: it does not survive it, and without one it is dropped. While many answers wait to
   * be written nothing more is read, so that a server which asks and never reads is held up.
   */
  answer(message: Outgoing): void {
    if (this.#life.state === "open") this.#answers.give(message);
  }

  /**
   * Sends a ping; the round trip comes as `rtt`.
   * @throws WsctlError WSCTL_EUSAGE when not open, or for more than 125 bytes
   */
  async ping(data: Buffer = nothing): Promise<void> {
    return this.#control("ping", data);
  }

  /**
   * Sends a pong that nobody asked for; pings of the server are answered without this.
   * @throws WsctlError WSCTL_EUSAGE when not open, or for more than 125 bytes
   */
  async pong(data: Buffer = nothing): Promise<void> {
    return this.#control("pong", data);
  }

  /**
   * Closes the session once the system has taken all messages before; later ones are refused. The
   * server has 5 s to answer.
   *
   * @param code undefined sends a close frame without one
   * @throws WsctlError WSCTL_EPROTOCOL for a code that must not be sent, or too long a reason
   */
  async close(code?: number, reason = ""): Promise<SessionEnd> {
    encodeClosePayload(code, reason);
    return this.#life.close(code, reason);
  }

  /** Ends the session at once, without a word to the server. */
  terminate(): void {
    this.#life.terminate();
  }

  /**
   * Stops reading, across reconnects, so that TCP holds the server up. What has been read already
   * may still come: some 100 KiB on the wire.
   */
  pause(): void {
    this.#isPaused = true;
    this.#read(this.#life.connection);
  }

  /** Reads again. */
  resume(): void {
    this.#isPaused = false;
    this.#read(this.#life.connection);
  }

  /**
   * Stops both directions for one more, or one less, who cannot keep up with what passes: nothing is
   * read, and what is sent waits, whatever `resume` says.
   */
  hold(isHeld: boolean): void {
    this.#holds += isHeld ? 1 : -1;
    this.#life.outbox.hold(this.#holds > 0);
    this.#read(this.#life.connection);
  }

  #read(connection: Connection | undefined): void {
    if (this.#isPaused || this.#holds > 0 || this.#answers.isBehind) connection?.pause();
    else connection?.resume();
  }

  #control(kind: "ping" | "pong", data: Buffer): Promise<void> {
    const { connection, state } = this.#life;
    if (!connection || state !== "open") {
      throw new WsctlError("WSCTL_EUSAGE", `no ${kind} can be sent: the session is ${state}`);
    }
    if (data.length > 125) {
      throw new WsctlError("WSCTL_EUSAGE", `a ${kind} of ${data.length} bytes cannot be sent`, {
        hint: "control frames hold 125 bytes at most (RFC 6455 §5.5)",
      });
    }
    return new Promise((resolve, reject) => {
      connection[kind](data, (error) => (error ? reject(error) : resolve()));
    });
  }

  #onOpen(connection: Connection, gap: number | undefined): void {
    this.#receivedBefore = this.received;
    this.#latest = connection;
    this.stats.connects++;
    if (gap !== undefined) {
      this.stats.gaps++;
      this.stats.away += gap;
    }
    this.#read(connection);
  }

  #onFrame(frame: SessionFrame): void {
    const { direction, opcode, control } = frame;
    this.#traffic(direction).addFrame(frame);
    if (direction === "out" && opcode === Opcode.ping) this.stats.pings++;
    this.#events.tell(frame);
    if (direction === "in" && control) this.#reply(opcode, control);
  }

  #onMessage(direction: Direction, binary: boolean, data: Buffer, facts: WireFacts): void {
    const message = { direction, number: ++this.#number, binary, data, ...facts };
    this.#traffic(direction).addMessage(message);
    this.#events.tell(message);
    if (direction === "in") this.#reply(binary ? Opcode.binary : Opcode.text, data);
  }

  #reply(opcode: number, data: Buffer): void {
    try {
      this.#replies.apply(opcode, data);
    } catch (error) {
      this.#life.connection?.terminate(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #traffic(direction: Direction): SessionStats["sent"] {
    return direction === "out" ? this.stats.sent : this.stats.received;
  }
}
