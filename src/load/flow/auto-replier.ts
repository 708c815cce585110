/** Owns the answers that a user gives by itself to the heartbeat of the server's application. */
import { autoReplyStamps } from "./deliveries.js";
import type { Incoming } from "./incoming.js";
import type { PreparedCache } from "./message.js";
import type { User } from "./user.js";

/** One user's answers; they count their messages apart from the flow's. */
export class AutoReplier {
  readonly #user: User;
  readonly #cache: PreparedCache;
  #given = 0;

  /** @param cache the user's prepared messages */
  constructor(user: User, cache: PreparedCache) {
    this.#user = user;
    this.#cache = cache;
  }

  /** Answers a message that one of the rules is for; says whether there was one. */
  answer(incoming: Incoming): boolean {
    const { world, context, scope, tether } = this.#user;
    for (const { matcher, message } of world.autoReplies) {
      if (!matcher.test(incoming.view)) continue;
      const { lean } = tether.connection!;
      // Who asks and does not read gets no queue of answers.
      if (lean.blocked) return true;
      scope.hot.ws_auto_replies++;
      const { seq } = context;
      context.seq = ++this.#given;
      context.stampSeq = autoReplyStamps + this.#given;
      world.setClock(context, performance.now());
      world.outbox.begin(lean, scope);
      try {
        const payload = message.put(context, this.#cache, world.outbox);
        world.outbox.end(NaN, payload, undefined);
        if (this.#user.traces) this.#user.trace("auto-reply", message.last);
      } catch (error) {
        this.#user.failed(error);
      } finally {
        context.seq = seq;
      }
      return true;
    }
    return false;
  }
}
