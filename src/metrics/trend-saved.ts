/** Owns how a distribution is read back from a saved result. */
import { z } from "zod";
import { decodeStored } from "./stored-trend.js";

const number = z.number();
const count = number.min(0);

/** The few figures of a time series. */
export const savedBrief = { count, p50: number, p99: number, max: number };

/** All figures, worked out again from the histogram. */
export const savedTrend = z
  .object({
    ...savedBrief,
    min: number,
    mean: number,
    p90: number,
    p95: number,
    p999: number,
    hdr: z.string(),
  })
  .transform(({ hdr, count: told }, context) => {
    const stored = decodeStored(hdr);
    if (stored?.count !== told) {
      context.addIssue({
        code: "custom",
        message: "its histogram cannot be read, or does not hold what is told of it",
        path: ["hdr"],
      });
      return z.NEVER;
    }
    // A figure that is not in the histogram is one that somebody made up.
    return { ...stored.figures(), hdr };
  });
