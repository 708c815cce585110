/** Owns the lens over a session in a pipe: begun anew with each connection, and heard when it must answer. */
import type { Lens, LensSession, LensView } from "../../lens/lens.js";
import type { Session } from "../../session/session.js";
import type { SessionMessage } from "../../session/session-events.js";
import type { Outgoing } from "../../session/session-options.js";

/** Looks at every message of a session. */
export class LensWatch {
  readonly #session: Session;
  #present: LensSession;

  constructor(session: Session, lens: Lens) {
    this.#session = session;
    this.#present = lens.create();
    session.on("lost", () => {
      this.#present = lens.create();
    });
  }

  /** What the message is; undefined when it is none of the protocol's. */
  see(message: SessionMessage): LensView | undefined {
    const view = this.#present.see(message);
    if (view?.answer) this.#session.answer(view.answer);
    return view;
  }

  /** The message that a line stands for. @throws WsctlError WSCTL_EUSAGE */
  encode(text: string): Outgoing {
    return this.#present.encode(text);
  }
}
