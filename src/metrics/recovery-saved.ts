/** Owns how a saved run's Recovery is read back; of each list no more than wsctl itself writes. */
import { z } from "zod";
import { savedTrend } from "./trend-saved.js";

const count = z.number().min(0);
const moment = z.number();
const share = z.number().min(0).max(1);
const name = z.string().max(1000);
const mostRows = 1000;

const figures = {
  cut: count,
  back: count,
  lostForGood: count,
  ended: count,
  attempts: count,
  times: savedTrend,
  peakPerSecond: count,
  firstRetries: z.object({
    count,
    crowded: share,
    at: moment.optional(),
    begun: share,
    heldUp: count,
  }),
  missed: count.optional(),
  resubscribed: z
    .object({ verified: z.boolean(), asked: count, confirmed: count, failed: count })
    .optional(),
  moves: z
    .array(
      z.object({
        from: name.optional(),
        to: name.optional(),
        connections: count,
        away: z.object({ p50: count, max: count }),
        missed: count.optional(),
      }),
    )
    .max(mostRows),
  furtherMoves: count,
  availability: share.optional(),
};

const cause = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("event"),
    event: count,
    round: count,
    rounds: count.optional(),
    how: z.enum(["close", "fin", "reset", "silent"]),
    share,
    over: count,
  }),
  z.object({
    kind: z.literal("losses"),
    ends: z.array(z.object({ what: name, count })).max(mostRows),
  }),
]);

/** A stored {@link Recovery}. */
export const savedRecovery = z.object({
  ...figures,
  policy: z.object({
    kind: z.enum(["none", "fixed", "exponential"]),
    base: count,
    max: count,
    jitter: z.enum(["none", "full", "equal"]),
    attempts: count.optional(),
    resetAfter: count,
    hints: z.enum(["honour", "ignore"]),
  }),
  hints: z
    .array(
      z.object({
        hint: z.enum(["retry-after", "1012", "1013"]),
        honoured: count,
        capped: count,
        notUnderstood: count.optional(),
        ignored: count,
      }),
    )
    .max(mostRows),
  episodes: z
    .array(
      z.object({
        ...figures,
        cause,
        at: moment,
        took: count,
        openBefore: count,
        fewest: count,
        to50: count.optional(),
        to95: count.optional(),
        to100: count.optional(),
        curve: z.array(z.object({ at: moment, open: count })).max(mostRows),
      }),
    )
    // Each holds a distribution, which is unpacked.
    .max(100),
  furtherEpisodes: count,
  unfollowed: count,
});
