/** Owns the schema of steps and flows. */
import { z } from "zod";
import {
  byName,
  choice,
  count,
  duration,
  filled,
  integer,
  json,
  mostMembers,
  name,
  rate,
  regex,
  span,
  text,
  truth,
  weight,
  wholeCheck,
} from "./kinds.js";
import { captures, expectation, wait } from "./match.js";
import { message, messages } from "./message.js";
import { oneStep } from "./step-keys.js";

/** The longest that anything lasts: a series has an entry a second, and a result must fit a string. */
const day = 86_400_000;
const lasting = { from: 1, to: day };

/** From one message a day. */
const sendable = { from: 1 / 86_400, to: 10_000_000 };

const every = z
  .strictObject({
    rate: rate("Messages per second of each user.", sendable).optional(),
    totalRate: rate(
      "Messages per second of all users of the scenario together.",
      sendable,
    ).optional(),
    for: duration("How long.", lasting),
    send: messages,
    expect: expectation.optional(),
  })
  .check(
    wholeCheck(({ rate: own, totalRate }) => {
      if ((own === undefined) !== (totalRate === undefined)) return undefined;
      return own === undefined
        ? {
            message: "every needs a rate",
            hint: "write it like rate: 2/s, or totalRate: 500/s",
            isDerived: true,
          }
        : {
            message: "rate and totalRate exclude each other",
            hint: "give the rate of each user, or of all together",
          };
    }),
  )
  .meta({
    id: "every",
    title: "a schedule such as { rate: 2/s, for: 1m, send: hello }",
    description: "Open model: messages at given times, whatever the replies do.",
  });

const operators = {
  equals: json("It is this value.").optional(),
  notEquals: json("It is not this value.").optional(),
  exists: truth("Whether it has a value.").optional(),
  gt: z.number().meta({ title: "a number" }).optional(),
  gte: z.number().meta({ title: "a number" }).optional(),
  lt: z.number().meta({ title: "a number" }).optional(),
  lte: z.number().meta({ title: "a number" }).optional(),
  matches: regex("RE2, found in its text.").optional(),
};

const condition = z
  .strictObject({ var: name("The variable that is asked.", "more"), ...operators })
  .check(
    wholeCheck((map) => {
      const given = Object.keys(operators).filter((key) => map[key] !== undefined);
      if (given.length === 1) return undefined;
      return {
        message:
          given.length === 0
            ? "while asks nothing"
            : `while asks one thing, not ${given.join(" and ")}`,
        hint: `give it one of ${Object.keys(operators).join(", ")}`,
        isDerived: true,
      };
    }),
  )
  .meta({ id: "while", title: "a condition such as { var: more, equals: true }" });

const plainSteps = {
  name: filled("What reports call the step; its place unless told.", "join").optional(),
  send: message.optional(),
  expect: expectation.optional(),
  capture: captures.optional(),
  wait: wait.optional(),
  every: every.optional(),
  listen: duration("Only receives, for so long.", lasting).optional(),
  think: span("Does nothing, for a time drawn from the span.", { to: day }).optional(),
  ping: z
    .union([
      z.null(),
      duration("Within which the pong must come.", lasting),
      z.strictObject({
        within: duration("Within which the pong must come.", lasting).optional(),
        payload: text("At most 125 bytes.", "beat").max(125).optional(),
      }),
    ])
    .meta({
      title: "a time such as 5s, or {}",
      description: "Sends a ping and waits for its pong.",
      examples: ["5s"],
    })
    .optional(),
  close: z
    .union([
      z.null(),
      integer("The close code.", 1000, 4999, 1000),
      z.strictObject({
        code: integer("The close code; 1000 unless told.", 1000, 4999, 1000).optional(),
        reason: text("At most 123 bytes.", "done").max(123).optional(),
      }),
    ])
    .meta({
      title: "a close code such as 1000, or { code: 1000, reason: done }",
      description: "Closes the connection; the user's flow ends with it.",
      examples: [1000],
    })
    .optional(),
  reconnect: z
    .union([z.null(), z.strictObject({})])
    .meta({ title: "nothing: {}", description: "Closes with 1000 and opens again." })
    .optional(),
  barrier: z
    .strictObject({
      name: filled("Users wait for each other at barriers of the same name.", "all-connected"),
      timeout: duration("How long to wait for the others.", lasting),
    })
    .meta({
      title: "a barrier such as { name: all-connected, timeout: 30s }",
      description: "Waits until every user that lives has come here.",
    })
    .optional(),
  set: byName(name("A variable.", "room"), json("A value; every text in it is a template."))
    .meta({
      maxProperties: mostMembers,
      title: "variables such as { room: lobby }",
      description: "Gives variables of this user new values.",
    })
    .optional(),
  log: text("A line that every run writes; a template.", "joined {{ room }}").optional(),
};

