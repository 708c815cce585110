/** Owns what a recorded answer is expected to be when it comes again: by what of it will be the same. */
import type { MatchSpec } from "../../message/matcher.js";
import { isJsonObject, jsonEquals } from "../../message/json.js";
import { redacted } from "../../base/secret-name.js";
import { pathOf, valueAt } from "./places.js";
import { isTelling, kindOf } from "./shape.js";
import type { TalkMessage } from "./talk.js";

/** A matcher, and why it is this one. */
export interface Expected {
  readonly match: MatchSpec;
  readonly why: string;
}

/** Members of JSON-RPC and its like, of which one is there or another. */
const outcomes = ["result", "error", "data", "payload"];

const longestText = 60;
/** Bytes of a binary message that are looked at. */
const binaryStart = 8;

/**
 * What matches all these answers, which stand at the same place in different recordings.
 * @param sent what each of them answers, where it is known
 */
export function expectedOf(
  answers: readonly TalkMessage[],
  sent: readonly (TalkMessage | undefined)[],
): Expected {
  const [first] = answers;
  if (!first) return { match: {}, why: "any message" };
  if (first.json !== undefined) return ofJson(first, answers);
  if (first.binary) return ofBytes(first, answers);
  return ofText(first, answers, sent);
}

function ofJson(first: TalkMessage, answers: readonly TalkMessage[]): Expected {
  const kind = kindOf(first.json);
  if (first.prefix !== "") return ofPrefixed(first, answers, kind?.steps[0] === 0);
  if (kind) {
    const isSame = answers.every(({ json }) =>
      jsonEquals(valueAt(json, kind.steps) ?? null, kind.value),
    );
    const json = pathOf(kind.steps);
    if (isSame) return { match: { json, equals: kind.value }, why: `${json} says what it is` };
  }
  if (isJsonObject(first.json)) {
    const names = Object.keys(first.json);
    const name =
      outcomes.find((each) => names.includes(each)) ??
      names.find((each) => !isTelling(each) && inAll(answers, each)) ??
      names[0];
    if (name !== undefined && inAll(answers, name)) {
      const json = pathOf([name]);
      return { match: { json, exists: true }, why: "nothing in it says what it is" };
    }
  }
  return { match: { json: "$", exists: true }, why: "nothing in it says what it is" };
}

function inAll(answers: readonly TalkMessage[], name: string): boolean {
  return answers.every(({ json }) => valueAt(json, [name]) !== undefined);
}

/** Socket.IO and its like: digits, then JSON, which no JSONPath sees. */
function ofPrefixed(
  first: TalkMessage,
  answers: readonly TalkMessage[],
  hasEvent: boolean,
): Expected {
  const [lead = ""] = /^\d/.exec(first.prefix) ?? [];
  const isLed = answers.every(({ prefix }) => prefix.startsWith(lead));
  const event = hasEvent ? valueAt(first.json, [0]) : undefined;
  const isSame = answers.every(({ json }) => valueAt(json, [0]) === event);
  if (typeof event === "string" && isSame) {
    const matches = `^\\d+(?:/[^,]*,)?\\d*\\["${escaped(event)}"`;
    return { match: { matches }, why: "it begins with this event" };
  }
  const matches = isLed ? `^${escaped(lead)}` : "^\\d";
  return { match: { matches }, why: "it begins with this kind of packet" };
}

function ofText(
  first: TalkMessage,
  answers: readonly TalkMessage[],
  sent: readonly (TalkMessage | undefined)[],
): Expected {
  const { text = "" } = first;
  const isSame = answers.every((answer) => answer.text === text);
  const isEcho = answers.every((answer, at) => answer.text === sent[at]?.text);
  const isPlain = text.length <= longestText && !text.includes(redacted) && !text.includes("{{");
  if (isSame && isPlain && (isEcho || !/\d/.test(text))) {
    return { match: { text }, why: isEcho ? "it is what was sent" : "it is the same each time" };
  }
  // What was redacted comes as it is.
  const [plain = ""] = text.split(redacted, 1);
  const [start = ""] = /^[^\d"'\n{]{2,20}/.exec(plain) ?? [];
  if (start !== "" && answers.every((answer) => answer.text?.startsWith(start))) {
    return { match: { matches: `^${escaped(start)}` }, why: "it begins so" };
  }
  return { match: { opcode: "text" }, why: "nothing of it is the same each time" };
}

function ofBytes(first: TalkMessage, answers: readonly TalkMessage[]): Expected {
  const start = first.payload.subarray(0, binaryStart);
  const isSame =
    start.length > 0 &&
    answers.length > 1 &&
    answers.every(({ payload }) => payload.subarray(0, start.length).equals(start));
  if (isSame) return { match: { binary: start.toString("hex") }, why: "it begins so" };
  return { match: { opcode: "binary" }, why: "of bytes nobody knows what stays the same" };
}

/** As it stands in a regular expression of RE2. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (sign) =>
    sign === "/" || sign === "-" ? sign : `\\${sign}`,
  );
}
