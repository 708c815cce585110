/** Owns the schema of events: things that happen to the whole run. */
import { z } from "zod";
import { choice, duration, share } from "./kinds.js";

/** Something that happens to the whole run. */
export const event = z
  .strictObject({
    at: duration("After the start.", { to: 86_400_000 }),
    drop: share("How many of the open connections are cut at once."),
    how: choice("With a close frame, a FIN, a reset, or without a word; reset unless told.", [
      "close",
      "fin",
      "reset",
      "silent",
    ]).optional(),
  })
  .meta({ id: "event", title: "an event such as { at: 60s, drop: 30% }" });
