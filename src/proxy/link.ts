/** Owns the link: one client and its server as others may know and cut it. */
import type { Socket } from "node:net";
import { encodeClosePayload } from "../frame/close.js";
import { encodeFrame } from "../frame/encode.js";
import { Opcode } from "../frame/opcode.js";
import { PassedOn } from "./passed-on.js";
import type { Relay } from "./relay.js";
import { resetSocket } from "./reset-socket.js";
import { Counts } from "./tally.js";

/** How a link is cut from outside. */
export type CutWay = "close" | "fin" | "reset" | "silent";

/** What passed over a link, or over all of them. */
export interface LinkCounts {
  /** Messages from the server. */
  readonly in: number;
  /** Messages from the client. */
  readonly out: number;
  /** Payload bytes of them. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** One connection that asked for a WebSocket. */
export interface ProxyLink {
  /** 1, 2, 3 … in order of arrival. */
  readonly id: number;
  /** Address and port of the client. */
  readonly remote: string;
  /** Path that was asked for, without its query. */
  readonly path: string;
  readonly origin: string | undefined;
  /** Empty if none was agreed. */
  readonly subprotocol: string;
  /** Sec-WebSocket-Extensions of the server's answer; empty if none were agreed. */
  readonly extensions: string;
  /** The client's side, TLS included: for faults to sit on. */
  readonly socket: Socket;
  /** Whether the server has agreed to the upgrade, and its 101 is passed on. */
  readonly opened: boolean;
  /** `performance.now()` when it came. */
  readonly began: number;
  /** Bytes that wait for the client. */
  readonly buffered: number;
  /**
   * To be set by what holds back bytes for the client: how many it holds. While they are many, the
   * server is not read from.
   */
  heldBack: (() => number) | undefined;
  /** Counts so far, of whole messages and their payload bytes. */
  readonly counts: LinkCounts;
  /**
   * Cuts it. `close`: a close frame with `code` to the client, whose answer goes on to the server;
   * `fin`: TCP's end both ways; `reset`: a TCP reset both ways; `silent`: nothing passes any more.
   */
  cut(how: CutWay, code?: number, reason?: string): void;
  /** Which messages of the server went on to the client. */
  readonly passedOn: PassedOn;
  /**
   * Notes something in its recording, if there is one: before it is opened, as soon as it is.
   * @param message of those that came from the server, from 1: before that one, if it is not recorded
   * @param isTold whether the watcher hears of it too
   */
  mark(text: string, message?: number, isTold?: boolean): void;
  /** Calls `listener` once when the link is gone; with the close code if it had been opened. */
  onClose(listener: (code: number | undefined) => void): void;
}

/** Something that is noted, and whether the watcher hears of it. */
interface Mark {
  readonly text: string;
  readonly isTold: boolean;
}

type KeepMark = (text: string, isTold: boolean) => void;

/** Whom the end was sent may take so long to end as well, in ms. */
const finGrace = 2000;
/** So many notes wait for a recording that was not begun; there is one before anything passes. */
const mostEarlyMarks = 100;

/** The link as its connection keeps it. */
export class Link implements ProxyLink {
  readonly id: number;
  readonly socket: Socket;
  readonly remote: string;
  readonly path: string;
  readonly origin: string | undefined;
  readonly began = performance.now();
  readonly counts = new Counts();
  readonly passedOn = new PassedOn();
  subprotocol = "";
  extensions = "";
  opened = false;
  /** Whether the proxy itself has ended it, because it was told to. */
  isCut = false;
  heldBack: (() => number) | undefined;
  /** Set as soon as there is a server. */
  relay: Relay | undefined;
  #openedAt = 0;
  #isGone = false;
  #keepMark: KeepMark | undefined;
  /** What was noted before anybody kept it. */
  readonly #earlyMarks: Mark[] = [];
  /** What was noted of messages that were not recorded yet. */
  #marksAhead: (Mark & { readonly message: number })[] = [];
  readonly #listeners: ((code: number | undefined) => void)[] = [];

  constructor(
    id: number,
    socket: Socket,
    facts: { readonly remote: string; readonly path: string; readonly origin: string | undefined },
  ) {
    this.id = id;
    this.socket = socket;
    this.remote = facts.remote;
    this.path = facts.path;
    this.origin = facts.origin;
  }

  get buffered(): number {
    const queued = this.relay?.in.outlet.queued ?? 0;
    return this.socket.writableLength + queued + (this.heldBack?.() ?? 0);
  }

  /** Milliseconds since it was opened. */
  get lasted(): number {
    return performance.now() - this.#openedAt;
  }

  /** The server agreed. */
  open(subprotocol: string, extensions: string): void {
    this.opened = true;
    this.subprotocol = subprotocol;
    this.extensions = extensions;
    this.#openedAt = performance.now();
  }

  cut(how: CutWay, code = 1001, reason = "cut off"): void {
    const { relay, socket } = this;
    this.isCut = true;
    if (!relay || how === "reset") {
      if (relay) relay.reset();
      else resetSocket(socket);
      return;
    }
    if (how === "silent") {
      relay.silence(finGrace);
      return;
    }
    // What waits for its delay is given up: only what has left can be cut in two.
    const isBetweenFrames = this.opened && relay.in.takesFrame;
    relay.in.mute();
    if (how === "close" && isBetweenFrames) {
      const payload = encodeClosePayload(code, reason);
      socket.write(encodeFrame({ opcode: Opcode.close }, payload));
      // The server answers the client's answer and ends: the client is waiting for that.
      relay.onServerEnd(() => socket.end());
      return;
    }
    relay.out.mute();
    socket.end();
    relay.endServer();
    const late = setTimeout(() => relay.reset(), finGrace).unref();
    this.onClose(() => clearTimeout(late));
  }

  mark(text: string, message = 0, isTold = false): void {
    if (message > this.counts.in) this.#marksAhead.push({ text, message, isTold });
    else if (this.#keepMark) this.#keepMark(text, isTold);
    else if (this.#earlyMarks.length < mostEarlyMarks) this.#earlyMarks.push({ text, isTold });
  }

  /** The messages that were counted are recorded next: first what was noted of them. */
  markCounted(): void {
    const ahead = this.#marksAhead;
    if (ahead.length === 0) return;
    this.#marksAhead = ahead.filter(({ message }) => message > this.counts.in);
    for (const { text, message, isTold } of ahead) {
      if (message <= this.counts.in) this.mark(text, 0, isTold);
    }
  }

  /** From now on what is noted is kept so, and what was noted before. */
  keepMarks(keep: KeepMark): void {
    this.#keepMark = keep;
    for (const { text, isTold } of this.#earlyMarks.splice(0)) keep(text, isTold);
  }

  onClose(listener: (code: number | undefined) => void): void {
    if (this.#isGone) listener(undefined);
    else this.#listeners.push(listener);
  }

  /** It is gone. */
  gone(code: number | undefined): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const { text, isTold } of this.#marksAhead.splice(0)) this.mark(text, 0, isTold);
    for (const listener of this.#listeners.splice(0)) listener(code);
  }
}
