/** Owns a row that was an object of JSON. */
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
