/** Owns the schema of one kind of user: a scenario in the narrow sense. */
import { z } from "zod";
import { choice, weight } from "./kinds.js";
import { flow } from "./step.js";

/** Names are tags of metrics: what would break a series key is refused. */
const scenarioName = z
  .string()
  .regex(/^[\w.-]{1,64}$/, { error: "a scenario's name has 1 to 64 letters, digits, _ . or -" })
  .meta({
    title: "a name",
    description: "What reports and thresholds call it.",
    examples: ["chat"],
  });

/** One kind of user. */
export const user = z
  .strictObject({
    name: scenarioName,
    weight: weight("How many users are of this kind, beside the others; 1 unless told.").optional(),
    repeat: choice("When the flow ends before its time: same-socket unless told.", [
      "same-socket",
      "reconnect",
      "once",
    ]).optional(),
    fanout: z
      .strictObject({
        audience: z
          .string()
          .regex(/^(?:all|presence|observed|scenario:.+)$/, {
            error: "an audience is all, scenario:NAME, presence or observed",
          })
          .meta({
            title: "all, scenario:NAME, presence or observed",
            description:
              "Who should hear a stamped message: everybody connected, the users of a scenario, who has heard any before, or who has heard its sender before.",
            examples: ["all"],
          }),
      })
      .meta({ title: "a fan-out such as { audience: all }", description: "Who hears it." })
      .optional(),
    flow,
  })
  .meta({ id: "scenario", title: "a scenario such as { name: chat, flow: [ … ] }" });
