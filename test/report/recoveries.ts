/** Owns recoveries made by hand, for the tests of what is rendered from them. */
import type {
  OpenPoint,
  Recovery,
  RecoveryEpisode,
  RecoveryFigures,
} from "../../src/metrics/recovery.js";
import { summaryOf } from "./results.js";

/** 600 of 2,000 cut at 10 s and all back within 2 s, one after the other. */
const figures: RecoveryFigures = {
  cut: 600,
  back: 600,
  lostForGood: 0,
  ended: 0,
  attempts: 640,
  times: summaryOf(...Array.from({ length: 600 }, (_, i) => 20 + i * 3.3)),
  peakPerSecond: 312,
  firstRetries: { count: 600, crowded: 0.2881, at: 10_400, begun: 0.2878, heldUp: 3 },
  missed: 137,
  resubscribed: { verified: true, asked: 600, confirmed: 600, failed: 0 },
  moves: [],
  furtherMoves: 0,
  availability: 0.98765,
};

/** A dip from 9.5 s to 12.5 s, down to `low` at 10 s and straight up again until `back`. */
export function dip(low = 1400, back = 12_000, high = 2000): OpenPoint[] {
  return Array.from({ length: 60 }, (_, i) => {
    const at = 9500 + (i + 1) * 50;
    const share = Math.min(1, Math.max(0, (at - 50 - 10_000) / (back - 10_000)));
    return { at, open: at <= 10_000 ? high : Math.round(low + (high - low) * share) };
  });
}

/** An episode; what is not told is as of 600 cut at 10 s. */
export function episodeWith(changed: Partial<RecoveryEpisode> = {}): RecoveryEpisode {
  return {
    ...figures,
    cause: { kind: "event", event: 1, round: 1, rounds: 1, how: "reset", share: 0.3, over: 0 },
    at: 10_000,
    took: 2020,
    openBefore: 2000,
    fewest: 1400,
    to50: 1010,
    to95: 1900,
    to100: 2020,
    curve: dip(),
    ...changed,
  };
}

/** A recovery of one such episode. */
export function recoveryWith(changed: Partial<Recovery> = {}): Recovery {
  return {
    ...figures,
    policy: {
      kind: "exponential",
      base: 500,
      max: 30_000,
      jitter: "full",
      attempts: undefined,
      resetAfter: 10_000,
      hints: "honour",
    },
    hints: [],
    episodes: [episodeWith()],
    furtherEpisodes: 0,
    unfollowed: 0,
    ...changed,
  };
}