const plainStep = z.strictObject(plainSteps);

/** One step as a map. */
export type StepMap = z.input<typeof plainStep> & {
  readonly loop?: Loop | undefined;
  readonly choose?: readonly Option[] | undefined;
};

/** One step as a person writes it. */
type Step = "reconnect" | StepMap;

/** Steps one after the other. */
export type Flow = readonly Step[];

/** Steps that are played again and again, or messages as fast as replies come. */
export interface Loop {
  readonly count?: string | number | undefined;
  readonly over?: string | number | undefined;
  readonly while?: z.input<typeof condition> | undefined;
  readonly flow?: Flow | undefined;
  readonly inFlight?: string | number | undefined;
  readonly send?: z.input<typeof messages> | undefined;
  readonly expect?: z.input<typeof expectation> | undefined;
}

/** One of several flows. */
interface Option {
  readonly weight?: number | undefined;
  readonly flow: Flow;
}

/** A list of steps. */
export const flow: z.ZodType<Flow, Flow> = z.lazy(() =>
  z.array(step).min(1).meta({
    id: "flow",
    title: "a list of steps",
    description: "Steps, one after the other.",
  }),
);

const loop = z
  .strictObject({
    count: count("How often.", { from: 1, to: 1_000_000_000 }).optional(),
    over: duration("For how long.", lasting).optional(),
    while: condition.optional(),
    flow: flow.optional(),
    inFlight: count("With send: at most so many requests unanswered.", {
      from: 1,
      to: 100_000,
    }).optional(),
    send: messages.optional(),
    expect: expectation.optional(),
  })
  .check(wholeCheck(refuseLoop))
  .meta({
    id: "loop",
    title: "a loop such as { count: 10, flow: [ … ] }",
    description: "Plays steps again and again; with send: as fast as replies come.",
  });

function refuseLoop(map: Readonly<Record<string, unknown>>) {
  if ((map["flow"] === undefined) === (map["send"] === undefined)) {
    return {
      message: "a loop has either a flow or a send",
      hint: "write it like { count: 10, flow: [ … ] }, or { over: 30s, inFlight: 1, send: hello }",
      isDerived: true,
    };
  }
  const needsSend = ["inFlight", "expect"].find((key) => map[key] !== undefined);
  if (map["send"] === undefined) {
    if (needsSend === undefined) return undefined;
    return { message: `${needsSend} goes with send`, hint: "in a flow, each send has its own" };
  }
  const needsFlow = ["count", "while"].find((key) => map[key] !== undefined);
  if (needsFlow !== undefined) {
    return {
      message: `${needsFlow} goes with flow`,
      hint: "a loop of messages goes on over a time",
    };
  }
  if (map["over"] !== undefined) return undefined;
  return {
    message: "a loop of messages needs over",
    hint: "write it like over: 30s",
    isDerived: true,
  };
}

const option = z
  .strictObject({
    weight: weight("How often, beside the others; 1 unless told.").optional(),
    flow,
  })
  .meta({ id: "option", title: "an option such as { weight: 3, flow: [ … ] }" });

const step = z
  .union([
    choice("A step without settings.", ["reconnect"]),
    z
      .strictObject({
        ...plainSteps,
        loop: loop.optional(),
        choose: z
          .array(option)
          .min(1)
          .max(mostMembers)
          .meta({
            title: "a list such as [{ weight: 3, flow: [ … ] }]",
            description: "Plays one of them, drawn by weight.",
          })
          .optional(),
      })
      .check(oneStep),
  ])
  .meta({
    id: "step",
    title: "a step such as { send: hello }",
    description: "One thing that a user does.",
  });
