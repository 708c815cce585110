/** Owns rows that are objects of JSON. */
import { messageOf } from "../../base/errors.js";
import type { JsonValue } from "../../message/json.js";
import type { Row } from "../feeder.js";

/**
 * The object's members as a row; their values keep their types.
 * @param where it stands, for people
 * @throws Error for what is no object
 */
export function rowOfJson(value: unknown, where: string): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where} is no object`);
  }
  return new Map(Object.entries(value as Readonly<Record<string, JsonValue>>));
}

/**
 * Reads JSON of a data file. What it holds is somebody's token as likely as not, and what JSON.parse
 * throws quotes it: only where it stands is told.
 * @param where it stands, for people
 * @throws Error for what is no JSON
 */
export function parseRows(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [, position] =
      / at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(messageOf(error)) ?? [];
    const at = position === undefined ? "" : `, at character ${Number(position) + 1}`;
    // oxlint-disable-next-line preserve-caught-error -- its message is what must not be shown
    throw new Error(`${where} is not JSON${at}`);
  }
}
