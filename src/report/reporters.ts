/** Owns the list of reporters: one line for each way in which a RunResult can be rendered. */
import type { RunResult } from "../metrics/run-result.js";
import type { Ink } from "./ink.js";
import { jsonReport } from "./json.js";
import { textReport } from "./text.js";

/** Renders a result, from the result alone. */
export type Reporter = (result: RunResult, ink: Ink) => string;

/** Every reporter by its kind. */
export const reporters = {
  text: textReport,
  json: jsonReport,
} as const satisfies Readonly<Record<string, Reporter>>;
