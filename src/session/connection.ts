/**
 * Owns one connection of a session: `ws` over the socket that was dialled, what passes on the wire
 * put together with what `ws` makes of it, and the account of its end.
 */
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import { formatDuration } from "../base/quantity.js";
import type { Dialled } from "../dial/dial.js";
import { UpgradeInvalid } from "../dial/upgrade.js";
import type { CloseStatus } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import { headerValue, type Upgrade } from "../frame/upgrade.js";
import type { ProtocolViolation } from "../frame/violation.js";
import { type Agreement, agreementOf } from "./compression.js";
import { closeTimeout, cutError, pongTimeout, receiveError } from "./ending.js";
import { Fifo } from "./fifo.js";
import { FrameWatch, type WireFacts } from "./frame-watch.js";
import { Heartbeat } from "./heartbeat.js";
import { PingLog } from "./ping-log.js";
import type { Direction, SessionEnd, SessionFrame } from "./session-events.js";
import type { Outgoing } from "./session-options.js";
import { Tap } from "./tap.js";

/** Who is told of all that passes. */
export interface ConnectionWitness {
  /** Milliseconds on the session's clock. */
  now(): number;
  frame(frame: SessionFrame): void;
  message(direction: Direction, binary: boolean, data: Buffer, facts: WireFacts): void;
  rtt(ms: number): void;
  /** Messages come whose frames cannot be followed, because of that; told once. */
  unseen(violation: ProtocolViolation): void;
}

/** Who is told of a connection's beginning, before all that passes, and of its end, after it. */
export interface ConnectionOwner {
  opened(connection: Connection): void;
  ended(connection: Connection, end: SessionEnd): void;
}

/** What a connection keeps to. */
export interface ConnectionOptions {
  readonly maxPayload: number;
  /** Milliseconds between pings; none without it. */
  readonly ping: number | undefined;
}

/** How long the answer to a close frame is waited for, in milliseconds. */
const closePatience = 5000;

/** How long the server may take to hang up after both close frames (RFC 6455 §7.1.1). */
const hangUpPatience = 1000;

/** How many pongs may wait to be written; of the pings beyond, the latest is answered. */
const mostPongs = 32;

// ws reads the limit as a signed 32-bit integer.
const largestLimit = 2 ** 31 - 1;

type Done = (error?: Error | null) => void;

/** @throws UpgradeInvalid for an answer that breaks RFC 7692; the wire is destroyed then */
function agree({ wire, upgrade }: Dialled): Agreement | undefined {
  const { request, response } = upgrade;
  const offered = headerValue(request.headers, "Sec-WebSocket-Extensions");
  const outcome = agreementOf(offered, upgrade.extensions);
  if ("agreement" in outcome) return outcome.agreement;
  wire.destroy();
  throw new UpgradeInvalid(wire, request, response, [outcome.problem]);
}

/** One connection, from its upgrade to its end. */
export class Connection {
  readonly upgrade: Upgrade;
  /** Parameters that our offer of permessage-deflate demanded and the answer left out. */
  readonly unconfirmed: readonly string[];
  readonly #witness: ConnectionWitness;
  readonly #owner: ConnectionOwner;
  readonly #options: ConnectionOptions;
  readonly #ws: WebSocket;
  readonly #tap: Tap;
  readonly #in: FrameWatch;
  readonly #out: FrameWatch;
  readonly #deflates: boolean;
  readonly #pings = new PingLog();
  #heartbeat: Heartbeat | undefined = undefined;
  /** Messages that have passed the watch and are still with `ws`, which inflates them. */
  readonly #arriving = new Fifo<WireFacts>();
  /** Messages that were given to `ws` and have not passed the watch. */
  readonly #leaving = new Fifo<Outgoing>();
  #pongs = 0;
  #duePong: Buffer | undefined = undefined;
  #by: "us" | "them" | undefined = undefined;
  #error: Error | undefined = undefined;
  /** Whether this side wished to close, in good order or because of an error. */
  #isAsked = false;
  #isCut = false;
  #patience: NodeJS.Timeout | undefined = undefined;

