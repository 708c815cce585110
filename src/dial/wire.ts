/**
 * Owns the Wire: one open connection and the one way to receive its bytes, whether the socket reads
 * into a buffer that all connections share (sink) or keeps a queue of its own (stream).
 */
import type { OnReadOpts, Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Attempt, Phases, TlsFacts } from "../frame/upgrade.js";
import { hostPort } from "./target.js";

/**
 * Takes the bytes `bytes[start, end)`. In sink mode they lie in the shared buffer: they are only
 * good until the receiver returns.
 */
export type Receiver = (bytes: Buffer, start: number, end: number) => void;

const wireOf = Symbol("wire");

/** A socket that knows its wire, so that all sockets share the same listener functions. */
type WiredSocket = Socket & { [wireOf]?: Wire };

function onError(this: WiredSocket, error: Error): void {
  this[wireOf]?.fail(error);
}

function onClose(this: WiredSocket): void {
  this[wireOf]?.end();
}

function onConnect(this: WiredSocket): void {
  this[wireOf]?.arrive("connect");
}

function onSecureConnect(this: WiredSocket): void {
  this[wireOf]?.arrive("secureConnect");
}

function onReadable(this: WiredSocket): void {
  this[wireOf]?.drain();
}

/** What a socket comes to while it opens. */
export type Arrival = "connect" | "secureConnect";

const noPhases: Phases = { dns: 0, tcp: 0, tls: 0, upgrade: 0 };
const none: readonly Attempt[] = [];

/**
 * An open connection. Its socket always has an 'error' listener: a late error cannot end the
 * process, it is handed to `onClose`.
 */
export class Wire {
  /** For writing, for its addresses, for ending it. In sink mode it never emits 'data'. */
  readonly socket: Socket;
  /** The phases so far; `upgrade` is only known to the Upgrade. */
  phases: Phases = noPhases;
  attempts: readonly Attempt[] = none;
  tls: TlsFacts | undefined = undefined;
  /** Who is at the other end, for people, where the address connected does not tell: behind a proxy,
   * or at a unix socket. */
  peer: string | undefined = undefined;
  /** Whether the socket is gone, so that nothing more can come but what is kept already. */
  closed = false;
  readonly #sink: Buffer | undefined;
  #onClose: ((error: Error | undefined) => void) | undefined = undefined;
  /**
   * Called when an error is about to end the socket, while its queue is still there: once at most, and
   * before `onClose`, which tells the error. An end without one (a FIN, `destroy`) does not call it, and
   * set when the error has come already it is not called either.
   */
  onFail: (() => void) | undefined = undefined;
  #error: Error | undefined = undefined;
  #expected: Arrival | undefined = undefined;
  #onArrival: (() => void) | undefined = undefined;
  #receiver: Receiver | undefined = undefined;
  /** Sink mode: bytes that came while nobody received. */
  #kept: Buffer | undefined = undefined;
  #paused = false;
  /** Bytes that one read brings at most, where that is less than it could. */
  #piece: number | undefined;
  /** Whether {@link pause} was called last. */
  #isHeld = false;

  /**
   * @param sink the shared receive buffer; stream mode without it
   * @param connect makes the socket, with the given `onread` in sink mode
   * @param piece bytes that one read brings at most, until {@link widen}; as many as may be unless told
   */
  constructor(
    sink: Buffer | undefined,
    connect: (onread: OnReadOpts | undefined) => Socket,
    piece?: number,
  ) {
    this.#sink = sink;
    this.#piece = piece;
    const onread = sink && {
      buffer: piece === undefined ? sink : this.#pieceOf(sink, piece),
      callback: (length: number) => this.#take(length),
    };
    const socket: WiredSocket = connect(onread);
    socket[wireOf] = this;
    socket.on("error", onError);
    socket.on("close", onClose);
    // They stay when they are no longer needed: taking a listener off a socket turns its table of
    // listeners into a dictionary, half a kilobyte for as long as it lives.
    socket.on("connect", onConnect);
    if (socket instanceof TLSSocket) socket.on("secureConnect", onSecureConnect);
    this.socket = socket;
  }

  /** What is connected, for people: `127.0.0.1:8080`, or as `peer` has it. */
  get address(): string {
    if (this.peer !== undefined) return this.peer;
    const last = this.attempts.at(-1);
    return last ? hostPort(last.address, last.port) : "";
  }

  /**
   * Called once when the socket is gone, with the error if one ended it. Set when it is gone
   * already, it is called in the next microtask. While nobody receives, the end of what the other
   * side sent may go unseen.
   */
  set onClose(listener: ((error: Error | undefined) => void) | undefined) {
    this.#onClose = listener;
    if (listener && this.closed) queueMicrotask(() => this.end());
  }

