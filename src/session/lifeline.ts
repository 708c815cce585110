/**
 * Owns the life of a session: it is dialled, opens, is lost, waits, is dialled again, and ends. One
 * connection at a time, and every way out of every state.
 */
import type { EventEmitter } from "node:events";
import { WsctlError } from "../base/errors.js";
import { dial } from "../dial/dial.js";
import { DialError } from "../dial/dial-error.js";
import type { Upgrade } from "../frame/upgrade.js";
import { offerOf } from "./compression.js";
import { Connection, type ConnectionWitness } from "./connection.js";
import { drainTimeout, neverOpened, unsent } from "./ending.js";
import { Outbox } from "./outbox.js";
import type { SessionEnd, SessionEvents, SessionState } from "./session-events.js";
import type { SessionOptions } from "./session-options.js";

interface Waiter {
  readonly resolve: (upgrade: Upgrade) => void;
  readonly reject: (error: unknown) => void;
}

/** What a life needs of its session. */
export interface LifelineOptions {
  readonly session: SessionOptions;
  readonly random: () => number;
  /** Told of `state`, `failed`, `open`, `lost`, `waiting` and `end`. */
  readonly events: EventEmitter<SessionEvents>;
  /** Told of all that passes. */
  readonly witness: ConnectionWitness;
  /** Called with each open connection before anyone is told of it. */
  readonly onOpen: (connection: Connection, gap: number | undefined) => void;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** The connections of one session, one after another. */
export class Lifeline {
  state: SessionState = "closed";
  /** Open, or being opened or closed. */
  connection: Connection | undefined = undefined;
  /** Of the present connection, or the last. */
  upgrade: Upgrade | undefined = undefined;
  readonly outbox = new Outbox();
  readonly #options: LifelineOptions;
  /** Ends the dial under way; aborted when what was begun is over. */
  #abort = new AbortController();
  #dialling: Promise<Upgrade> | undefined = undefined;
  /** Waits for a connection that is dialled and not open yet. */
  #opening: Waiter | undefined = undefined;
  /** Set while a connection is closed only to be opened again. */
  #again: Waiter | undefined = undefined;
  #closers: ((end: SessionEnd) => void)[] = [];
  #last = neverOpened;
  #openedAt: number | undefined = undefined;
  #lostAt: number | undefined = undefined;
  #attempt = 0;
  /** So far: the addresses to leave from take turns. */
  #dials = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  readonly #onAbort = () => this.terminate();

  constructor(options: LifelineOptions) {
    this.#options = options;
  }

  async connect(): Promise<Upgrade> {
    if (this.state !== "closed") {
      throw new WsctlError("WSCTL_EUSAGE", `the session is ${this.state} already`);
    }
    this.outbox.open();
    this.#attempt = 0;
    this.#last = neverOpened;
    this.#openedAt = undefined;
    this.#lostAt = undefined;
    this.#options.session.dial.signal?.addEventListener("abort", this.#onAbort);
    const abort = this.#newAbort();
    try {
      return await this.#dial(abort.signal);
    } catch (error) {
      if (this.#isUnderWay(abort)) this.#finish({ ...neverOpened, error: asError(error) });
      throw error;
    }
  }

  async reconnect(): Promise<Upgrade> {
    if (this.state === "closed") return this.connect();
    if (this.state === "connecting") return this.#dialling!;
    if (this.state === "closing") {
      throw new WsctlError("WSCTL_EUSAGE", "the session is being closed");
    }
    if (this.state === "waiting") {
      this.#attempt = 0;
      return this.#redial(this.#last);
    }
    this.#setState("closing");
    return new Promise((resolve, reject) => {
      this.#again = { resolve, reject };
      this.connection?.close(1000, "");
    });
  }

  close(code: number | undefined, reason: string): Promise<SessionEnd> {
    if (this.state === "closed") return Promise.resolve(this.#last);
    const end = new Promise<SessionEnd>((resolve) => this.#closers.push(resolve));
    this.#stayDown();
    this.outbox.seal(unsent("not sent: the session is being closed"));
    if (this.state === "open") {
      this.#setState("closing");
      const { connection } = this;
      this.outbox.drain(
        () => connection?.close(code, reason),
        () => connection?.terminate(drainTimeout()),
      );
    } else if (this.state !== "closing") {
      this.#finish(this.#last);
    }
    return end;
  }

  terminate(): void {
    this.#stayDown();
    if (this.state === "open" || this.state === "closing") {
      this.#setState("closing");
      this.connection?.terminate();
    } else if (this.state !== "closed") {
      this.#finish(this.#last);
    }
  }

  /** A connection has opened. */
  opened(connection: Connection): void {
    const { events, onOpen, session } = this.#options;
    const opening = this.#opening;
    if (connection !== this.connection || !opening) {
      connection.terminate();
      return;
    }
    this.#opening = undefined;
    this.upgrade = connection.upgrade;
    this.#openedAt = performance.now();
    const gap = this.#lostAt === undefined ? undefined : this.#openedAt - this.#lostAt;
    this.#lostAt = undefined;
    onOpen(connection, gap);
    opening.resolve(connection.upgrade);
    this.#setState("open");
    events.emit("open", connection.upgrade, gap);
    if (connection !== this.connection) return;
    this.outbox.attach((message, done) => connection.send(message, done), session.preamble);
  }

  /** A connection has ended. */
  ended(connection: Connection, end: SessionEnd): void {
    if (connection !== this.connection) return;
    const { events, session } = this.#options;
    this.connection = undefined;
    if (this.#opening) {
      const message = "the connection was lost as soon as it was open";
      const details = { cause: end.error };
      this.#opening.reject(new DialError("WSCTL_ECLOSED", "upgrade", "closed", message, details));
      this.#opening = undefined;
      return;
    }
    this.#last = end;
    this.outbox.detach(
      unsent("the connection was lost: nobody knows whether the message arrived", end.error),
    );
    const again = this.#again;
    this.#again = undefined;
    if (!again && (this.state === "closing" || !session.reconnect)) {
      this.#finish(end);
      return;
    }
    const lostAt = performance.now();
    this.#lostAt = lostAt;
    const held = lostAt - (this.#openedAt ?? lostAt);
    if (again || session.reconnect?.resets(held)) this.#attempt = 0;
    this.#setState("waiting");
    if (this.#isWaiting) events.emit("lost", end);
    if (again) {
      if (this.#isWaiting) this.#redial(end).then(again.resolve, again.reject);
      else again.reject(unsent("the session was ended by hand"));
    } else if (this.#isWaiting) {
      this.#retry(end);
    }
  }

  /** Whether it waits and nothing is under way: listeners may have changed that. */
  get #isWaiting(): boolean {
    return this.state === "waiting" && this.#timer === undefined;
  }

  #setState(state: SessionState): void {
    if (state === this.state) return;
    this.state = state;
    this.#options.events.emit("state", state);
  }

  #newAbort(): AbortController {
    const abort = new AbortController();
    this.#abort = abort;
    const given = this.#options.session.dial.signal;
    if (given?.aborted) abort.abort(given.reason);
    return abort;
  }

  /** Whether what was begun with that controller is not over: a session may have been ended since. */
  #isUnderWay(abort: AbortController): boolean {
    return abort === this.#abort && this.state !== "closed";
  }

  #dial(signal: AbortSignal): Promise<Upgrade> {
    this.#setState("connecting");
    const dialling = this.#open(signal).catch((error: unknown) => {
      if (!signal.aborted) this.#options.events.emit("failed", asError(error));
      throw error;
    });
    this.#dialling = dialling;
    return dialling;
  }

