/** Owns the moments at which faults act that happen to a connection, not to a piece of its stream. */
import type { FaultHooks, Scheduled } from "./fault.js";
import type { Stage } from "./stage.js";

/** Calls `act` each time that the schedule's time has come and the fault fires. */
export function atMoments(on: Scheduled, act: () => void): void {
  const wait = on.untilDue;
  if (wait === undefined) return;
  on.after(wait, () => {
    // Timers are not exact: one that came early must not count as an opportunity.
    if (on.untilDue === 0 && on.fires()) act();
    atMoments(on, act);
  });
}

/** Whether `at` or `every` count opportunities. */
export function isCounted({ schedule }: Pick<Scheduled, "schedule">): boolean {
  return (schedule.at ?? schedule.every)?.unit === "opportunities";
}

/** Whether the schedule names a moment at all. */
export function isScheduled({ schedule }: Pick<Scheduled, "schedule">): boolean {
  return (schedule.at ?? schedule.every) !== undefined;
}

/**
 * Hooks that call `act` some time after the schedule's moment: when that message has left, or at
 * that time; with no schedule, after the opening.
 *
 * @param ms how long after
 */
export function actAfter(stage: Stage, ms: number, act: () => void): FaultHooks {
  // At once is at once: a timer would let messages of the same tick slip through.
  const fire = (): void => (ms === 0 ? act() : stage.after(ms, act));
  if (isCounted(stage)) {
    return {
      message(message) {
        const fires = stage.fires();
        stage.pass(message);
        if (fires) fire();
      },
    };
  }
  return {
    opened() {
      if (isScheduled(stage)) atMoments(stage, fire);
      else if (stage.fires()) fire();
    },
  };
}
