/** Owns what a message is by its shape: the kind that it says it is, and whether two are of one shape. */
import { isJsonArray, isJsonObject, type JsonValue, member } from "../../message/json.js";
import { isRandomLooking } from "../../base/token-like.js";
import type { Steps } from "./places.js";
import type { TalkMessage } from "./talk.js";

/** Members that say what kind of message it is; the most telling first. */
const tellingNames = [
  "op",
  "type",
  "event",
  "action",
  "cmd",
  "command",
  "kind",
  "method",
  "msg",
  "messageType",
  "status",
  "t",
  "e",
  "re",
];

const longestSignature = 4000;

/** Where a message says what kind it is, and the word. */
export interface Kind {
  readonly steps: Steps;
  readonly value: string | number | boolean;
}

/** Whether a member of that name tells the kind of a message. */
export function isTelling(name: string): boolean {
  return tellingNames.includes(name);
}

/** What the JSON says it is; undefined where it says nothing. */
export function kindOf(json: JsonValue | undefined): Kind | undefined {
  if (isJsonArray(json)) {
    const at = json.findIndex((item) => typeof item === "string" && isWord(item));
    if (at >= 0 && at < 5) return { steps: [at], value: json[at] as string };
    const [first] = json;
    // OCPP: the number says whether it is a call, a result or an error.
    if (typeof first === "number" && Number.isInteger(first) && Math.abs(first) < 100) {
      return { steps: [0], value: first };
    }
    return undefined;
  }
  for (const name of tellingNames) {
    const value = member(json, name);
    if (typeof value === "string" && isWord(value)) return { steps: [name], value };
  }
  for (const name of ["ok", "success"]) {
    const value = member(json, name);
    if (typeof value === "boolean") return { steps: [name], value };
  }
  return undefined;
}

/** Whether the text is a word of a protocol, and no name, id or time of somebody's. */
function isWord(text: string): boolean {
  return /^[A-Za-z][\w:./-]{0,39}$/.test(text) && !/\d{4}/.test(text) && !isRandomLooking(text);
}

/** What is the same for messages of one shape, and of no other. */
export function signatureOf({ json, prefix, text, binary, isSent }: TalkMessage): string {
  const direction = isSent ? ">" : "<";
  if (json !== undefined) {
    const kind = kindOf(json);
    return `${direction}${prefix}${String(kind?.value)} ${structureOf(json, 0)}`.slice(
      0,
      longestSignature,
    );
  }
  if (binary || text === undefined) return `${direction}binary`;
  return `${direction}"${text.replace(/\d+/g, "#").slice(0, 200)}"`;
}

/** The names and types within a value; of an array, those of its first items. */
function structureOf(value: JsonValue, depth: number): string {
  if (depth > 6) return "…";
  if (isJsonArray(value)) {
    return `[${value
      .slice(0, 8)
      .map((item) => structureOf(item, depth + 1))
      .join(",")}]`;
  }
  if (!isJsonObject(value)) return value === null ? "null" : typeof value;
  const members = Object.keys(value)
    .toSorted()
    .slice(0, 50)
    .map((key) => `${key}:${structureOf(value[key]!, depth + 1)}`);
  return `{${members.join(",")}}`;
}
