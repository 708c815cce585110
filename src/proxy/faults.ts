/**
 * Owns the faults of a proxy: they sit on the side of the clients, on no connection until there are
 * faults, then on every one. What passes is not written in whole frames, as a server writes, so each
 * connection's frames are followed: faults that come later begin where a frame does.
 */
import type { Socket } from "node:net";
import type { Target } from "../dial/target.js";
import type { FaultInfo, FaultLine, FaultSet } from "../faults/fault-set.js";
import { interpose } from "../serve/interpose.js";
import type { ProxyBackends } from "./backends.js";
import { FaultMarks } from "./fault-marks.js";
import { FrameBorder } from "./faults-border.js";
import type { ProxyLink } from "./link.js";

type Callback = (error?: Error | null) => void;

/** A connection, and how its faults come to it. */
interface Faulty {
  readonly link: ProxyLink;
  readonly border: FrameBorder;
  readonly marks: FaultMarks;
  /** `none`, `wanted` from the next frame on, or at work. */
  state: "none" | "wanted" | "on";
}

/** Puts faults between the proxy and its clients. */
export class ProxyFaults {
  readonly #faults: FaultSet;
  readonly #backends: ProxyBackends | undefined;
  readonly #present = new Set<Faulty>();
  readonly #lines = new WeakMap<ProxyLink, FaultLine>();
  readonly #injected = new Map<string, number>();
  /** Connection → the faults that led it elsewhere before it was known. */
  readonly #diverted = new Map<number, string[]>();
  #undelivered = 0;

  /** @param backends those of the set, if connections can be led to others */
  constructor(faults: FaultSet, backends?: ProxyBackends) {
    this.#faults = faults;
    this.#backends = backends;
  }

  /** Fault → how often it struck. */
  get injected(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#injected);
  }

  /** Messages to clients that did not leave, or not yet; less those that only faults sent. */
  get undelivered(): number {
    return this.#undelivered;
  }

  /** The faults that are on. */
  list(): FaultInfo[] {
    return this.#faults.list();
  }

  /** Where a connection that comes is led, which leads to `usual` without faults. */
  divert(index: number, client: string, usual: Target): Target {
    const arrival = { index, client, usual: usual.href };
    const other = this.#faults.divert(arrival, (name) => {
      this.#count(name, 1);
      this.#diverted.set(index, [...(this.#diverted.get(index) ?? []), name]);
    });
    return (other !== undefined && this.#backends?.target(other)) || usual;
  }

  /** A connection asks for a WebSocket; nothing was written to it. */
  meet(link: ProxyLink): void {
    const marks = new FaultMarks((...mark) => link.mark(...mark));
    const faulty: Faulty = { link, marks, border: new FrameBorder(), state: "none" };
    this.#present.add(faulty);
    link.onClose(() => {
      this.#present.delete(faulty);
      marks.end();
    });
    for (const name of this.#diverted.get(link.id) ?? []) marks.strike(name, 1);
    // Who is led elsewhere is met next, or never.
    this.#diverted.clear();
    if (this.#faults.active) this.#put(faulty, false);
    else this.#follow(faulty);
  }

  /**
   * Adds a fault to every connection, those that are open too.
   * @throws WsctlError WSCTL_EUSAGE for a fault that cannot be understood
   */
  add(spec: string): FaultInfo {
    const info = this.#faults.add(spec);
    this.#reachAll();
    return info;
  }

  /** Turns a fault off; false when there is no such one. */
  remove(id: number): boolean {
    return this.#faults.remove(id);
  }

  /** Freezes what leaves for clients for so many ms; 0 ends a freeze. */
  stall(ms: number): void {
    if (ms === 0) {
      this.#faults.thaw();
      return;
    }
    this.#reachAll();
    this.#faults.stall(ms);
  }

  /** What faults hold back for that client never leaves. */
  mute(link: ProxyLink): void {
    this.#lines.get(link)?.mute();
  }

  /** Turns everything off. */
  close(): void {
    this.#faults.close();
  }

  #reachAll(): void {
    for (const faulty of this.#present) {
      if (faulty.state !== "none") continue;
      const { border } = faulty;
      if (border.atStart || border.atBorder) this.#put(faulty, !border.atStart);
      else faulty.state = "wanted";
    }
  }

  /** @param opened whether the answer has left, so that a frame comes next */
  #put(faulty: Faulty, opened: boolean): void {
    const { link, marks } = faulty;
    faulty.state = "on";
    // The socket's own again.
    Reflect.deleteProperty(link.socket, "write");
    const { messages: before } = faulty.border;
    const line = interpose(link.socket, this.#faults, {
      index: link.id,
      opened,
      extensions: link.extensions,
      injected: (name, count, nth) => {
        this.#count(name, count);
        marks.strike(name, count, nth === undefined ? nth : link.passedOn.numberOf(before + nth));
      },
      undelivered: (change) => void (this.#undelivered += change),
    });
    this.#lines.set(link, line);
    link.heldBack = () => line.held;
  }

  #count(name: string, count: number): void {
    this.#injected.set(name, (this.#injected.get(name) ?? 0) + count);
  }

  /** Looks at what is written, until faults are wanted and a frame begins. */
  #follow(faulty: Faulty): void {
    const { link, border } = faulty;
    const { socket } = link;
    const write = socket.write.bind(socket);
    socket.write = (
      chunk: string | Uint8Array,
      second?: BufferEncoding | Callback,
      third?: Callback,
    ): boolean => {
      const encoding = typeof second === "string" ? second : undefined;
      const callback = typeof second === "function" ? second : third;
      const bytes = bufferOf(chunk, encoding);
      let at = 0;
      while (at < bytes.length) {
        at = border.next(bytes, at);
        if (faulty.state === "wanted" && border.atBorder) break;
      }
      if (faulty.state !== "wanted" || !border.atBorder) return write(bytes, callback);
      const rest = bytes.subarray(at);
      const isTaken = write(bytes.subarray(0, at), rest.length > 0 ? undefined : callback);
      this.#put(faulty, true);
      return rest.length > 0 ? relayed(socket, rest, callback) : isTaken;
    };
  }
}

function relayed(socket: Socket, rest: Buffer, callback: Callback | undefined): boolean {
  return callback ? socket.write(rest, callback) : socket.write(rest);
}

function bufferOf(chunk: string | Uint8Array, encoding: BufferEncoding | undefined): Buffer {
  if (typeof chunk === "string") return Buffer.from(chunk, encoding);
  if (Buffer.isBuffer(chunk)) return chunk;
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
