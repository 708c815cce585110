/** Owns the baseline: findings that are known and accepted, as a file that people keep in git. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Finding } from "./finding.js";
import type { Inspection } from "./inspection.js";

/** One accepted finding. What else the file says of it is for people. */
export interface AcceptedFinding {
  readonly fingerprint: string;
  readonly rule: string;
  readonly case: string;
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

/** What of a finding stands against a server. */
function isAgainst({ verdict }: Finding): boolean {
  return verdict === "fail" || verdict === "warn";
}

/** The baseline that accepts all that an inspection found. */
export function baselineOf({ findings }: Inspection): Baseline {
  const accepted = new Map<string, AcceptedFinding>();
  for (const { fingerprint, rule, case: which, message } of findings.filter(isAgainst)) {
    if (accepted.has(fingerprint)) continue;
    accepted.set(fingerprint, { fingerprint, rule, case: which, message, note: "" });
  }
  return { kind: "wsctl.baseline", version: 1, accepted: [...accepted.values()] };
}

/**
 * Reads a baseline, or a saved inspection, all of whose findings are accepted then.
 * @param name what it is called, for the error
 * @returns the fingerprints
 * @throws WsctlError WSCTL_EUSAGE for anything else
 */
export function readBaseline(text: string, name: string): ReadonlySet<string> {
  const refuse = (why: string): never => {
    throw new WsctlError("WSCTL_EUSAGE", `${safeLine(name)} is no baseline: ${why}`, {
      hint: "write one with wsctl inspect URL --write-baseline FILE, or name a saved --json",
    });
  };
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
  return new Set(
    list.flatMap((entry: unknown, index) => {
      const { fingerprint, verdict } = (entry ?? {}) as Record<string, unknown>;
      if (typeof fingerprint !== "string" || !/^[0-9a-f]{32}$/.test(fingerprint)) {
        return refuse(`entry ${index + 1} has no fingerprint`);
      }
      const isPassed = kind === "wsctl.inspection" && verdict !== "fail" && verdict !== "warn";
      return isPassed ? [] : [fingerprint];
    }),
  );
}
