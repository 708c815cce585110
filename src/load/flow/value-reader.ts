/** Owns what reads the value at a path out of messages, parsing them only where it has to. */
import type { compileJsonPath } from "../../message/json-path.js";
import type { JsonValue } from "../../message/json.js";
import type { Incoming } from "./incoming.js";

/** The reader for a compiled path; of several values it reads the first. */
export function readerOf(
  path: ReturnType<typeof compileJsonPath>,
): (incoming: Incoming) => JsonValue | undefined {
  const { singular } = path;
  if (singular) return (incoming) => incoming.select(singular);
  return ({ view: { json } }) => (json === undefined ? undefined : path.first(json));
}
