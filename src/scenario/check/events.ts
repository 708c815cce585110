/** Owns checking when events happen: within the run, and one after the other. */
import { formatDuration, parseDuration } from "../../base/quantity.js";
import { parseShare } from "../schema/share.js";
import { oneOf } from "./causes.js";
import type { Checking } from "./checking.js";

/** @param length of the load, in ms */
export function checkEvents(length: number, { scenario, isReshaped, tell }: Checking): void {
  for (const [index, event] of (scenario.events ?? []).entries()) {
    const [at, every, until, over] = [event.at, event.every, event.until, event.over].map((time) =>
      time === undefined ? undefined : parseDuration(String(time)),
    );
    const path = ["events", index];
    if (parseShare(String(event.drop)) === 0) {
      tell({
        path: [...path, "drop"],
        message: "this cuts nobody",
        mayFollow: oneOf(["events"]),
        hint: "give a share above 0, or take the event out",
      });
    }
    if (at! >= length) {
      tell({
        path: [...path, "at"],
        message: `this is after the end: the load lasts ${formatDuration(length)}`,
        hint: isReshaped
          ? `give -d (or the stages) more than ${formatDuration(at!)}, or let it happen earlier`
          : "let it happen earlier, or make the last stage longer",
      });
    }
    if (until !== undefined && until < at!) {
      tell({
        path: [...path, "until"],
        message: `this is before the first time, which is at ${formatDuration(at!)}`,
        hint: "until counts from the start of the run, as at does",
      });
    }
    if (every !== undefined && over !== undefined && over > every) {
      tell({
        path: [...path, "over"],
        message: `one is not over before the next begins, ${formatDuration(every)} after it`,
        hint: "let it come again less often, or be over sooner",
      });
    }
  }
}
