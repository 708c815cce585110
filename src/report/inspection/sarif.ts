/** Owns an inspection as code scanners read it: SARIF 2.1.0, what is held against the server alone. */
import type { Finding, KnownCase } from "../../findings/finding.js";
import type { Inspection } from "../../findings/inspection.js";
import type { Rule } from "../../findings/rule.js";
import type { Severity } from "../../findings/severity.js";
import { jsonLine } from "../json.js";
import { evidenceBeside, isAgainst, type Judged } from "./judgement.js";

const schema = "https://json.schemastore.org/sarif-2.1.0.json";

const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};

/** As GitHub sorts them: above 9 critical, above 7 high, from 4 medium. */
const scores: Readonly<Record<Severity, string>> = {
  critical: "9.5",
  high: "8.0",
  medium: "5.5",
  low: "3.0",
  info: "0.0",
};

/** Text in which nothing is a link or a placeholder (SARIF 2.1.0 §3.11.5, §3.11.6). */
function plain(text: string): string {
  const literal = text.replace(/\{(?=\d)/g, "{{").replace(/(?<=\d)\}/g, "}}");
  return literal.includes("](") ? literal.replace(/[[\]\\]/g, "\\$&") : literal;
}

/** Each severity is a family of its own for GitHub: what is no weakness is none for it. */
function tagsOf({ id, cwe }: Rule): string[] {
  const family = id.replace(/-[^-]*$/, "");
  return [
    "websocket",
    family,
    ...(cwe === undefined ? [] : ["security", `external/cwe/cwe-${cwe}`]),
  ];
}

function ruleOf(rule: Rule): unknown {
  const { id, title, severity, source, why, fix } = rule;
  return {
    id,
    shortDescription: { text: plain(title) },
    fullDescription: { text: plain(why) },
    help: { text: plain(`${why}\n\nWhat to do: ${fix}\n\nSource: ${source}`) },
    defaultConfiguration: { level: levels[severity] },
    properties: { tags: tagsOf(rule), "security-severity": scores[severity] },
  };
}

/** A path that stands for the server, as scanners want findings to have one. */
function pathOf({ url }: Inspection): string {
  const place = /^[a-z+]+:(?:\/\/)?([^/?#]*)/i.exec(url)?.[1] || url.replace(/^[^:]*:/, "");
  return `wsctl/${
    place
      .replace(/[^A-Za-z0-9.-]/g, "_")
      .replace(/^\.+/, "_")
      .slice(0, 200) || "server"
  }`;
}

function textOf(finding: Finding): string {
  const { message, fix, repro } = finding;
  const evidence = evidenceBeside([finding]).map((line) => `- ${line}`);
  const lines = [message, ...evidence, `What to do: ${fix}`];
  return plain(
    [...lines, ...(repro === undefined ? [] : [`To see it again: ${repro}`])].join("\n"),
  );
}

/** A case, and the findings that speak of it. */
interface Result {
  readonly known: KnownCase;
  readonly all: readonly Finding[];
}

/** A result for each case: scanners know it by its fingerprint, and have each of them once. */
function resultsIn(findings: readonly Finding[]): Result[] {
  const results = new Map<string, { known: KnownCase; all: Finding[] }>();
  for (const finding of findings.filter(isAgainst)) {
    for (const known of finding.cases) {
      const result = results.get(known.fingerprint);
      if (result) result.all.push(finding);
      else results.set(known.fingerprint, { known, all: [finding] });
    }
  }
  return [...results.values()];
}

function resultOf({ known, all }: Result, ruleIndex: number, uri: string): unknown {
  const { case: which, fingerprint } = known;
  // The gravest comes first.
  const { rule, verdict, severity, confidence } = all[0]!;
  return {
    ruleId: rule,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    kind: "fail",
    level: levels[severity],
    message: { text: all.map(textOf).join("\n\n") },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } }],
    partialFingerprints: { "wsctl/v1": fingerprint, primaryLocationLineHash: `${fingerprint}:1` },
    // Where one result has them, all must (§3.27.23).
    suppressions: all.every(({ accepted }) => accepted)
      ? [{ kind: "external", status: "accepted", justification: "accepted by the baseline" }]
      : [],
    properties: { "security-severity": scores[severity], case: which, verdict, confidence },
  };
}

function endOf({ startedAt, took }: Inspection): object {
  const start = Date.parse(startedAt);
  if (Number.isNaN(start)) return {};
  return { startTimeUtc: startedAt, endTimeUtc: new Date(start + took).toISOString() };
}

/** The document; ends with a newline. Its rules are those of the checks that were chosen. */
export function sarifPage({ inspection }: Judged): string {
  const { checks, findings, wsctl, interrupted, outcome } = inspection;
  const rules = checks.map(({ rule }) => rule);
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  const uri = pathOf(inspection);
  return jsonLine({
    $schema: schema,
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "wsctl", version: wsctl, rules: rules.map(ruleOf) } },
        invocations: [
          { executionSuccessful: !interrupted && outcome !== "failed", ...endOf(inspection) },
        ],
        columnKind: "utf16CodeUnits",
        results: resultsIn(findings).map((result) =>
          resultOf(result, indices.get(result.all[0]!.rule) ?? -1, uri),
        ),
      },
    ],
  });
}
