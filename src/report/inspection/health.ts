/** Owns an inspection in one line, as people, Nagios and Prometheus watch a server. */
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type {
  InspectedCertificate,
  InspectedTiming,
  Inspection,
} from "../../findings/inspection.js";
import { isAtLeast, severities } from "../../findings/severity.js";
import { verdicts } from "../../findings/verdict.js";
import { exposition, type Family } from "../exposition.js";
import { expiringFirst, isExpired } from "./certificate.js";
import {
  checksWith,
  counted,
  isAgainst,
  type Judged,
  standingOf,
  standingWords,
  tally,
} from "./judgement.js";

const longest = 300;

/** The states of Nagios' plugins, whose numbers are their exit codes. */
const nagiosStates = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/** The certificate that expires too soon; undefined where TLS-1 looks at that. */
function expiring(inspection: Inspection): InspectedCertificate | undefined {
  const isLookedAt = inspection.checks.some(({ rule }) => rule.id === "TLS-1");
  return isLookedAt ? undefined : expiringFirst(inspection);
}

function expiryWords(certificate: InspectedCertificate, inspection: Inspection): string {
  const { daysLeft } = certificate;
  if (isExpired(certificate, inspection)) return "the certificate has expired";
  return `the certificate expires in ${counted(daysLeft, "day")}`;
}

/**
 * 0 OK; 1 WARNING: a finding of medium severity or above, or a certificate that expires too soon;
 * 2 CRITICAL; 3 UNKNOWN: was not seen.
 */
export function nagiosCode(judged: Judged): 0 | 1 | 2 | 3 {
  const standing = standingOf(judged);
  if (standing === "interrupted") return 3;
  if (standing !== "ok") return 2;
  const isGrave = judged.inspection.findings.some(
    (finding) => isAgainst(finding) && !finding.accepted && isAtLeast(finding.severity, "medium"),
  );
  return isGrave || expiring(judged.inspection) ? 1 : 0;
}

function sentence(judged: Judged): string {
  const { inspection } = judged;
  const { timing, outcome } = inspection;
  const isOpen = timing !== undefined && outcome === "open";
  const open = isOpen ? [`open in ${formatDuration(totalOf(timing))}`] : [];
  const words = standingOf(judged) === "ok" && isOpen ? [] : [standingWords(judged)];
  // Where TLS did not come to stand, the reason is told already.
  const soon = outcome === "failed" ? undefined : expiring(inspection);
  const expiry = soon ? [expiryWords(soon, inspection)] : [];
  return safeLine([...words, ...expiry, ...open, ...tally(inspection)].join(", "), longest);
}

/** Milliseconds until the answer; of several exchanges those of the middle one. */
function totalOf({ curl, runs }: InspectedTiming): number {
  const total = runs && Object.hasOwn(runs.phases, "total") ? runs.phases["total"] : undefined;
  return total?.p50 ?? curl.time_total * 1000;
}

/** For people: `OK ws://…: open in 4.70 ms, 31 passed`. */
export function healthLine(judged: Judged): string {
  const word = standingOf(judged) === "ok" ? "OK" : standingOf(judged).toUpperCase();
  return `${word} ${safeLine(judged.inspection.url, longest)}: ${sentence(judged)}\n`;
}

/** As Nagios' plugins have it: a state, words, a bar, and figures. */
export function nagiosLine(judged: Judged): string {
  const { inspection } = judged;
  const state = nagiosStates[nagiosCode(judged)];
  const words = `WEBSOCKET ${state} - ${sentence(judged)}`.replaceAll("|", "/");
  const { timing } = inspection;
  const days = inspection.tls?.chain[0]?.daysLeft;
  const figures = [
    ...(timing
      ? [
          `time=${(totalOf(timing) / 1000).toFixed(6)}s;;;0`,
          `dns=${timing.curl.time_namelookup.toFixed(6)}s;;;0`,
          `connect=${timing.curl.time_connect.toFixed(6)}s;;;0`,
        ]
      : []),
    ...(days === undefined ? [] : [`certificate_days=${days}`]),
    `failed=${checksWith(inspection, "fail")};;;0`,
    `warned=${checksWith(inspection, "warn")};;;0`,
  ];
  return `${words} | ${figures.join(" ")}\n`;
}

/** To the microsecond; more digits say nothing. */
function seconds(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}

function gauge(
  name: string,
  help: string,
  samples: readonly (readonly [Readonly<Record<string, string>>, number])[],
): Family {
  return {
    name: `wsctl_inspect_${name}`,
    type: "gauge",
    help,
    samples: samples.map(([labels, value]) => ({ labels, value })),
  };
}

/** As Prometheus reads it, from a file of node_exporter for one. */
export function prometheusPage(judged: Judged): string {
  const { inspection } = judged;
  const { url, outcome, timing, tls, findings, budget, startedAt } = inspection;
  const expires = Date.parse(tls?.chain[0]?.to ?? "");
  const against = findings.filter((finding) => isAgainst(finding) && !finding.accepted);
  const { dns, tcp, proxy, tls: secured, upgrade } = timing?.phases ?? {};
  const phases = Object.entries({ dns, tcp, proxy, tls: secured, upgrade }).flatMap(([phase, ms]) =>
    ms === undefined ? [] : [[{ url, phase }, seconds(ms)] as const],
  );
  return exposition([
    gauge("up", "Whether the WebSocket opened.", [[{ url }, outcome === "open" ? 1 : 0]]),
    gauge("ok", "Whether nothing was found that fails the inspection.", [
      [{ url }, standingOf(judged) === "ok" ? 1 : 0],
    ]),
    gauge("phase_seconds", "What each phase of opening took.", phases),
    gauge(
      "certificate_expiry_timestamp_seconds",
      "When the certificate expires.",
      Number.isNaN(expires) ? [] : [[{ url }, expires / 1000]],
    ),
    gauge(
      "checks",
      "Checks by what they came to.",
      verdicts.map((verdict) => [{ url, verdict }, checksWith(inspection, verdict)]),
    ),
    gauge(
      "findings",
      "Findings that are not accepted, by severity.",
      severities.map((severity) => [
        { url, severity },
        against.filter((finding) => finding.severity === severity).length,
      ]),
    ),
    gauge("handshakes", "Connections that the inspection opened.", [[{ url }, budget.handshakes]]),
    gauge("start_timestamp_seconds", "When the inspection began.", [
      [{ url }, Date.parse(startedAt) / 1000],
    ]),
  ]);
}
