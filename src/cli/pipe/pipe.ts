/**
 * Owns a session without a person: what comes in goes out, what is said is shown, and it ends when
 * there is nothing more to do.
 */
import { WsctlError } from "../../base/errors.js";
import { MessageView } from "../../message/view.js";
import { Opcode } from "../../frame/opcode.js";
import type { Session } from "../../session/session.js";
import type { SessionEnd, SessionFrame, SessionMessage } from "../../session/session-events.js";
import type { Interrupt } from "../interrupt.js";
import type { Goals } from "./goals.js";
import type { Input } from "./input.js";
import type { LensWatch } from "./lens-watch.js";
import { type Outcome, outcomeOf, type Why } from "./outcome.js";
import type { Output } from "./output.js";
import { Patience } from "./patience.js";
import { Pump } from "./pump.js";
import type { PipeView } from "./view.js";

/** Something that is written to, and may not keep up. */
type Written = Pick<Output, "isFull" | "flush">;

/** What a pipe is made of. */
export interface PipeOptions {
  readonly session: Session;
  readonly input: Input;
  readonly view: PipeView;
  /**
   * Where what passes is written; whoever made them passes their changes on to
   * {@link Pipe.onOutputChange}.
   */
  readonly outputs: readonly Written[];
  readonly goals: Goals;
  readonly lens: LensWatch | undefined;
  /**
   * Milliseconds: with goals, how long they are waited for since the last message went out; without,
   * how long the other side has to be silent when all has gone out. Infinity for ever.
   */
  readonly wait: number;
  /** Whether what goes out is shown as well, so that sending has to wait for its readers. */
  readonly showsSent: boolean;
  readonly interrupt: Interrupt;
  /** Ends it in good order when it is aborted. */
  readonly over?: AbortSignal | undefined;
}

/** One session from its start to its end. */
export class Pipe {
  readonly #options: PipeOptions;
  readonly #pump: Pump;
  readonly #patience: Patience;
  #hasRoom: (() => void) | undefined = undefined;
  #isOpen = false;
  #isFed = false;
  /** Bytes that had come when the waiting began anew. */
  #heard = 0;
  #why: Why | undefined = undefined;
  #trouble: unknown = undefined;

  constructor(options: PipeOptions) {
    this.#options = options;
    this.#pump = new Pump(options.session, () => this.#onTaken());
    this.#patience = new Patience(options.wait, () => this.#onPatienceEnd());
  }

