/** Owns the JSON Schema of scenario files, for editors: generated from the schema itself. */
import { z } from "zod";
import { document } from "./document.js";

/** The schema (draft 2020-12) of what a person writes. */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(document, { io: "input", reused: "inline" });
  return { $schema, ...schema };
}