  /**
   * Hands all bytes from now on to `receiver`; what was kept comes first, in sink mode before this
   * returns. With undefined nobody receives: the connection is paused as soon as something comes.
   * In stream mode the socket is then as if nobody had ever listened, for `ws` or a pipe to take.
   */
  receive(receiver: Receiver | undefined): void {
    const had = this.#receiver !== undefined;
    this.#receiver = receiver;
    if (this.#sink) {
      const kept = this.#kept;
      this.#kept = undefined;
      if (receiver && kept) receiver(kept, 0, kept.length);
      else this.#kept = kept;
      if (this.#receiver && this.#paused) {
        this.#paused = false;
        this.socket.resume();
      }
    } else if (receiver && !had) {
      this.socket.on("readable", onReadable);
      // Node does not announce again what is in the queue when a listener comes straight after
      // another one went.
      if (this.socket.readableLength > 0) queueMicrotask(() => this.drain());
    } else if (!receiver && had) {
      this.socket.off("readable", onReadable);
    }
  }

  /**
   * Gives back bytes that a receiver had no use for: they come first to whoever receives next.
   * To be called after `receive(undefined)`; the bytes are copied.
   */
  unread(bytes: Buffer, start: number, end: number): void {
    if (start >= end) return;
    const rest = Buffer.from(bytes.subarray(start, end));
    if (this.#sink) this.#kept = this.#kept ? Buffer.concat([rest, this.#kept]) : rest;
    else this.socket.unshift(rest);
  }

  /** Calls `arrived` when the socket has come so far; undefined takes that back. */
  expect(what: Arrival, arrived: (() => void) | undefined): void {
    this.#expected = what;
    this.#onArrival = arrived;
  }

  /** Forgets how it came about: whoever only holds it open has no use for that. */
  settle(): void {
    this.attempts = none;
    this.phases = noPhases;
    this.tls = undefined;
    this.#onArrival = undefined;
  }

  /**
   * Stops reading, at once: what comes stays in the kernel's buffer, and when that is full, with the
   * other side. Without a sink a little more is read first, into the socket's own queue; over TLS what
   * has been deciphered is still handed on.
   */
  pause(): void {
    this.#isHeld = true;
    if (this.#sink) this.socket.pause();
  }

  /** Reads again, after {@link pause}. */
  resume(): void {
    this.#isHeld = false;
    if (this.#sink) this.socket.resume();
    // Not from here: whoever resumes may be in the midst of something.
    else queueMicrotask(() => this.drain());
  }

  /** From now on a read brings as much as may be. */
  widen(): void {
    this.#piece = undefined;
  }

  /** Cuts the connection at once. */
  destroy(): void {
    this.socket.destroy();
  }

  /** For the socket's listeners: remembers what is about to end it. */
  fail(error: Error): void {
    // What follows from the first one is no news.
    if (this.#error) return;
    this.#error = error;
    this.onFail?.();
  }

  /** For the socket's listeners: it has come so far. */
  arrive(at: Arrival): void {
    if (at === this.#expected) this.#onArrival?.();
  }

  /** For the socket's listeners: the socket is gone. */
  end(): void {
    this.closed = true;
    const listener = this.#onClose;
    this.#onClose = undefined;
    listener?.(this.#error);
  }

  /** For the socket's listeners, in stream mode: hands on what is in the queue. */
  drain(): void {
    const { socket } = this;
    while (this.#receiver && !this.#isHeld) {
      const piece = this.#piece && Math.min(this.#piece, socket.readableLength);
      // Asked for nothing in particular, it says when there is something.
      const chunk = socket.read(piece || undefined) as Buffer | null;
      if (chunk === null) return;
      this.#receiver(chunk, 0, chunk.length);
    }
  }

  /** The memory for each next read: the beginning of the shared one, until it is to be all of it. */
  #pieceOf(sink: Buffer, piece: number): () => Buffer {
    const beginning = sink.subarray(0, piece);
    return () => (this.#piece === undefined ? sink : beginning);
  }

  /** @returns whether Node shall go on reading */
  #take(length: number): boolean {
    const sink = this.#sink!;
    if (this.#receiver) {
      this.#receiver(sink, 0, length);
      return true;
    }
    const bytes = Buffer.from(sink.subarray(0, length));
    this.#kept = this.#kept ? Buffer.concat([this.#kept, bytes]) : bytes;
    this.#paused = true;
    return false;
  }
}