  async #open(signal: AbortSignal): Promise<Upgrade> {
    const { session, witness } = this.#options;
    const { compression, target, dial: how, localAddresses = [how.localAddress] } = session;
    const offer = compression && offerOf(compression);
    const request = { ...how.request, extensions: how.request?.extensions ?? offer };
    const localAddress = localAddresses[this.#dials++ % localAddresses.length];
    const dialled = await dial(target, { ...how, localAddress, sink: undefined, signal, request });
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        dialled.wire.destroy();
        reject(new DialError("WSCTL_EABORTED", "upgrade", "aborted", "aborted while opening"));
        return;
      }
      this.connection = new Connection(dialled, session, witness, this);
      this.#opening = { resolve, reject };
    });
  }

  /** @param end how the last connection ended, should there be no other */
  async #redial(end: SessionEnd): Promise<Upgrade> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const abort = this.#newAbort();
    try {
      return await this.#dial(abort.signal);
    } catch (error) {
      if (this.#isUnderWay(abort)) this.#retry({ ...end, error: asError(error) });
      throw error;
    }
  }

  #retry(end: SessionEnd): void {
    const { events, random, session } = this.#options;
    this.#attempt++;
    const delay = session.reconnect?.delay(this.#attempt, random());
    if (delay === undefined) {
      this.#finish(end);
      return;
    }
    this.#setState("waiting");
    if (this.#isWaiting) events.emit("waiting", { attempt: this.#attempt, delay });
    if (!this.#isWaiting) return;
    // What fails here goes on by itself, and nobody waits for it.
    this.#timer = setTimeout(() => void this.#redial(end).catch(() => {}), delay);
  }

  /** Of a connection that was closed to be opened again: it stays closed. */
  #stayDown(): void {
    const again = this.#again;
    this.#again = undefined;
    again?.reject(unsent("the session was ended by hand"));
  }

  #finish(end: SessionEnd): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort.abort();
    const { connection } = this;
    this.connection = undefined;
    connection?.terminate();
    this.#opening?.reject(new DialError("WSCTL_EABORTED", "upgrade", "aborted", "aborted"));
    this.#opening = undefined;
    this.#options.session.dial.signal?.removeEventListener("abort", this.#onAbort);
    this.#last = end;
    this.outbox.refuse(unsent("not sent: the session is over", end.error));
    const closers = this.#closers;
    this.#closers = [];
    this.#setState("closed");
    if (this.#openedAt !== undefined) this.#options.events.emit("end", end);
    for (const resolve of closers) resolve(end);
  }
}
