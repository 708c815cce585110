/** Owns a replay as CI systems read it: JUnit's XML, a test case for each recording. */
import type { ConnectionResult, Difference, ReplayResult } from "../../replay/result.js";
import { xmlAttribute, xmlText } from "../../report/xml.js";
import { changeInWords, countsInWords, headOf, outcomeInWords, waitInWords } from "./words.js";

const mostLines = 200;
const plain = { was: (text: string) => text, now: (text: string) => text };

/** The document; ends with a newline. */
export function junitPage(result: ReplayResult): string {
  const { connections, took, startedAt, pace, tool } = result;
  const time = xmlAttribute("time", (took / 1000).toFixed(3));
  const counts = countsOf(connections);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="wsctl"${counts}${time}>`,
    // Without a zone, as the schema wants it; it is UTC.
    `  <testsuite name="wsctl.replay"${counts} skipped="0"${time}${xmlAttribute("timestamp", startedAt.slice(0, 19))}>`,
    "    <properties>",
    `      <property name="pace"${xmlAttribute("value", pace)}/>`,
    `      <property name="wsctl"${xmlAttribute("value", tool)}/>`,
    "    </properties>",
    ...connections.flatMap(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** What differs is a failure; what could not be compared at all, an error. */
function kindOf({ outcome, updated }: ConnectionResult): "passed" | "failure" | "error" {
  if (outcome === "same" || updated) return "passed";
  return outcome === "failed" || outcome === "interrupted" ? "error" : "failure";
}

function countsOf(connections: readonly ConnectionResult[]): string {
  const count = (kind: string): string =>
    String(connections.filter((one) => kindOf(one) === kind).length);
  return (
    xmlAttribute("tests", String(connections.length)) +
    xmlAttribute("failures", count("failure")) +
    xmlAttribute("errors", count("error"))
  );
}

function testCase(result: ConnectionResult): string[] {
  const head =
    `    <testcase classname="wsctl.replay"${xmlAttribute("name", result.name)}` +
    xmlAttribute("time", (result.took / 1000).toFixed(3));
  const kind = kindOf(result);
  if (kind === "passed") return [`${head}/>`];
  const text = linesOf(result).slice(0, mostLines).map(xmlText).join("\n");
  return [
    `${head}>`,
    `      <${kind}${xmlAttribute("message", outcomeInWords(result))} type="wsctl">${text}</${kind}>`,
    "    </testcase>",
  ];
}

function linesOf(result: ConnectionResult): string[] {
  const { url, differences, waits, failure, notes } = result;
  return [
    url,
    countsInWords(result),
    ...(failure
      ? [failure.message, ...failure.where, ...(failure.hint ? [failure.hint] : [])]
      : []),
    ...differences.flatMap(differenceLines),
    ...waits.map(waitInWords),
    ...notes,
  ];
}

function differenceLines(difference: Difference): string[] {
  const { changes, message } = difference;
  return [
    headOf(difference),
    ...changes.map((change) => `  ${changeInWords(change, plain)}`),
    ...(message === undefined ? [] : [`  ${message}`]),
  ];
}
