/** Owns sending messages of a size to see whether they are taken, on as few connections as it takes. */
import { randomBytes } from "node:crypto";
import { encodeFrame, frameSize } from "../../frame/encode.js";
import { Opcode } from "../../frame/opcode.js";
import type { HeardEnd } from "../heard.js";
import type { OpenSocket } from "../open-socket.js";
import type { Subject } from "../subject.js";
import { answersPing, patienceOver, pingSize } from "./aliveness.js";
import { openFor, openingHandshakes } from "./opening.js";
import type { Taken } from "./size-search.js";

/** Bytes that are written at once: what the server says in between ends the sending. */
const piece = 65_536;

/** What may be spent. */
export interface SizeBudget {
  readonly handshakes: number;
  readonly bytes: number;
  /** Milliseconds that the server has to answer a ping after each message. */
  readonly patience: number;
}

/** JSON of exactly that size, from 12 bytes on. */
function jsonOf(size: number): Buffer {
  return Buffer.from(`{"wsctl":"${"x".repeat(size - 12)}"}`);
}

/** Tries sizes. */
export class SizedMessages {
  /** How messages were refused, in few words each. */
  readonly ends: HeardEnd[] = [];
  /** Why it came to its end, where it did. */
  lack: string | undefined = undefined;
  readonly #subject: Subject;
  readonly #patience: number;
  #handshakes: number;
  #bytes: number;
  #socket: OpenSocket | undefined = undefined;
  /** Messages that were taken on this connection. */
  #taken = 0;

  constructor(subject: Subject, { handshakes, bytes, patience }: SizeBudget) {
    this.#subject = subject;
    this.#patience = patienceOver(subject, patience);
    this.#handshakes = handshakes;
    this.#bytes = bytes;
  }

  /** Sends a message of so many bytes. */
  async attempt(size: number): Promise<Taken> {
    const first = await this.#once(size);
    if (first !== "refused" || this.#taken === 0) return first;
    const { ended } = this.#socket?.heard ?? {};
    if (ended?.kind === "close" && ended.status.code === 1009) return first;
    // It may have been one message too many, not too large.
    this.ends.pop();
    return this.#once(size);
  }

  /** Says goodbye. */
  async close(): Promise<void> {
    await this.#socket?.close();
    this.#socket = undefined;
  }

  async #once(size: number): Promise<Taken> {
    const cost = frameSize(size, true) + pingSize;
    if (cost > this.#bytes) return this.#stop("no more bytes may be sent");
    const socket = this.#socket?.isOpen === true ? this.#socket : await this.#open();
    if (!socket) return "unknown";
    this.#bytes -= cost;
    const { signal } = this.#subject;
    const mask = randomBytes(4).readUInt32BE();
    const frame = encodeFrame({ opcode: Opcode.text, mask }, jsonOf(size));
    for (let at = 0; at < frame.length && socket.isOpen && !signal.aborted; at += piece) {
      socket.sendRaw(frame.subarray(at, at + piece));
      // Time to hear what it has to say.
      if (frame.length > piece) await socket.until(() => false, 1, signal);
    }
    const isAnswering = await answersPing(socket, this.#patience, signal);
    const { ended, violation } = socket.heard;
    if (violation !== undefined) return this.#stop(violation);
    if (ended) {
      this.ends.push(ended);
      return "refused";
    }
    if (!isAnswering) return this.#stop("a ping is not answered in time");
    this.#taken++;
    return "taken";
  }

  async #open(): Promise<OpenSocket | undefined> {
    await this.close();
    this.#taken = 0;
    if (this.#handshakes < openingHandshakes) {
      this.#stop("no more connections may be opened");
      return undefined;
    }
    const { asker, signal } = this.#subject;
    const opening = await openFor({ asker, signal });
    this.#handshakes -= opening.handshakes;
    if (!opening.socket) this.#stop(opening.lack.message);
    this.#socket = opening.socket;
    return opening.socket;
  }

  #stop(why: string): "unknown" {
    this.lack = why;
    return "unknown";
  }
}
