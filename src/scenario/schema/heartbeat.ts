/** Owns the schema of liveness beside the flow. */
import { z } from "zod";
import { duration, mostMembers } from "./kinds.js";
import { match } from "./match.js";
import { message } from "./message.js";

const day = 86_400_000;

/** Pings, and answers to heartbeats of the application; all kept out of the figures of requests. */
export const heartbeat = z
  .strictObject({
    ping: duration("A ping is sent so often.", { from: 10, to: day }).optional(),
    timeout: duration("Without a pong for so long the connection counts as dead.", {
      from: 1,
      to: day,
    }).optional(),
    autoReply: z
      .array(
        z
          .strictObject({ match, send: message })
          .meta({ title: "an answer such as { match: { text: ping }, send: pong }" }),
      )
      .max(mostMembers)
      .meta({
        title: "a list such as [{ match: { text: ping }, send: pong }]",
        description: "Messages that are answered at once.",
      })
      .optional(),
  })
  .meta({
    id: "heartbeat",
    title: "a heartbeat such as { ping: 20s, timeout: 5s }",
    description: "Liveness beside the flow.",
  });
