/** Owns one row of the origin matrix as a request: which Origin is sent, and what else is changed. */
import type { Finding } from "../../findings/finding.js";
import type { RequestHead } from "../../frame/http-head.js";
import type { Header } from "../../frame/upgrade.js";

/** What a trial is about; the checks share them out by it. */
export type TrialKind =
  | "exact"
  | "foreign"
  | "null"
  | "missing"
  | "lookalike"
  | "neighbour"
  | "spelling"
  | "ambiguous";

/** One thing tried. */
export interface Trial {
  /** Its name in the matrix. */
  readonly name: string;
  readonly kind: TrialKind;
  /** The Origin headers, one for each; none for none. */
  readonly origins: readonly string[];
  /** In place of the Host header. */
  readonly host?: string;
  readonly forwardedHost?: string;
  /** What it comes to where this is let in although a plain foreign Origin is not. */
  readonly verdict: "fail" | "warn" | "info";
  readonly severity: Finding["severity"];
  /** What it means then: the rest of a sentence. */
  readonly means: string;
}

/** The Origin as the matrix shows it. */
export function shownOrigin({ origins }: Trial): string | undefined {
  return origins.length === 0 ? undefined : origins.join(" + ");
}

/** What is sent, for people: `Origin "https://evil.example"`. */
export function sentOf({ origins, host, forwardedHost }: Trial): string {
  const quoted = origins.map((origin) => `"${origin}"`).join(" and ");
  const parts = [origins.length === 0 ? "no Origin" : `Origin ${quoted}`];
  if (host !== undefined) parts.push(`Host "${host}"`);
  if (forwardedHost !== undefined) parts.push(`X-Forwarded-Host "${forwardedHost}"`);
  return parts.join(" with ");
}

/** The head with what the trial wants; whatever it says of these headers before is replaced. */
export function tried(head: RequestHead, trial: Trial): RequestHead {
  const { origins, host, forwardedHost } = trial;
  const changed = new Set(["origin"]);
  if (forwardedHost !== undefined) changed.add("x-forwarded-host");
  const kept = head.headers
    .filter(([name]) => !changed.has(name.toLowerCase()))
    .map(([name, value]): Header =>
      host !== undefined && name.toLowerCase() === "host" ? [name, host] : [name, value],
    );
  const added = origins.map((origin): Header => ["Origin", origin]);
  if (forwardedHost !== undefined) added.push(["X-Forwarded-Host", forwardedHost]);
  return { ...head, headers: [...kept, ...added] };
}