  /**
   * @throws DialError when the connection cannot be opened; WsctlError WSCTL_EUSAGE when the input
   *   cannot be read or sent
   */
  async run(): Promise<Outcome> {
    const { session, view, interrupt, goals, wait, over } = this.#options;
    const ended = new Promise<SessionEnd>((resolve) => session.once("end", resolve));
    if (interrupt.stop.aborted) throw new WsctlError("WSCTL_EABORTED", "interrupted");
    this.#listen();
    interrupt.stop.addEventListener("abort", () => this.#finish("interrupted"));
    interrupt.abort.addEventListener("abort", () => session.terminate());
    over?.addEventListener("abort", () => this.#finish("over"));
    view.begin();
    // Begun before the connection is open: what comes meanwhile waits, and is not lost.
    const feeding = this.#feed();
    let end: SessionEnd;
    try {
      await session.connect();
      end = await ended;
    } catch (thrown) {
      // An input that cannot be sent ends the dial, whose own error says nothing then.
      const error = this.#why === "input" ? this.#trouble : thrown;
      view.failed(error instanceof Error ? error : new Error(String(error)));
      this.#flush();
      throw error;
    } finally {
      this.#patience.stop();
      this.#stopInput();
      await feeding;
    }
    view.ended(end);
    this.#flush();
    if (this.#why === "input") throw this.#trouble;
    return outcomeOf({ why: this.#why, end, goals, wait, lost: this.#pump.lost });
  }

  /** To be called when an output is full, and when it has room again. */
  onOutputChange(): void {
    const { session } = this.#options;
    if (this.#isFull && !this.#isMuted) {
      session.pause();
      return;
    }
    session.resume();
    this.#hasRoom?.();
    // Nothing could be read meanwhile: that was no silence of the other side.
    this.#stir();
  }

  /** Whether somebody who reads what is written is behind. */
  get #isFull(): boolean {
    return this.#options.outputs.some(({ isFull }) => isFull);
  }

  /** Whether what comes is shown no more: it is not wanted, and nobody may be there to read it. */
  get #isMuted(): boolean {
    return this.#why !== undefined && this.#why !== "silence";
  }

  #listen(): void {
    const { session, view } = this.#options;
    session.on("open", (upgrade, gap) => {
      this.#isOpen = true;
      view.opened(upgrade, gap, session.unconfirmed);
      this.#stir();
    });
    session.on("lost", (end) => view.lost(end));
    session.on("waiting", (gap) => view.waiting(gap));
    session.on("rtt", (ms) => view.rtt(ms));
    session.on("unseen", (violation) => view.unseen(violation));
    session.on("frame", (frame) => this.#onFrame(frame));
    session.on("message", (message) => this.#onMessage(message));
  }

  #onFrame(frame: SessionFrame): void {
    const { direction, opcode, control } = frame;
    if (this.#isMuted && !control) return;
    this.#options.view.frame(frame);
    if (direction === "out") return;
    if (control) this.#see(new MessageView(opcode, control), false);
    else this.#onHeard();
  }

  #onMessage(message: SessionMessage): void {
    if (this.#isMuted) return;
    const { view, lens } = this.#options;
    const isWritten = view.message(message, lens?.see(message));
    if (message.direction === "out") return;
    this.#onHeard();
    const opcode = message.binary ? Opcode.binary : Opcode.text;
    this.#see(new MessageView(opcode, message.data), isWritten);
  }

  /** What was asked for has to come in time, whatever else comes; silence is broken by any data. */
  #onHeard(): void {
    if (!this.#options.goals.any) this.#stir();
  }

  #see(what: MessageView, counts: boolean): void {
    const { goals } = this.#options;
    if (!goals.any || this.#why) return;
    goals.see(what, counts);
    this.#look();
  }

  #onTaken(): void {
    if (this.#isOpen) this.#stir();
  }

  /** Ends it if all has come that was asked for, and all has gone that was to be said. */
  #look(): void {
    const { goals } = this.#options;
    if (goals.any && (goals.isOver || (this.#isFed && goals.isComplete))) this.#finish("met");
  }

  /** Something has happened: the waiting begins anew, if there is anything to wait for yet. */
  #stir(): void {
    this.#heard = this.#options.session.received;
    if (this.#isOpen && (this.#isFed || this.#options.goals.any)) this.#patience.push();
  }

  #onPatienceEnd(): void {
    const { goals, session } = this.#options;
    // A frame that comes slowly is no silence either.
    const isComing = session.isMidFrame && session.received > this.#heard;
    if (this.#isFull || (isComing && !goals.any)) {
      this.#stir();
    } else if (!goals.any) {
      this.#finish("silence");
    } else {
      this.#finish(goals.isMet ? "met" : "timeout");
    }
  }

  async #feed(): Promise<void> {
    const { input, showsSent } = this.#options;
    try {
      for await (const message of input.messages()) {
        await this.#pump.push(message);
        if (showsSent) await this.#room();
      }
      await this.#pump.settled();
      this.#isFed = true;
      this.#stir();
      this.#look();
    } catch (error) {
      // What was read before it is sent all the same.
      this.#trouble = error;
      await this.#pump.settled();
      this.#finish("input");
    }
  }

  /** Resolves when the readers have caught up, or nothing is written any more. */
  async #room(): Promise<void> {
    while (this.#isFull && !this.#isMuted) {
      await new Promise<void>((resolve) => {
        this.#hasRoom = resolve;
      });
    }
  }

  #flush(): void {
    for (const output of this.#options.outputs) output.flush();
  }

  #stopInput(): void {
    this.#options.input.stop();
    this.#hasRoom?.();
  }

  #finish(why: Why): void {
    if (this.#why) return;
    this.#why = why;
    this.#patience.stop();
    this.#stopInput();
    const { session } = this.#options;
    session.resume();
    void session.close(1000);
  }
}
