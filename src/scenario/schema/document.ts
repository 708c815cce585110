/** Owns the schema of a whole scenario file. */
import { z } from "zod";
import { connection, headerName } from "./connection.js";
import { correlate } from "./correlate.js";
import { data } from "./data.js";
import { event } from "./event.js";
import { heartbeat } from "./heartbeat.js";
import { byName, filled, json, mostMembers, name, oneOrMore, wholeCheck } from "./kinds.js";
import { load } from "./load.js";
import { profile } from "./profile.js";
import { reconnect } from "./reconnect.js";
import { sequence } from "./sequence.js";
import { flow } from "./step.js";
import { thresholds } from "./thresholds.js";
import { user } from "./user.js";

const config = z
  .strictObject({
    target: oneOrMore(
      filled("ws:// or wss://", "ws://127.0.0.1:8080/"),
      "an address such as ws://127.0.0.1:8080/, or a list",
      "What is loaded; several are taken in turn. The command line goes first.",
    ).optional(),
    connection: connection.optional(),
    data: data.optional(),
    variables: byName(name("A variable.", "room"), json("Its value; --var gives another."))
      .meta({
        maxProperties: mostMembers,
        title: "variables such as { room: lobby }",
        description: "Names for templates; --var and WSCTL_VAR_… go first.",
      })
      .optional(),
    load: load.optional(),
    reconnect: reconnect.optional(),
    onReconnect: flow.optional(),
    node: headerName
      .meta({
        title: "the name of a header",
        description:
          "Header of the upgrade's answer in which nodes name themselves; Wsctl-Node unless told.",
        examples: ["X-Served-By"],
      })
      .optional(),
    heartbeat: heartbeat.optional(),
    correlate: correlate.optional(),
    sequence: sequence.optional(),
    thresholds: thresholds.optional(),
  })
  .meta({
    id: "config",
    title: "a map such as { target: ws://127.0.0.1:8080/ }",
    description: "What holds for all scenarios.",
  });

/** A scenario file. */
export const document = z
  .strictObject({
    $schema: z
      .string()
      .meta({ title: "text", description: "For editors; not looked at." })
      .optional(),
    config: config.optional(),
    profiles: z
      .array(profile)
      .max(mostMembers)
      .meta({
        title: "a list of profiles",
        description: "What share of the connections behaves how.",
      })
      .optional(),
    events: z
      .array(event)
      .max(mostMembers)
      .meta({ title: "a list of events", description: "Things that happen to the whole run." })
      .optional(),
    scenarios: z
      .array(user)
      .min(1)
      .max(mostMembers)
      .meta({ title: "a list of scenarios", description: "The kinds of users." })
      .optional(),
    flow: flow.optional(),
  })
  .check(
    wholeCheck((map) => {
      if (map["scenarios"] !== undefined && map["flow"] !== undefined) {
        return {
          message: "scenarios and flow exclude each other",
          hint: "a flow beside config is the only scenario",
          path: ["flow"],
        };
      }
      if (map["scenarios"] !== undefined || map["flow"] !== undefined) return undefined;
      return {
        message: "the document needs scenarios, or a flow",
        hint: "write it like flow: [{ send: hello }]",
        isDerived: true,
      };
    }),
  )
  .meta({ title: "a scenario of wsctl", description: "What virtual users do." });

/** What virtual users do, in the shape and the words in which a person writes it. */
export type ScenarioDocument = z.input<typeof document>;
