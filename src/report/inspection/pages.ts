/** Owns the list of the ways in which an inspection can be rendered: one line each. */
import type { Ink } from "../ink.js";
import { jsonLine } from "../json.js";
import { healthLine, nagiosLine, prometheusPage } from "./health.js";
import { junitPage } from "./junit.js";
import type { Judged } from "./judgement.js";
import { markdownPage } from "./markdown.js";
import { sarifPage } from "./sarif.js";
import { textPage } from "./text.js";

/** Renders an inspection. */
type Page = (judged: Judged, ink: Ink) => string;

/** The inspection itself, one JSON document. */
function jsonPage({ inspection }: Judged): string {
  return jsonLine(inspection);
}

/** Those for outputs, by their kind. */
export const inspectionPages = {
  text: textPage,
  json: jsonPage,
  junit: junitPage,
  sarif: sarifPage,
  markdown: markdownPage,
  prometheus: prometheusPage,
} as const satisfies Readonly<Record<string, Page>>;

/** Those that watch a server, by the word for `--health`. */
export const healthPages = {
  plain: healthLine,
  nagios: nagiosLine,
  prometheus: prometheusPage,
} as const satisfies Readonly<Record<string, Page>>;
