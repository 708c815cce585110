/** Owns an inspection as CI systems read it: JUnit's XML, a test case for each check. */
import type { Finding } from "../../findings/finding.js";
import type { Inspection } from "../../findings/inspection.js";
import type { Rule } from "../../findings/rule.js";
import { xmlAttribute, xmlText } from "../xml.js";
import {
  evidenceBeside,
  isAgainst,
  isStopping,
  type Judged,
  standingOf,
  standingWords,
  tally,
} from "./judgement.js";

/** One test case; `noted` is passed, though there is something to say. */
interface Case {
  readonly classname: string;
  readonly name: string;
  readonly outcome: "passed" | "noted" | "failure" | "error" | "skipped";
  readonly message: string;
  /** More than the message: lines. */
  readonly details: readonly string[];
}

const mostDetails = 100;

/** The document; ends with a newline. */
export function junitPage(judged: Judged): string {
  const { inspection } = judged;
  const cases = [
    openingCase(judged),
    ...inspection.checks.map(({ rule, verdict }) => ruleCase(rule, verdict, judged)),
  ];
  const time = xmlAttribute("time", (inspection.took / 1000).toFixed(3));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="wsctl"${counts(cases)}${time}>`,
    `  <testsuite name="wsctl.inspect"${counts(cases)}${skipped(cases)}${time}${timestamp(inspection)}>`,
    "    <properties>",
    ...propertiesOf(judged).map(
      ([key, value]) =>
        `      <property${xmlAttribute("name", key)}${xmlAttribute("value", value)}/>`,
    ),
    "    </properties>",
    ...cases.flatMap(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

/** Without a zone, as the schema wants it; it is UTC. */
function timestamp({ startedAt }: Inspection): string {
  const at = new Date(startedAt);
  if (Number.isNaN(at.getTime())) return "";
  return xmlAttribute("timestamp", at.toISOString().slice(0, 19));
}

function propertiesOf({ inspection, failOn }: Judged): [string, string][] {
  const { url, outcome, wsctl, budget } = inspection;
  return [
    ["url", url],
    ["outcome", outcome],
    ["checks", tally(inspection).join(", ")],
    ["fail-on", failOn],
    ["handshakes", String(budget.handshakes)],
    ["wsctl", wsctl],
  ];
}

/** Of a server that was not reached, or that was not looked at in full, nothing is known: an error. */
function openingCase(judged: Judged): Case {
  const { failure } = judged.inspection;
  const standing = standingOf(judged);
  const isOpen = standing === "ok" || standing === "found";
  const isError = standing === "failed" || standing === "interrupted";
  return {
    classname: "wsctl.inspect",
    name: "the WebSocket opens",
    outcome: isOpen ? "passed" : isError ? "error" : "failure",
    message: isOpen ? "" : standingWords(judged),
    details: isOpen ? [] : [...(failure?.where ?? []), ...(failure?.hint ? [failure.hint] : [])],
  };
}

function linesOf(finding: Finding): string[] {
  const { case: which, message, fix, repro, accepted } = finding;
  return [
    `${which === "" ? "" : `${which}: `}${message}${accepted ? " (accepted)" : ""}`,
    ...evidenceBeside([finding]).map((line) => `  ${line}`),
    `  fix: ${fix}`,
    ...(repro === undefined ? [] : [`  $ ${repro}`]),
  ];
}

/** What is against the server is a failure only where it makes the command fail. */
function ruleCase(rule: Rule, verdict: string, { inspection, failOn }: Judged): Case {
  const all = inspection.findings.filter((finding) => finding.rule === rule.id);
  const against = all.filter(isAgainst);
  const stops = against.filter((finding) => isStopping(finding, failOn));
  const base = {
    classname: `wsctl.inspect.${rule.id.replace(/-[^-]*$/, "")}`,
    name: `${rule.id} ${rule.title}`,
  };
  if (stops.length > 0) {
    const [first] = stops;
    const details = [`why: ${first!.why}`, `source: ${rule.source}`, ...against.flatMap(linesOf)];
    return { ...base, outcome: "failure", message: first!.message, details };
  }
  if (verdict === "skip" || verdict === "inconclusive") {
    const message = all.find((finding) => finding.verdict === verdict)?.message ?? "";
    return { ...base, outcome: "skipped", message, details: [] };
  }
  if (against.length > 0) {
    return { ...base, outcome: "noted", message: "", details: against.flatMap(linesOf) };
  }
  const told = all.filter((finding) => finding.verdict === "info").map(({ message }) => message);
  return { ...base, outcome: told.length > 0 ? "noted" : "passed", message: "", details: told };
}

function testCase({ classname, name, outcome, message, details }: Case): string[] {
  const head = `    <testcase${xmlAttribute("classname", classname)}${xmlAttribute("name", name)} time="0"`;
  if (outcome === "passed") return [`${head}/>`];
  if (outcome === "skipped") {
    return [
      `${head}>`,
      `      <skipped${xmlAttribute("message", message)} type="wsctl"/>`,
      "    </testcase>",
    ];
  }
  const text = (outcome === "noted" ? details : [message, ...details])
    .slice(0, mostDetails)
    .map(xmlText)
    .join("\n");
  if (outcome === "noted") {
    return [`${head}>`, `      <system-out>${text}</system-out>`, "    </testcase>"];
  }
  return [
    `${head}>`,
    `      <${outcome}${xmlAttribute("message", message)} type="wsctl">${text}</${outcome}>`,
    "    </testcase>",
  ];
}

function count(cases: readonly Case[], outcome: Case["outcome"]): string {
  return String(cases.filter((one) => one.outcome === outcome).length);
}

function skipped(cases: readonly Case[]): string {
  return xmlAttribute("skipped", count(cases, "skipped"));
}

function counts(cases: readonly Case[]): string {
  return (
    xmlAttribute("tests", String(cases.length)) +
    xmlAttribute("failures", count(cases, "failure")) +
    xmlAttribute("errors", count(cases, "error"))
  );
}
