/**
 * Owns one connection of a replay: what is sent on it, what has come, when something last happened, and
 * waiting for any of that.
 */
import type { WsctlError } from "../base/errors.js";
import { longestTimer } from "../base/timer.js";
import { Opcode } from "../frame/opcode.js";
import type { Upgrade } from "../frame/upgrade.js";
import { Session } from "../session/session.js";
import type { SessionEnd, SessionMessage } from "../session/session-events.js";
import type { Outgoing, SessionOptions } from "../session/session-options.js";

/** So many bytes and messages are under way before a send waits for the system. */
const mostUnderWay = { bytes: 256 * 1024, messages: 256 };

/**
 * How long the system may take nothing of ours while the server is held up, in ms: most likely the
 * server does not read because we do not.
 */
const longestStandstill = 200;

/** How long the answer to a close is waited for when the replay was stopped, in ms. */
const shortPatience = 1000;

/** So often the system is asked for what has come before it is said that nothing has. */
const lastTurns = 3;

/** One connection. */
export class Leg {
  /** How it ended; undefined while it is open. */
  end: SessionEnd | undefined = undefined;
  /** Messages that the server has sent. */
  received = 0;
  /** When something was last sent or came, in ms on the clock of `performance.now`. */
  lastActivity = performance.now();
  readonly #session: Session;
  readonly #signal: AbortSignal | undefined;
  /** Ends the wait for the system. */
  #giveUp: (() => void) | undefined = undefined;
  readonly #underWay = new Set<Promise<void>>();
  #bytesUnderWay = 0;
  #isPaused = false;
  /** Runs out when the system takes nothing of ours while the server is held up. */
  #standstill: NodeJS.Timeout | undefined = undefined;
  /** Whether the server is not held up, however much has come, since nobody could go on. */
  #isLet = false;
  #wake: (() => void) | undefined = undefined;

  /**
   * @param onMessage told of each data message that comes
   * @param signal ends every wait
   */
  constructor(
    options: SessionOptions,
    onMessage: (message: SessionMessage) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#signal = signal;
    signal?.addEventListener("abort", () => this.#giveUp?.(), { once: true });
    this.#session = new Session(options);
    this.#session.on("message", (message) => {
      if (message.direction === "out") return;
      this.received++;
      this.lastActivity = performance.now();
      onMessage(message);
      this.#wake?.();
    });
    this.#session.on("end", (end) => {
      this.end = end;
      clearInterval(this.#standstill);
      this.#wake?.();
    });
  }

  /** @throws DialError when it cannot be opened */
  async open(): Promise<Upgrade> {
    const stop = (): void => this.#session.terminate();
    this.#signal?.addEventListener("abort", stop, { once: true });
    try {
      return await this.#session.connect();
    } finally {
      this.#signal?.removeEventListener("abort", stop);
      this.lastActivity = performance.now();
    }
  }

  /** Whether something can be sent. */
  get isOpen(): boolean {
    return this.end === undefined && this.#session.state === "open";
  }

  /**
   * Sends a message; waits only where much is under way.
   * @returns whether it was handed over: the connection may end before it arrives
   */
  async send(message: Outgoing): Promise<boolean> {
    if (!this.isOpen) return false;
    this.lastActivity = performance.now();
    const size = message.data.length;
    const sending: Promise<void> = this.#session
      .send(message)
      // A connection that ends meanwhile is told of by its end.
      .catch(() => {})
      .finally(() => {
        this.#underWay.delete(sending);
        this.#bytesUnderWay -= size;
        this.#standstill?.refresh();
      });
    this.#underWay.add(sending);
    this.#bytesUnderWay += size;
    while (
      this.#bytesUnderWay > mostUnderWay.bytes ||
      this.#underWay.size >= mostUnderWay.messages
    ) {
      // Whoever stops the replay does not wait for a server that does not read.
      if (this.#signal?.aborted) break;
      const [first] = this.#underWay;
      await this.#orStopped(first!);
    }
    return true;
  }

  /** Waits for that, but no longer once the replay is stopped. */
  #orStopped(something: Promise<unknown>): Promise<void> {
    if (this.#signal?.aborted === true) return Promise.resolve();
    // A race with a promise of the whole connection would hold everything that ever took part in one.
    return new Promise((resolve) => {
      this.#giveUp = resolve;
      void something.then(() => resolve());
    });
  }

  /** Sends a ping or a pong, after all messages before it. */
  async control(op: typeof Opcode.ping | typeof Opcode.pong, payload: Buffer): Promise<boolean> {
    await this.#orStopped(Promise.all(this.#underWay));
    if (!this.isOpen) return false;
    this.lastActivity = performance.now();
    const kind = op === Opcode.ping ? "ping" : "pong";
    return this.#session[kind](payload).then(
      () => true,
      () => false,
    );
  }

  /**
   * Waits until something is so; looks again whenever a message has come or the connection ended.
   *
   * @param left milliseconds that may be waited from now on; asked again each time
   * @returns whether it is so: false when time ran out or the replay was stopped
   */
  async until(isSo: () => boolean, left: () => number): Promise<boolean> {
    let turns = 0;
    for (;;) {
      if (isSo()) return true;
      if (this.#signal?.aborted === true) return false;
      const ms = left();
      if (ms > 0) {
        turns = 0;
        await this.#something(ms);
      } else if (turns++ < lastTurns) {
        // A process that was kept from running has not read yet what has long come.
        await new Promise((resolve) => setImmediate(resolve));
      } else return false;
    }
  }

  /**
   * Holds the server up, or no longer. Where that would keep us from sending it is not held up until
   * it need not be any more.
   */
  hold(isHeld: boolean): void {
    if (!isHeld) this.#isLet = false;
    if (isHeld === this.#isPaused || (isHeld && this.#isLet)) return;
    this.#isPaused = isHeld;
    clearInterval(this.#standstill);
    this.#standstill = isHeld ? setInterval(() => this.#goOn(), longestStandstill) : undefined;
    if (isHeld) this.#session.pause();
    else this.#session.resume();
  }

  #goOn(): void {
    if (this.#underWay.size === 0) return;
    this.hold(false);
    this.#isLet = true;
  }

  /**
   * Closes the connection after all that was sent.
   * @param code undefined sends a close frame without one
   */
  async close(code: number | undefined, reason: string): Promise<SessionEnd> {
    // A server that is held up could not answer.
    this.hold(false);
    return this.#session.close(code, reason);
  }

  /** Waits for something, but not for long: whoever stops the replay wants to leave. */
  async shortly(something: Promise<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, shortPatience)));
    await Promise.race([something, enough]);
    clearTimeout(timer);
  }

  /** Cuts the connection. */
  cut(): void {
    clearInterval(this.#standstill);
    this.#session.terminate();
  }

  #something(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#signal?.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.min(Math.ceil(ms), longestTimer));
      this.#signal?.addEventListener("abort", done);
      this.#wake = done;
    });
  }
}

/** Why a connection ended as it should not have; undefined for a close in good order. */
export function breakOf({ code, error }: SessionEnd): Error | undefined {
  if (error !== undefined) return error;
  return code === 1006 ? new Error("the connection ended without a close frame") : undefined;
}

/** What an error of the library tells beside its message. */
export function failureOf(error: unknown): {
  code: string;
  message: string;
  hint?: string | undefined;
  where: readonly string[];
} {
  const { code, hint, where } = error as Partial<WsctlError>;
  return {
    code: typeof code === "string" ? code : "",
    message: error instanceof Error ? error.message : String(error),
    ...(typeof hint === "string" ? { hint } : {}),
    where: Array.isArray(where) ? where : [],
  };
}
