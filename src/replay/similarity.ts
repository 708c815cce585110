/**
 * Owns how alike two messages are that are not the same: enough to tell whether one is the other with
 * something changed in it, or another message altogether.
 */
import { isJsonArray, isJsonObject, type JsonValue } from "../message/json.js";
import type { MessageView } from "../message/view.js";
import type { Heard } from "./heard.js";
import { isStructured } from "./learned.js";
import { tokensIn } from "./tokens.js";

/** So many traits of a message are looked at. */
const mostFeatures = 32;

/** So long a text is looked at. */
const longestText = 2000;

/** From 0, nothing in common, to 1. */
export function similarity(left: Heard, right: Heard): number {
  const [ours, theirs] = [featuresOf(left), featuresOf(right)];
  let common = 0;
  for (const feature of ours) if (theirs.has(feature)) common++;
  return (2 * common) / (ours.size + theirs.size);
}

function featuresOf(heard: Heard): ReadonlySet<string> {
  return (heard.features ??= new Set(traitsOf(heard.view)));
}

/** What kind of message it is comes first, so that none is without a trait. */
function traitsOf(view: MessageView): string[] {
  const { opcode, text } = view;
  if (isStructured(view)) return [`json ${opcode}`, ...jsonTraits(view.json!)];
  if (text === undefined) return [`bytes ${opcode}`, view.bytes.toString("hex", 0, 4)];
  return [`text ${opcode}`, ...tokensIn(text.slice(0, longestText), mostFeatures)];
}

/** The names of members, and their values where they are single: an `op` or `type` is mostly one. */
function jsonTraits(json: JsonValue): string[] {
  if (isJsonArray(json))
    return json.slice(0, mostFeatures).map((item, at) => trait(String(at), item));
  if (!isJsonObject(json)) return [];
  const traits: string[] = [];
  for (const key of Object.keys(json)) {
    if (traits.length >= mostFeatures) break;
    traits.push(key, trait(key, json[key]!));
  }
  return traits;
}

function trait(key: string, value: JsonValue): string {
  if (typeof value === "object" && value !== null) {
    return `${key}: ${Array.isArray(value) ? "array" : "object"}`;
  }
  return `${key}= ${JSON.stringify(value).slice(0, 100)}`;
}
