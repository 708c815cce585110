/** Owns the schema of thresholds: conditions that a run is held against. */
import { z } from "zod";
import { byName, duration, filled, mostMembers, oneOrMore, truth } from "./kinds.js";

const expression = filled("k6's grammar.", "p(99)<200").meta({
  title: "a condition such as p(99)<200",
  description: "k6's grammar.",
  examples: ["p(99)<200"],
});

const threshold = z
  .union([
    expression,
    z.strictObject({
      threshold: expression,
      abortOnFail: truth("Whether failing it ends the run at once.").optional(),
      after: duration("… but not before so long after the start.").optional(),
    }),
  ])
  .meta({
    id: "threshold",
    title: "a condition such as p(99)<200, or { threshold: p(99)<200, abortOnFail: true }",
    examples: ["p(99)<200"],
  });

/** By metric, with tags in braces or without. */
export const thresholds = byName(
  z.string(),
  oneOrMore(threshold, 'a list such as ["p(99)<200"]', "Conditions on this metric."),
).meta({
  maxProperties: mostMembers,
  title: 'thresholds such as { ws_msg_rtt: ["p(99)<200"] }',
  description: "Conditions that the run is held against: exit 99 when one fails.",
});
