/**
 * Owns the echo: the codec of `frame/` finds the frames of a connection, and the answer to all that
 * one read brought leaves in one write.
 */
import { writeFrameHeader } from "../../dist/frame/encode.js";
import { FrameReader } from "../../dist/frame/frame-reader.js";
import { acceptFor } from "../../dist/frame/handshake.js";
import { isControl, Opcode } from "../../dist/frame/opcode.js";

/** Messages echoed, connections open now and opened in all, since the process began. */
export const counts = { messages: 0, open: 0, opened: 0 };

/** When each connection was opened, in ms of the process's own clock. */
export const openedAt = [];

const slabSize = 256 * 1024;
const longestHeader = 10;
/** Up to this size a loop is faster than the call that copies. */
const shortCopy = 48;
const maxPayload = 64 * 1024 * 1024;
const longestHead = 16 * 1024;

/** Echoes for all connections are gathered here: a write that the kernel took is done with it. */
let slab = Buffer.allocUnsafeSlow(slabSize);
let used = 0;
/** What the next header says; one object for all, so that nothing is allocated for a frame. */
const answer = { opcode: 0, fin: true };

/** One connection: it is upgraded, and what comes on it is answered. */
export class Echo {
  #socket;
  #reader = new FrameReader(this, { role: "server", maxPayload });
  /** What came of a request that is not whole; undefined once the connection is a WebSocket. */
  #head = Buffer.alloc(0);
  #opcode = 0;
  #fin = false;
  /** TLS holds on to what is written until it has been sent. */
  #keepsWrites;

  constructor(socket, keepsWrites) {
    this.#socket = socket;
    this.#keepsWrites = keepsWrites;
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#head === undefined) counts.open--;
    });
  }

  /** Takes `data[0, length)`, which is free again when this returns. */
  receive(data, length) {
    const start = this.#head === undefined ? 0 : this.#upgrade(data.subarray(0, length));
    if (start < 0) return;
    try {
      this.#reader.feed(data, start, length);
    } catch {
      this.#socket.destroy();
    }
    this.#flush();
  }

  /** Called by the reader, and so are the next two: a frame begins. */
  begin({ opcode, length, fin }) {
    this.#opcode = opcode;
    this.#fin = fin;
    if (opcode === Opcode.pong) return;
    if (used + longestHeader > slabSize) this.#flush();
    answer.opcode = opcode === Opcode.ping ? Opcode.pong : opcode;
    answer.fin = fin;
    used = writeFrameHeader(slab, used, answer, length);
  }

  chunk(buf, start, end) {
    if (this.#opcode === Opcode.pong) return;
    if (end - start > shortCopy) {
      this.#copy(buf, start, end);
      return;
    }
    if (used + end - start > slabSize) this.#flush();
    for (let at = start; at < end; at++) slab[used++] = buf[at];
  }

  end() {
    if (this.#fin && !isControl(this.#opcode)) counts.messages++;
    if (this.#opcode !== Opcode.close) return;
    this.#flush();
    this.#reader.stop();
    this.#socket.end();
  }

  /** Answers the request once it is whole; where in `data` the frames begin, or -1. */
  #upgrade(data) {
    const before = this.#head.length;
    const head = Buffer.concat([this.#head, data]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0 && head.length < longestHead) {
      this.#head = head;
      return -1;
    }
    const key = /^sec-websocket-key: *(\S+)/im.exec(head.toString("latin1", 0, end))?.[1];
    if (key === undefined) {
      this.#socket.destroy();
      return -1;
    }
    this.#head = undefined;
    this.#socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`,
    );
    counts.open++;
    counts.opened++;
    openedAt.push(performance.now());
    return end + 4 - before;
  }

  /** What is too long for the slab leaves in pieces. */
  #copy(buf, start, end) {
    for (let at = start; at < end;) {
      if (used === slabSize) this.#flush();
      const copied = buf.copy(slab, used, at, end);
      used += copied;
      at += copied;
    }
  }

  #flush() {
    if (used === 0) return;
    const bytes = slab.subarray(0, used);
    used = 0;
    if (this.#keepsWrites) {
      this.#socket.write(Buffer.from(bytes));
      return;
    }
    this.#socket.write(bytes);
    // What the kernel did not take at once still lies in this memory: leave it to the socket.
    if (this.#socket.writableLength > 0) slab = Buffer.allocUnsafeSlow(slabSize);
  }
}
