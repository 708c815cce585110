/**
 * Owns the report of a run as CI systems read it: JUnit's XML, in the form that Surefire writes and
 * Jenkins publishes. Thresholds, expectations and the verdict on the generator are its test cases.
 */
import type { ExpectationResult, RunResult, ThresholdResult } from "../metrics/run-result.js";
import { failedSteps, type FailedStep } from "./failed-steps.js";
import { targetsOf } from "./figures-of.js";
import { failureInWords } from "./gates.js";
import { thresholdSentence, thresholdWords } from "./threshold-words.js";
import { detailOf, reasonsOf } from "./reasons.js";
import { failsByExpectations, failsBySteps, verdictOf } from "./verdict.js";
import { xmlAttribute, xmlText } from "./xml.js";

/** One test case. */
interface Case {
  readonly classname: string;
  readonly name: string;
  /** `noted` is passed, though there is something to say. */
  readonly outcome: "passed" | "noted" | "failure" | "error";
  readonly message: string;
  /** More than the message: lines. */
  readonly details: readonly string[];
}

/** The document; ends with a newline. */
export function junitReport(result: RunResult): string {
  const suites = [
    ["thresholds", result.thresholds.map(thresholdCase)],
    ["expectations", result.expectations.map((step) => expectationCase(step, result))],
    ["steps", failedSteps(result).flatMap((step) => stepCases(step, result))],
    ["generator", [validityCase(result), ...interruptedCases(result)]],
  ] as const;
  const filled = suites.filter(([, cases]) => cases.length > 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="wsctl"${counts(filled.flatMap(([, cases]) => cases))}${time(result)}>`,
    ...filled.flatMap(([name, cases]) => suite(name, cases, result)),
    "</testsuites>",
    "",
  ].join("\n");
}

function suite(name: string, cases: readonly Case[], result: RunResult): string[] {
  const at = new Date(result.run.startedAt);
  // Without a zone, as the schema wants it; it is UTC.
  const timestamp = Number.isNaN(at.getTime()) ? "" : at.toISOString().slice(0, 19);
  const when = timestamp === "" ? "" : xmlAttribute("timestamp", timestamp);
  return [
    `  <testsuite${xmlAttribute("name", `wsctl.${name}`)}${counts(cases)}${xmlAttribute("skipped", "0")}${time(result)}${when}>`,
    "    <properties>",
    ...propertiesOf(result).map(
      ([key, value]) =>
        `      <property${xmlAttribute("name", key)}${xmlAttribute("value", value)}/>`,
    ),
    "    </properties>",
    ...cases.flatMap(testCase),
    "  </testsuite>",
  ];
}

function propertiesOf(result: RunResult): [string, string][] {
  const { run, env, plan } = result;
  return [
    ["run", run.id],
    ["scenario", run.scenario ?? ""],
    ["verdict", verdictOf(result).words],
    ["targets", targetsOf(plan).slice(0, 20).join(" ")],
    ["model", run.model],
    ["workers", String(run.workers)],
    ["wsctl", env.wsctl],
    ["node", env.node],
    ["os", env.os],
    ["cpu", env.cpu],
    ["cores", String(env.cores)],
  ];
}

function thresholdCase(threshold: ThresholdResult): Case {
  const { name } = thresholdWords(threshold);
  return {
    classname: "wsctl.thresholds",
    name,
    outcome: threshold.ok ? "passed" : "failure",
    message: threshold.ok ? "" : thresholdSentence(threshold),
    details: threshold.place === undefined ? [] : [`at ${threshold.place}`],
  };
}

/** What was not met is a failure only where it made the run fail: a threshold says so. */
function expectationCase(
  { scenario, step, passed, failed, example }: ExpectationResult,
  result: RunResult,
): Case {
  const unmet = failsByExpectations(result) ? "failure" : "noted";
  return {
    classname: `wsctl.expectations.${scenario}`,
    name: step,
    outcome: failed === 0 ? "passed" : unmet,
    message: failed === 0 ? "" : `${failed} of ${passed + failed} expectations were not met`,
    details: example === undefined ? [] : [example],
  };
}

/** A step that could not be played; those with expectations have their cases already. */
function stepCases(step: FailedStep, result: RunResult): Case[] {
  if (step.of !== undefined) return [];
  const { scenario, step: name, example } = step;
  const classname = `wsctl.steps.${scenario}`;
  const outcome = failsBySteps(result) ? "failure" : "noted";
  const details = example === undefined ? [] : [example];
  return [{ classname, name, outcome, message: failureInWords(step), details }];
}

/** An INVALID run is an error, not a failure: nothing is known of what was to be tested. */
function validityCase(result: RunResult): Case {
  const reasons = reasonsOf(result);
  return {
    classname: "wsctl.generator",
    name: "the figures are evidence",
    outcome: result.validity.ok ? "passed" : "error",
    message: reasons.map((reason) => `${reason.code}: ${detailOf(reason, result)}`).join("; "),
    details: reasons.map(({ code, remedy }) => `${code}: ${remedy}`),
  };
}

/** Of a run that was ended before its time it is not known what the rest would have brought. */
function interruptedCases(result: RunResult): Case[] {
  const { kind, words } = verdictOf(result);
  if (kind !== "interrupted") return [];
  const name = "the run was not ended before its time";
  return [{ classname: "wsctl.generator", name, outcome: "error", message: words, details: [] }];
}

function testCase({ classname, name, outcome, message, details }: Case): string[] {
  const head = `    <testcase${xmlAttribute("classname", classname)}${xmlAttribute("name", name)}${xmlAttribute("time", "0")}`;
  if (outcome === "passed") return [`${head}/>`];
  const text = [message, ...details].map(xmlText).join("\n");
  if (outcome === "noted") {
    return [`${head}>`, `      <system-out>${text}</system-out>`, "    </testcase>"];
  }
  return [
    `${head}>`,
    `      <${outcome}${xmlAttribute("message", message)}${xmlAttribute("type", "wsctl")}>${text}</${outcome}>`,
    "    </testcase>",
  ];
}

function counts(cases: readonly Case[]): string {
  const count = (outcome: Case["outcome"]): string =>
    String(cases.filter((one) => one.outcome === outcome).length);
  return (
    xmlAttribute("tests", String(cases.length)) +
    xmlAttribute("failures", count("failure")) +
    xmlAttribute("errors", count("error"))
  );
}

function time({ run }: RunResult): string {
  return xmlAttribute("time", (run.took / 1000).toFixed(3));
}
