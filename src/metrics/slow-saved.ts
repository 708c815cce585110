/** Owns how the facts about slow consumers are read back from a saved result. */
import { z } from "zod";

const count = z.number().min(0);
const name = z.string().max(1000);
const bytes = z.object({ total: count, most: count });
const buffer = z.object({ initial: count, most: count });

/** Those of a result; of each list no more than wsctl itself writes. */
export const savedSlowConsumers = z.object({
  profiles: z
    .array(
      z.object({
        name,
        rate: count,
        connections: count,
        read: count,
        readFor: count,
        unread: z
          .object({ connections: count, received: bytes, sending: bytes.optional() })
          .optional(),
        ends: z
          .array(
            z.object({
              code: name,
              by: name,
              cause: name.optional(),
              count,
              after: z.object({ min: count, max: count }),
            }),
          )
          .max(100),
      }),
    )
    .max(1000),
  buffers: z.object({ receive: buffer, send: buffer }).optional(),
});
