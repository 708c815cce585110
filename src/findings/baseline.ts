/** Owns the baseline: findings that are known and accepted, as a file that people keep in git. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Finding } from "./finding.js";
import type { Inspection } from "./inspection.js";
import { isAtLeast, severities, type Severity } from "./severity.js";

/** One accepted case of a finding. What else the file says of it is for people. */
export interface AcceptedFinding {
  readonly fingerprint: string;
  readonly rule: string;
  readonly case: string;
  /** How grave it was then: what is graver is not accepted. */
  readonly severity: Severity;
  readonly message: string;
  /** Why it is accepted. */
  readonly note: string;
}

/** The accepted findings of a file. */
export interface Baseline {
  readonly kind: "wsctl.baseline";
  readonly version: 1;
  readonly accepted: readonly AcceptedFinding[];
}

/** How grave it may be, by the fingerprint of what is accepted. */
export type Accepted = ReadonlyMap<string, Severity>;

/** What of a finding stands against a server. */
function isAgainst({ verdict }: Finding): boolean {
  return verdict === "fail" || verdict === "warn";
}

/** Whether that is accepted in each of its cases, and no graver than it was. */
export function isAccepted(
  { cases, severity }: Pick<Finding, "cases" | "severity">,
  accepted: Accepted,
): boolean {
  return cases.every(({ fingerprint }) => {
    const limit = accepted.get(fingerprint);
    return limit !== undefined && isAtLeast(limit, severity);
  });
}

/** The baseline that accepts all that an inspection found. */
export function baselineOf({ findings }: Inspection): Baseline {
  const accepted = new Map<string, AcceptedFinding>();
  for (const { rule, cases, severity, message } of findings.filter(isAgainst)) {
    for (const { case: which, fingerprint } of cases) {
      const known = accepted.get(fingerprint);
      if (known && isAtLeast(known.severity, severity)) continue;
      accepted.set(fingerprint, { fingerprint, rule, case: which, severity, message, note: "" });
    }
  }
  return { kind: "wsctl.baseline", version: 1, accepted: [...accepted.values()] };
}

/** What a file says, by name: of its entries nothing is known yet. */
function listIn(text: string, refuse: (why: string) => never) {
  let value: unknown;
  try {
    // Some editors begin files with a byte order mark.
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return refuse("it is not JSON");
  }
  const { kind, version, accepted, findings } = (value ?? {}) as Record<string, unknown>;
  const isKnown = kind === "wsctl.baseline" || kind === "wsctl.inspection";
  if (!isKnown) return refuse("it says nothing of being one");
  if (version !== 1) {
    const said = version === undefined ? "missing" : safeLine(JSON.stringify(version), 40);
    return refuse(`its version is ${said}, not 1`);
  }
  const list: unknown = kind === "wsctl.baseline" ? accepted : findings;
  if (!Array.isArray(list)) return refuse("it has no list of findings");
  return { kind, list: list as unknown[] };
}

/**
 * Reads a baseline, or a saved inspection, all of whose findings are accepted then.
 * @param name what it is called, for the error
 * @throws WsctlError WSCTL_EUSAGE for anything else
 */
export function readBaseline(text: string, name: string): Accepted {
  const refuse = (why: string): never => {
    throw new WsctlError("WSCTL_EUSAGE", `${safeLine(name)} is no baseline: ${why}`, {
      hint: "write one with wsctl inspect URL --write-baseline FILE, or name a saved --json",
    });
  };
  const { kind, list } = listIn(text, refuse);
  const read = new Map<string, Severity>();
  for (const [index, entry] of list.entries()) {
    const { severity, verdict, ...known } = (entry ?? {}) as Record<string, unknown>;
    const isBaseline = kind === "wsctl.baseline";
    if (!isBaseline && verdict !== "fail" && verdict !== "warn") continue;
    const limit = severities.find((one) => one === severity);
    const cases: unknown = isBaseline ? [known] : known["cases"];
    if (!Array.isArray(cases) || cases.length === 0) refuse(`entry ${index + 1} has no cases`);
    for (const one of cases as unknown[]) {
      const { fingerprint } = (one ?? {}) as Record<string, unknown>;
      if (typeof fingerprint !== "string" || !/^[0-9a-f]{32}$/.test(fingerprint)) {
        return refuse(`entry ${index + 1} has no fingerprint`);
      }
      if (limit === undefined) return refuse(`entry ${index + 1} has no severity`);
      const before = read.get(fingerprint);
      if (before === undefined || !isAtLeast(before, limit)) read.set(fingerprint, limit);
    }
  }
  return read;
}
