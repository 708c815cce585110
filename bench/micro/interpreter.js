/** Owns the contest of the interpreter: from one step of a flow to the next. */
import { Choose, Jump, LoopHead, loopSlots, LoopStart } from "../../dist/load/flow/step/jump.js";
import { Walk } from "../../dist/load/flow/walk.js";
import { Random, seedOf } from "../../dist/base/random.js";

const place = { scenario: "bench", step: "loop" };
/** After so many steps a walk lets others have their turn. */
const turn = 1000;

/** A loop that never ends; `choices` are drawn from in each round. */
function programOf(choices) {
  const head = new LoopHead(place, 0, { count: Number.MAX_SAFE_INTEGER, while: undefined });
  const steps = [new LoopStart(place, 0, undefined), head];
  if (choices > 0) {
    const choose = new Choose(
      place,
      Array.from({ length: choices }, () => 1),
    );
    steps.push(choose);
    for (let i = 0; i < choices; i++) {
      choose.starts.push(steps.length);
      steps.push(new Jump(place, 1));
    }
  } else {
    steps.push(new Jump(place, 1));
  }
  head.exit = steps.length;
  return { steps, slots: loopSlots };
}

/** A user who is online and does nothing but go from step to step. */
function walkOf(program) {
  const user = {
    isOnline: true,
    isEnding: false,
    traces: false,
    epoch: 0,
    sends: 0,
    tether: { isRecycling: false },
    context: { random: new Random(seedOf("interpreter")) },
    get cursor() {
      return this.walk.cursor;
    },
  };
  user.walk = new Walk(user, { program, aside: undefined, keepsLast: false });
  user.walk.opened(0, false);
  return user.walk;
}

function walking(name, choices) {
  const walk = walkOf(programOf(choices));
  return {
    name,
    unit: turn,
    run: (times) => {
      for (let i = 0; i < times; i += turn) walk.look(0);
      return walk.cursor.at;
    },
  };
}

/** @type {import("./contest.js").Contest} */
export const interpreterContest = {
  name: "one step of a flow",
  subjects: [walking("loop: head and jump", 0), walking("loop: head, choice of three and jump", 3)],
};
