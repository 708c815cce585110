/** Owns the schema of events: things that happen to the whole run. */
import { z } from "zod";
import { choice, count, duration, share, wholeCheck } from "./kinds.js";

const aDay = 86_400_000;

/** What only an event that comes again can say. */
const ofPeriods = ["until", "times"];

/** Something that happens to the whole run. */
export const event = z
  .strictObject({
    at: duration("After the start; of an event that comes again, the first time.", { to: aDay }),
    every: duration("It comes again so often.", { from: 100, to: aDay }).optional(),
    until: duration("The last time it may come, after the start.", { to: aDay }).optional(),
    times: count("How often it comes in all.", { from: 1, to: 1_000_000 }).optional(),
    over: duration("The share is cut evenly over that time; at once unless told.", {
      to: aDay,
    }).optional(),
    drop: share("How many of the open connections are cut, each time."),
    how: choice("With a close frame, a FIN, a reset, or without a word; reset unless told.", [
      "close",
      "fin",
      "reset",
      "silent",
    ]).optional(),
  })
  .check(
    wholeCheck((map) => {
      if (map["every"] !== undefined) {
        if (map["until"] === undefined || map["times"] === undefined) return undefined;
        return {
          message: "until and times exclude each other",
          hint: "say how often it comes, or when for the last time",
          path: ["times"],
        };
      }
      const alone = ofPeriods.find((key) => map[key] !== undefined);
      if (alone === undefined) return undefined;
      return {
        message: `${alone} goes with every: this event comes once`,
        hint: "write it like { at: 30s, every: 20s, times: 3, drop: 10% }",
        isDerived: true,
      };
    }),
  )
  .meta({ id: "event", title: "an event such as { at: 60s, drop: 30% }" });