  /** @throws UpgradeInvalid for an answer that breaks RFC 7692; the wire is destroyed then */
  constructor(
    dialled: Dialled,
    options: ConnectionOptions,
    witness: ConnectionWitness,
    owner: ConnectionOwner,
  ) {
    const agreement = agree(dialled);
    this.upgrade = dialled.upgrade;
    this.unconfirmed = agreement?.unconfirmed ?? [];
    this.#options = options;
    this.#witness = witness;
    this.#owner = owner;
    this.#deflates = agreement?.deflates === true;
    const watch = (direction: Direction, onMessage: (facts: WireFacts) => void) =>
      new FrameWatch({
        direction,
        allowRsv1: agreement !== undefined,
        now: () => witness.now(),
        onFrame: (frame) => this.#onFrame(frame),
        onMessage,
        onBlind: (violation) => witness.unseen(violation),
      });
    this.#in = watch("in", (facts) => this.#arriving.push(facts));
    this.#out = watch("out", (facts) => {
      const message = this.#leaving.shift();
      if (message) witness.message("out", message.binary, message.data, facts);
    });
    const { socket } = dialled.wire;
    // To ws 0 is no limit.
    const maxPayload = Math.min(options.maxPayload || largestLimit, largestLimit);
    const extensions = agreement?.header;
    this.#tap = new Tap(socket, { extensions, maxPayload, in: this.#in, out: this.#out });
    this.#ws = new WebSocket("ws://dialled.invalid/", {
      // Typed as a Socket, though any stream will do: ws asks for what only sockets have.
      createConnection: () => this.#tap as unknown as Socket,
      perMessageDeflate: agreement !== undefined && { threshold: 0 },
      maxPayload,
      // That of ws cuts the connection when more than 60 pings come at a time.
      autoPong: false,
    });
    this.#ws.on("open", () => this.#onOpen());
    this.#ws.on("message", (data: Buffer, binary) => {
      // A watch may have fallen silent over what ws lets pass, such as a length in a longer form.
      const facts = this.#arriving.shift() ?? this.#in.unseen();
      witness.message("in", binary, data, facts);
    });
    this.#ws.on("ping", (payload) => this.#answer(payload));
    this.#ws.on("pong", (payload) => this.#onPong(payload, witness.now()));
    this.#ws.on("error", (error) => {
      this.#isAsked = true;
      this.#error ??= this.#in.violation ?? receiveError(error, options.maxPayload);
      this.#expectEnd(closePatience);
    });
    this.#ws.on("close", (code, reason) => {
      this.#onEnd(this.#in.close ?? { code, reason: reason.toString() });
    });
  }

  /** What has come since the upgrade: how many bytes, and whether the last frame came in part only. */
  get incoming(): { readonly bytes: number; readonly midFrame: boolean } {
    return this.#in;
  }

  /**
   * Hands a message to the socket; all its frames go in one piece.
   *
   * @returns false when the connection is closing, and takes no more
   */
  send(message: Outgoing, done: Done): boolean {
    if (this.#ws.readyState !== WebSocket.OPEN) return false;
    this.#leaving.push(message);
    const { data, binary, fragments = 1 } = message;
    const compress = this.#deflates;
    const cut = (index: number) => Math.floor((index * data.length) / fragments);
    for (let index = 0; index < fragments - 1; index++) {
      const part = data.subarray(cut(index), cut(index + 1));
      this.#ws.send(part, { binary, compress, fin: false });
    }
    this.#ws.send(data.subarray(cut(fragments - 1)), { binary, compress, fin: true }, done);
    return true;
  }

  ping(payload: Buffer, done: Done): void {
    this.#ws.ping(payload, true, done);
  }

  pong(payload: Buffer, done: Done): void {
    this.#ws.pong(payload, true, done);
  }

  /** Sends a close frame, and cuts the connection when the answer does not come in time. */
  close(code: number | undefined, reason: string): void {
    this.#isAsked = true;
    this.#ws.close(code, reason);
    this.#expectEnd(closePatience);
  }

  /** Cuts the connection at once. */
  terminate(error?: Error): void {
    this.#error ??= error;
    this.#isCut = true;
    this.#ws.terminate();
  }

  pause(): void {
    this.#heartbeat?.pause();
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  #onOpen(): void {
    const { ping } = this.#options;
    if (ping !== undefined) {
      const [ws, watch, pings] = [this.#ws, this.#in, this.#pings];
      const pulse = {
        awaits: (payload: Buffer) => pings.awaits(payload),
        ping: (payload: Buffer) => this.ping(payload, () => {}),
        get paused() {
          return ws.isPaused;
        },
        get received() {
          return watch.bytes;
        },
        get midFrame() {
          return watch.midFrame;
        },
      };
      this.#heartbeat = new Heartbeat(pulse, ping, () =>
        this.terminate(pongTimeout(formatDuration(ping))),
      );
    }
    this.#owner.opened(this);
    this.#tap.start();
  }

  #onFrame(frame: SessionFrame): void {
    const { opcode, direction, at, control } = frame;
    if (opcode === Opcode.ping && direction === "out" && control) this.#pings.sent(control, at);
    if (opcode === Opcode.close) {
      this.#by ??= direction === "out" ? "us" : "them";
      this.#expectEnd(this.#in.close && this.#out.close ? hangUpPatience : closePatience);
    }
    this.#witness.frame(frame);
    if (opcode === Opcode.pong && direction === "in" && control) this.#onPong(control, at);
  }

  /** Called by the watch, and by `ws` in case that the watch has fallen silent: once too often. */
  #onPong(payload: Buffer, at: number): void {
    const rtt = this.#pings.answered(payload, at);
    if (rtt !== undefined) this.#witness.rtt(rtt);
  }

  #answer(payload: Buffer): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (this.#pongs === mostPongs) {
      this.#duePong = payload;
      return;
    }
    this.#pongs++;
    this.pong(payload, (error) => {
      this.#pongs--;
      const due = this.#duePong;
      this.#duePong = undefined;
      if (due && !error) this.#answer(due);
    });
  }

  /** Cuts the connection if it has not ended by then; the latest word counts. */
  #expectEnd(patience: number): void {
    clearTimeout(this.#patience);
    if (this.#ws.readyState === WebSocket.CLOSED) return;
    this.#patience = setTimeout(() => {
      this.terminate(this.#in.close ? undefined : closeTimeout(formatDuration(patience)));
    }, patience);
  }

  /** @param theirs what their close frame said, or 1006 */
  #onEnd(theirs: CloseStatus): void {
    clearTimeout(this.#patience);
    this.#heartbeat?.stop();
    // Made sure of, whatever state ws left it in.
    this.#tap.destroy();
    const isClosed = theirs.code !== 1006;
    let error = this.#error;
    if (!error && !isClosed && !this.#isCut) {
      const { broken } = this.#tap;
      const closing = this.#out.close !== undefined;
      error = cutError({ broken, closing, midFrame: this.#in.midFrame });
    }
    const by = this.#in.violation && isClosed && !this.#isAsked ? "them" : this.#by;
    const clean = isClosed && this.#out.close !== undefined;
    this.#owner.ended(this, { ...theirs, by, clean, error });
  }
}
