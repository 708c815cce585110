/** Owns the list of the ways in which a replay can be rendered: one line each. */
import type { ReplayResult } from "../../replay/result.js";
import type { Ink } from "../../report/ink.js";
import { jsonLine } from "../../report/json.js";
import { junitPage } from "./junit.js";
import { textPage } from "./text.js";

/** Renders a replay. */
type Page = (result: ReplayResult, ink: Ink) => string;

/** By their kind. */
export const replayPages = {
  text: textPage,
  json: (result) => jsonLine(result),
  junit: (result) => junitPage(result),
} as const satisfies Readonly<Record<string, Page>>;
