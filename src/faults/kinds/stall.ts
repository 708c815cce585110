/** Owns the server that freezes: all its connections at once, as by a long garbage collection. */
import { parseDuration } from "../../base/quantity.js";
import type { FaultKind, Scheduled } from "../fault.js";
import { atMoments, isCounted, isScheduled } from "../when.js";

/** Whether messages are its opportunities, and not the clock. */
function byMessages(on: Pick<Scheduled, "schedule">): boolean {
  return isCounted(on) || (!isScheduled(on) && on.schedule.p !== undefined);
}

export const stall: FaultKind = {
  summary: "freezes all connections; at once, unless at=, every= or p= say when",
  reveals: "coordinated omission, in the tool that measures it",
  value: { what: "how long", example: "500ms", default: "2s" },
  create({ value }) {
    const ms = parseDuration(value);
    return {
      begin(set) {
        const freeze = (): void => set.stall(ms);
        if (byMessages(set)) return;
        if (isScheduled(set)) atMoments(set, freeze);
        else if (set.fires()) freeze();
      },
      attach(stage) {
        if (!byMessages(stage)) return {};
        return {
          message(message) {
            // The message that meets the freeze is the first to wait.
            if (stage.fires()) stage.stall(ms);
            stage.pass(message);
          },
        };
      },
    };
  },
};
