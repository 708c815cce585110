/** Owns the answers that a session gives by itself, such as to the heartbeat of an application. */
import { compileMatcher, type Matcher } from "../message/matcher.js";
import { MessageView } from "../message/view.js";
import type { AutoReply, Outgoing } from "./session-options.js";

/** How many answers may wait to be written before no more is read. */
const mostOwed = 64;

/** The rules of one session, and how many of its answers have not gone yet. */
export class AutoReplies {
  readonly #rules: readonly { readonly matcher: Matcher; readonly send: Outgoing }[];
  readonly #send: (message: Outgoing) => Promise<void>;
  readonly #onChange: () => void;
  #owed = 0;

  /**
   * @param send sends one answer
   * @param onChange called when `isBehind` may have changed
   * @throws WsctlError WSCTL_EUSAGE for a matcher that cannot be compiled
   */
  constructor(
    rules: readonly AutoReply[],
    send: (message: Outgoing) => Promise<void>,
    onChange: () => void,
  ) {
    this.#rules = rules.map((rule) => ({ matcher: compileMatcher(rule.match), send: rule.send }));
    this.#send = send;
    this.#onChange = onChange;
  }

  /**
   * Whether so many answers wait that reading has to: a server that asks and never reads would
   * fill the memory.
   */
  get isBehind(): boolean {
    return this.#owed >= mostOwed;
  }

  /** Answers a message, or a control frame, by every rule that it matches. */
  answer(opcode: number, data: Buffer): void {
    if (this.#rules.length === 0) return;
    const view = new MessageView(opcode, data);
    for (const { matcher, send } of this.#rules) {
      if (!matcher.test(view)) continue;
      this.#owed++;
      const settle = () => {
        this.#owed--;
        if (this.#owed === mostOwed - 1) this.#onChange();
      };
      // One that is lost goes with its question: both were said on a connection that is gone.
      this.#send(send).then(settle, settle);
      if (this.#owed === mostOwed) this.#onChange();
    }
  }
}
