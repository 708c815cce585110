/** Owns the schema of profiles: what share of the connections behaves in its own way. */
import { z } from "zod";
import { byteRate, choice, filled, share, span } from "./kinds.js";

/** A share of the connections that behaves in its own way. */
export const profile = z
  .strictObject({
    name: filled("What reports call it.", "phones-on-bad-links"),
    share: share("How many of the connections."),
    readRate: byteRate("Reads so much per second at most.", { from: 1 }).optional(),
    drop: z
      .strictObject({
        every: span("A time is drawn anew for each cut.", { from: 1, to: 86_400_000 }),
      })
      .meta({
        title: "cuts such as { every: 30s-90s }",
        description: "Cut without a close frame, again and again.",
      })
      .optional(),
    pong: choice("never: pings are left unanswered.", ["never", "always"]).optional(),
  })
  .meta({ id: "profile", title: "a profile such as { name: slow, share: 10%, readRate: 1KB/s }" });
