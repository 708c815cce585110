/** Owns the form in which a saved run's fan-out is read. */
import { z } from "zod";
import { mostFanOutExamples, mostMissed, mostMissedTargets, mostStretches } from "./fan-out.js";

const count = z.number().min(0);
const name = z.string().max(1000);
const time = count.optional();

const sum = { broadcasts: count, complete: count, expected: count, reached: count };

const examples = z
  .array(
    z.object({
      scenario: name,
      sender: count,
      sequence: count,
      at: z.number(),
      expected: count,
      reached: count,
      first: time,
      median: time,
      last: time,
      missed: z.array(count).max(mostMissed),
      missedAt: z.array(count).max(mostMissedTargets),
    }),
  )
  .max(mostFanOutExamples);

/** A stored {@link FanOut}. */
export const savedFanOut = z.object({
  ...sum,
  settle: count,
  unheard: count,
  withoutAudience: count,
  unfollowed: count,
  withoutCircle: count.default(0),
  late: count,
  audiences: z.array(z.object({ ...sum, scenario: name, audience: name })).max(1000),
  worst: examples,
  slowest: examples,
  stretch: z.number().positive(),
  course: z.array(z.object({ ...sum, at: z.number(), last: count })).max(mostStretches),
});
