/** Owns the list of reporters: one line for each way in which a RunResult can be rendered. */
import type { RunResult } from "../metrics/run-result.js";
import { csvReport } from "./csv.js";
import { hgrmReport, hlogReport } from "./hlog.js";
import type { Ink } from "./ink.js";
import { jsonReport } from "./json.js";
import { junitReport } from "./junit.js";
import { markdownReport } from "./markdown.js";
import { prometheusReport } from "./prometheus.js";
import { textReport } from "./text.js";

/** Renders a result, from the result alone. */
export type Reporter = (result: RunResult, ink: Ink) => string;

/** Every reporter by its kind. */
export const reporters = {
  text: textReport,
  json: jsonReport,
  junit: junitReport,
  markdown: markdownReport,
  csv: csvReport,
  hlog: hlogReport,
  hgrm: hgrmReport,
  prometheus: prometheusReport,
} as const satisfies Readonly<Record<string, Reporter>>;
