/** Owns the rules by which a session answers by itself, such as the heartbeat of an application. */
import { compileMatcher, type Matcher } from "../message/matcher.js";
import { MessageView } from "../message/view.js";
import type { AutoReply, Outgoing } from "./session-options.js";

interface Rule {
  readonly matcher: Matcher;
  readonly send: AutoReply["send"];
}

/** The rules of one session. */
export class AutoReplies {
  readonly #rules: readonly Rule[];
  readonly #give: (answer: Outgoing) => void;

  /**
   * @param give takes each answer
   * @throws WsctlError WSCTL_EUSAGE for a matcher that cannot be compiled
   */
  constructor(rules: readonly AutoReply[], give: (answer: Outgoing) => void) {
    this.#rules = rules.map(({ match, send }) => ({ matcher: compileMatcher(match), send }));
    this.#give = give;
  }

  /**
   * Answers a message, or a control frame, by every rule that it matches.
   * @throws what the making of an answer throws
   */
  apply(opcode: number, data: Buffer): void {
    if (this.#rules.length === 0) return;
    const view = new MessageView(opcode, data);
    for (const { matcher, send } of this.#rules) {
      if (matcher.test(view)) this.#give(typeof send === "function" ? send() : send);
    }
  }
}
