/** Owns the schema of reconnecting after a connection was lost. */
import { z } from "zod";
import { choice, count, duration, wholeCheck } from "./kinds.js";

/** A timer of Node takes no more. */
const longest = 2 ** 31 - 1;

/** When to try again. */
export const reconnect = z
  .strictObject({
    policy: choice("none stays away; exponential doubles the wait each time.", [
      "none",
      "fixed",
      "exponential",
    ]),
    base: duration("The first wait; 500ms unless told.", { from: 1, to: longest }).optional(),
    max: duration("The longest wait; 30s unless told.", { from: 1, to: longest }).optional(),
    jitter: choice("Randomness: none, from 0 (full), or from a half (equal).", [
      "none",
      "full",
      "equal",
    ]).optional(),
    attempts: count("After how many failures to give up.", { from: 1 }).optional(),
    resetAfter: duration("A connection that held so long starts the counting anew.").optional(),
    hints: choice(
      "Whether Retry-After, and the close codes 1012 and 1013, are done; honour unless told.",
      ["honour", "ignore"],
    ).optional(),
  })
  .check(
    wholeCheck((map) => {
      const more = Object.keys(map).find((key) => key !== "policy" && map[key] !== undefined);
      if (map["policy"] === "none" && more !== undefined) {
        return {
          message: `nothing reconnects with policy: none, so that ${more} means nothing`,
          hint: "leave it out, or say policy: exponential",
          path: [more],
        };
      }
      if (map["policy"] !== "fixed" || map["max"] === undefined) return undefined;
      return {
        message: "a fixed policy always waits its base: it has no max",
        hint: "drop max, or say policy: exponential",
        path: ["max"],
      };
    }),
  )
  .meta({
    id: "reconnect",
    title: "a policy such as { policy: exponential, base: 500ms }",
    description: "What happens when a connection is lost.",
  });
