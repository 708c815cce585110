/** Owns the ends of programs: of a flow, after which it may begin anew, and of an aside. */
import type { PlanScenario } from "../../../scenario/flow-plan.js";
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** A round that failed, or that took no time and sent nothing, is followed by such a pause. */
const roundPause = 100;

/** The end of a round of the flow. */
export class RoundEnd extends Step {
  readonly #repeat: PlanScenario["repeat"];

  constructor(place: Place, repeat: PlanScenario["repeat"]) {
    super(place);
    this.#repeat = repeat;
  }

  begin(user: User, now: number): Outcome {
    if (this.#repeat === "once") {
      // Replies that are under way may still come.
      user.stop(now);
      return "wait";
    }
    if (user.walk.isRoundIdle(now)) {
      user.cursor.until = now + roundPause;
      user.cursor.wakeAt = user.cursor.until;
      return "wait";
    }
    return this.#again(user, now);
  }

  override look(user: User, now: number): Outcome {
    if (user.cursor.count === 0) return now < user.cursor.until ? "wait" : this.#again(user, now);
    return user.isOnline && !user.tether.isRecycling ? this.#restart(user, now) : "wait";
  }

  #again(user: User, now: number): Outcome {
    if (this.#repeat !== "reconnect") return this.#restart(user, now);
    user.cursor.count = 1;
    user.tether.recycle(now);
    return "wait";
  }

  #restart(user: User, now: number): Outcome {
    user.walk.beginRound(now);
    user.cursor.jump(0);
    return "jump";
  }
}

/** The end of what is played after a reconnect: the flow goes on where it was. */
export class AsideEnd extends Step {
  begin(user: User, now: number): Outcome {
    return user.walk.resume(now);
  }
}
