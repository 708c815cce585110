/**
 * Owns what stands between `ws` and the socket that was dialled. The upgrade has been done by `dial/`
 * when a Tap is made: `ws` insists on one of its own, merges headers into an object, refuses some
 * right answers (no subprotocol where one was asked for) and tells of wrong ones in text only. So the
 * Tap swallows the request that `ws` writes, answers it with a 101 of its own, and from then on hands
 * every byte through, both ways, past a watch each; what comes is gathered into whole messages first.
 */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { acceptFor } from "../frame/handshake.js";
import type { FrameWatch } from "./frame-watch.js";
import { Gather } from "./gather.js";

type Done = (error?: Error | null) => void;

/** What stands between the two. */
export interface TapOptions {
  /** The Sec-WebSocket-Extensions that `ws` is to be told of. */
  readonly extensions: string | undefined;
  /** Bytes of the largest message. */
  readonly maxPayload: number;
  readonly in: FrameWatch;
  readonly out: FrameWatch;
}

/** A byte stream for `ws` over an upgraded socket in stream mode. */
export class Tap extends Duplex {
  /** What broke the socket, if something did. */
  broken: Error | undefined = undefined;
  /** Whether the server ended its side without an error. */
  ended = false;
  readonly #socket: Socket;
  readonly #options: TapOptions;
  readonly #gather: Gather;
  /** What has come of the request of `ws`; undefined once it was answered. */
  #request: string | undefined = "";
  #isStarted = false;

  constructor(socket: Socket, options: TapOptions) {
    super();
    this.#socket = socket;
    this.#options = options;
    const { maxPayload, extensions } = options;
    this.#gather = new Gather({
      maxPayload,
      allowRsv1: extensions !== undefined,
      push: (bytes) => {
        if (!this.push(bytes)) socket.pause();
      },
    });
    socket.on("error", (error) => {
      this.broken ??= error;
    });
    socket.on("end", () => {
      this.ended = true;
      this.push(null);
    });
    socket.on("close", () => {
      // After an end, what is still unread here is left for ws to read.
      if (!this.ended) this.destroy(this.broken);
    });
    if (socket.destroyed) this.destroy();
  }

  /** Lets in what the server sends; to be called when `ws` is open, and somebody listens to it. */
  start(): void {
    this.#isStarted = true;
    // Watched where they leave the socket: what ws puts back and reads again is counted once.
    this.#socket.on("data", (bytes: Buffer) => {
      this.#options.in.feed(bytes);
      this.#gather.feed(bytes);
    });
  }

  /** Stops the socket as well: while a message is gathered, nothing is pushed that would do so. */
  override pause(): this {
    this.#socket.pause();
    return super.pause();
  }

  override resume(): this {
    if (this.#isStarted) this.#socket.resume();
    return super.resume();
  }

  override _read(): void {
    if (this.#isStarted) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.#request !== undefined) {
      this.#answer(chunk);
      done();
      return;
    }
    this.#options.out.feed(chunk);
    // The socket calls back once the system has taken the bytes.
    this.#socket.write(chunk, done);
  }

  override _writev(writes: { chunk: Buffer }[], done: Done): void {
    if (this.#request !== undefined) {
      for (const { chunk } of writes) this.#answer(chunk);
      done();
      return;
    }
    this.#socket.cork();
    for (const [index, { chunk }] of writes.entries()) {
      this.#options.out.feed(chunk);
      if (index === writes.length - 1) this.#socket.write(chunk, done);
      else this.#socket.write(chunk);
    }
    this.#socket.uncork();
  }

  override _final(done: Done): void {
    // A socket that is gone already has nothing left to end.
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.destroy();
    done(error);
  }

  #answer(chunk: Buffer): void {
    this.#request = `${this.#request}${chunk.toString("latin1")}`;
    if (!this.#request.endsWith("\r\n\r\n")) return;
    const key = /^sec-websocket-key: *(.*)$/im.exec(this.#request)?.[1] ?? "";
    this.#request = undefined;
    const { extensions: agreed } = this.#options;
    const extensions = agreed === undefined ? "" : `Sec-WebSocket-Extensions: ${agreed}\r\n`;
    this.push(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n${extensions}\r\n`,
    );
  }
}
