/** Owns the schema of matchers and captures, as steps and answers use them. */
import { z } from "zod";
import { compileCapture, type CaptureSpec } from "../../message/capture.js";
import { compileMatcher, type MatchSpec } from "../../message/matcher.js";
import { WsctlError } from "../../base/errors.js";
import {
  choice,
  duration,
  json,
  jsonPath,
  name,
  oneOrMore,
  regex,
  text,
  truth,
  wholeCheck,
} from "./kinds.js";

const number = (description: string, example: number) =>
  z
    .number()
    .meta({ title: "a number", description, examples: [example] })
    .optional();

const conditions = {
  json: jsonPath("Where to look in the message (RFC 9535).").optional(),
  equals: json("With json: the value is this one.").optional(),
  notEquals: json("With json: no selected value is this one.").optional(),
  contains: json("Within the value, or within the text of the message.").optional(),
  matches: regex("RE2, found anywhere in the value, or in the text of the message.").optional(),
  exists: truth("With json: whether the path selects anything.").optional(),
  gt: number("With json: greater than this.", 5),
  gte: number("With json: not less than this.", 5),
  lt: number("With json: less than this.", 5),
  lte: number("With json: not greater than this.", 5),
  text: text("The whole text of the message, exactly.", "pong").optional(),
  binary: text("The first bytes, in hexadecimal.", "0001ff").optional(),
  opcode: choice("What kind of frame; control frames match only when named.", [
    "text",
    "binary",
    "close",
    "ping",
    "pong",
  ]).optional(),
};

const keys = new Set(Object.keys(conditions));

/** The conditions among the keys of a map. */
export function matchOf(map: Readonly<Record<string, unknown>>): MatchSpec {
  return Object.fromEntries(
    Object.entries(map).filter(([key, value]) => keys.has(key) && value !== undefined),
  );
}

const goTogether = wholeCheck((map) => {
  // What is wrong with one key in itself is told there.
  if (Object.entries(conditions).some(([key, kind]) => !kind.safeParse(map[key]).success)) {
    return undefined;
  }
  return thrownBy(() => compileMatcher(matchOf(map)));
});

/** What a message has to be. */
export const match = z.strictObject(conditions).check(goTogether).meta({
  id: "match",
  title: "a matcher such as { json: $.op, equals: done }",
  description: "Every key must hold. An empty one matches every message.",
});

const captureShape = {
  json: jsonPath("The first value it selects is taken.").optional(),
  matches: regex("RE2 on the text of the message; its group is taken.").optional(),
  group: z
    .union([z.int(), z.string()])
    .meta({ title: "a group's number or name", description: "1 unless told; 0 is all." })
    .optional(),
  as: name("The variable that keeps the value.", "session"),
};

/** A value to be taken out of a message. */
const capture = z
  .strictObject(captureShape)
  .check(
    wholeCheck((map) => {
      if (Object.entries(captureShape).some(([key, kind]) => !kind.safeParse(map[key]).success)) {
        return undefined;
      }
      return thrownBy(() => compileCapture(map as unknown as CaptureSpec));
    }),
  )
  .meta({ id: "capture", title: "a capture such as { json: $.token, as: token }" });

/** One capture or several. */
export const captures = oneOrMore(
  capture,
  "a capture such as { json: $.token, as: token }, or a list",
  "Values of the message that are kept under names, for later templates.",
);

/** A condition on the reply of a send. */
export const expectation = z
  .strictObject({
    ...conditions,
    within: duration("How long it may take; correlate.timeout unless told.", {
      from: 1,
    }).optional(),
  })
  .check(goTogether)
  .meta({
    id: "expect",
    title: "an expectation such as { json: $.ok, equals: true, within: 2s }",
    description: "What the reply has to be. Failing it is counted, and the flow goes on.",
  });

/** A message that is waited for. */
export const wait = z
  .strictObject({
    ...expectation.shape,
    optional: truth("Whether it may stay away without counting as failed.").optional(),
    capture: captures.optional(),
  })
  .check(goTogether)
  .meta({
    id: "wait",
    title: "a wait such as { json: $.op, equals: done, within: 5s }",
    description: "Waits for a message that matches, whatever comes before it.",
  });

function thrownBy(read: () => unknown) {
  try {
    read();
    return undefined;
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    return { message: error.message, hint: error.hint, isDerived: true };
  }
}
