/**
 * Owns how a session is recorded: what it tells becomes lines of a recording, and both its directions
 * are held up while the recorder cannot keep up.
 */
import { UpgradeRefused } from "../dial/refusal.js";
import { UpgradeInvalid } from "../dial/upgrade.js";
import { Opcode } from "../frame/opcode.js";
import type { Upgrade } from "../frame/upgrade.js";
import type { Recorder } from "../recording/recorder.js";
import { Fragments } from "./fragments.js";
import type { Session } from "./session.js";
import type { SessionEnd, SessionFrame, SessionGap, SessionMessage } from "./session-events.js";
import { WireOrder } from "./wire-order.js";

/** What of a recorder a session needs. */
interface Tape extends Pick<Recorder, "upgrade" | "message" | "gap" | "close" | "behind"> {
  on(event: "pressure", listener: () => void): unknown;
  off(event: "pressure", listener: () => void): unknown;
}

/** A session that is being recorded. */
export interface Keeping {
  /** How often its connection was lost and opened again meanwhile. */
  readonly gaps: number;
  /** Whether it has had nothing to tell so far. */
  readonly isEmpty: boolean;
  /** Hears no more of it. */
  stop(): void;
  /** The same, of one that is left for another, and closed with 1000 when nobody looks. */
  leave(): void;
}

const sides = { us: "client", them: "server" } as const;

class Keeper implements Keeping {
  gaps = 0;
  isEmpty = true;
  readonly #session: Session;
  readonly #tape: Tape;
  readonly #fragments = { in: new Fragments(), out: new Fragments() };
  /** What the session's clock is behind the tape's, in ms. */
  #behind: number | undefined = undefined;
  readonly #order = new WireOrder((frame) => this.#control(frame));
  /** Of the latest line, on the tape's clock: no time goes back. */
  #latest = 0;
  #attempt = 0;
  #isOpen = false;
  #isHeld = false;
  readonly #onOpen = (upgrade: Upgrade, gap: number | undefined) => this.#opened(upgrade, gap);
  readonly #onFailed = (error: Error) => this.#failed(error);
  readonly #onFrame = (frame: SessionFrame) => this.#frame(frame);
  readonly #onMessage = (message: SessionMessage) => this.#message(message);
  /** Its messages go on to be told, its pings and pongs do not. */
  readonly #onUnseen = () => this.#tape.gap({ why: "frames unseen" });
  readonly #onLost = (end: SessionEnd) => this.#closed(end);
  readonly #onWaiting = ({ attempt }: SessionGap) => {
    this.#attempt = attempt;
  };
  readonly #look = () => this.#hold(this.#tape.behind && this.#isAlive);

  constructor(session: Session, tape: Tape) {
    this.#session = session;
    this.#tape = tape;
    session.on("open", this.#onOpen);
    session.on("failed", this.#onFailed);
    session.on("frame", this.#onFrame);
    session.on("message", this.#onMessage);
    session.on("unseen", this.#onUnseen);
    session.on("lost", this.#onLost);
    session.on("waiting", this.#onWaiting);
    session.on("end", this.#onLost);
    session.on("state", this.#look);
    tape.on("pressure", this.#look);
    if (session.state === "open" && session.upgrade) this.#opened(session.upgrade, undefined);
    this.#look();
  }

  stop(): void {
    const session = this.#session;
    session.off("open", this.#onOpen);
    session.off("failed", this.#onFailed);
    session.off("frame", this.#onFrame);
    session.off("message", this.#onMessage);
    session.off("unseen", this.#onUnseen);
    session.off("lost", this.#onLost);
    session.off("waiting", this.#onWaiting);
    session.off("end", this.#onLost);
    session.off("state", this.#look);
    this.#tape.off("pressure", this.#look);
    this.#hold(false);
    // It was cut, and nobody waits to be told.
    if (this.#isOpen && session.state === "closing") this.#unclosed();
  }

  leave(): void {
    if (this.#isOpen) this.#close({ by: "client", code: 1000, reason: "" });
    this.stop();
  }

  /** Whether it would go on by itself: one that is being closed has to read how that is answered. */
  get #isAlive(): boolean {
    const { state } = this.#session;
    return state !== "closing" && state !== "closed";
  }

  #hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#session.hold(isHeld);
  }

  #opened(upgrade: Upgrade, gap: number | undefined): void {
    if (gap !== undefined) {
      this.gaps++;
      // There is none where somebody has asked to connect again.
      const attempt = this.#attempt === 0 ? undefined : this.#attempt;
      this.#tape.gap({ why: "reconnect", attempt, lasted: gap });
    }
    this.#attempt = 0;
    this.#isOpen = true;
    this.#exchange(upgrade, { ...upgrade.phases });
  }

  #failed(error: Error): void {
    if (error instanceof UpgradeRefused) this.#exchange(error);
    if (!(error instanceof UpgradeInvalid)) return;
    this.#exchange(error);
    // Its status is that of a connection that stands.
    this.#unclosed();
  }

  #exchange(
    { request, response }: Pick<Upgrade, "request" | "response">,
    phases?: Readonly<Record<string, number>>,
  ): void {
    this.isEmpty = false;
    this.#tape.upgrade({
      status: response.status,
      target: request.target,
      request: request.headers,
      response: response.headers,
      phases,
    });
  }

  #frame(frame: SessionFrame): void {
    const { direction, control } = frame;
    if (control === undefined) this.#fragments[direction].add(frame);
    if (direction === "in") this.#order.frame(frame);
    else this.#control(frame);
  }

  #control({ direction, opcode, at, control }: SessionFrame): void {
    if (control === undefined || opcode === Opcode.close) return;
    this.#tape.message({ direction, op: opcode, payload: control, at: this.#time(at) });
  }

  #message(message: SessionMessage): void {
    const { direction, binary, data, at, wire, frames, compressed } = message;
    this.#tape.message({
      direction,
      op: binary ? Opcode.binary : Opcode.text,
      payload: data,
      at: this.#time(at),
      // Where the frames could not be followed, nothing is known of them.
      wire: frames === 0 ? undefined : wire,
      rsv1: compressed,
      frags: this.#fragments[direction].of(message),
    });
    if (direction === "in" && frames > 0) this.#order.message();
  }

  #closed({ by, code, reason }: SessionEnd): void {
    this.#order.end();
    // Of a session that is lost and does not come back, `lost` has told already.
    if (this.#isOpen) this.#close({ by: by === undefined ? "nobody" : sides[by], code, reason });
  }

  #unclosed(): void {
    this.#close({ by: "nobody", code: 1006, reason: "" });
  }

  #close(close: Parameters<Tape["close"]>[0]): void {
    this.#isOpen = false;
    this.#tape.close(close);
  }

  /** A time of the session on the tape's clock. */
  #time(at: number): number {
    this.#behind ??= performance.now() - this.#session.elapsed;
    this.#latest = Math.max(this.#latest, at + this.#behind);
    return this.#latest;
  }
}

/**
 * Records a session from now on: its upgrades (a refused one, too), whole messages with what they
 * were on the wire, pings and pongs, closes, and reconnects as gaps. An open session begins with the
 * upgrade that has opened it. While the recorder is behind, the session is held; one that is being
 * closed is not, so that the close can be answered.
 *
 * @param recorder one whose clock is `performance.now`
 */
export function keepSession(session: Session, recorder: Tape): Keeping {
  return new Keeper(session, recorder);
}
