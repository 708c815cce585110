/** Owns the schema of the load: how many users there are, over time. */
import { z } from "zod";
import { count, duration, filled, integer, rate, span, wholeCheck } from "./kinds.js";

const day = 86_400_000;

const stage = z
  .strictObject({
    name: filled("What reports call it.", "ramp-up").optional(),
    duration: duration("How long it lasts.", { to: day }),
    connections: count("Users at its end; the way there is a straight line.", {
      to: 1_000_000,
    }).optional(),
    arrivalRate: rate("New users per second.", { to: 1_000_000 }).optional(),
    rampTo: rate("New users per second at its end; the way there is a straight line.", {
      to: 1_000_000,
    }).optional(),
  })
  .check(
    wholeCheck(({ connections, arrivalRate, rampTo }) => {
      if (connections !== undefined && (arrivalRate ?? rampTo) !== undefined) {
        return {
          message: "a stage says connections or arrivalRate, not both",
          hint: "connections holds a population; arrivalRate lets new users arrive",
        };
      }
      if (connections !== undefined || arrivalRate !== undefined) return undefined;
      return {
        message: "a stage needs connections or arrivalRate",
        hint: "write it like { duration: 30s, connections: 1000 }",
        isDerived: true,
      };
    }),
  )
  .meta({ id: "stage", title: "a stage such as { duration: 30s, connections: 1000 }" });

/** How many users, and for how long. */
export const load = z
  .strictObject({
    connections: count("How many users there are all the time.", {
      from: 1,
      to: 1_000_000,
    }).optional(),
    duration: duration("With connections: for how long.", { from: 1, to: day }).optional(),
    stages: z
      .array(stage)
      .min(1)
      .max(1000)
      .meta({
        title: "a list of stages",
        description: "One after the other; each says what it comes to at its end.",
      })
      .optional(),
    maxConnections: count("With arrivals: more are turned away, and counted.", {
      from: 1,
      to: 1_000_000,
    }).optional(),
    connectRate: rate(
      "Connections opened per second at most, but for those in place of lost ones; 1000/s unless told.",
      {
        from: 0.01,
        to: 1_000_000,
      },
    ).optional(),
    lifetime: span("Connections are closed and opened anew after so long.", {
      from: 1,
      to: day,
    }).optional(),
    warmup: duration(
      "The first part of the load: what happens is counted, but no times or rates are taken.",
      { to: day },
    ).optional(),
    gracefulStop: duration("How long last replies are waited for; 5s unless told.", {
      to: day,
    }).optional(),
    seed: integer(
      "The same seed says the same things, whatever the number of workers.",
      0,
      2 ** 32 - 1,
      42,
    ).optional(),
  })
  .check(
    wholeCheck(({ connections, duration: length, stages }) => {
      if (stages !== undefined && (connections ?? length) !== undefined) {
        const key = connections === undefined ? "duration" : "connections";
        return {
          message: `stages and ${key} exclude each other`,
          hint: "a stage has its own connections and duration",
          path: [key],
        };
      }
      return undefined;
    }),
  )
  .meta({
    id: "load",
    title: "a load such as { connections: 100, duration: 1m }",
    description: "How many users there are, over time.",
  });
