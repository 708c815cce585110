/** Owns the Rule: what is asked of a server, why, and what to do where it does not hold. */
import type { Severity } from "./severity.js";

/** One rule, as `--list`, the manual and SARIF show it. */
export interface Rule {
  /** Stable, such as `HS-05`. */
  readonly id: string;
  /** What holds when all is well, in a few words. */
  readonly title: string;
  /** Of what breaks it, unless the finding says otherwise. */
  readonly severity: Severity;
  /** Where it stands, such as `RFC 6455 §4.1`; `practice` where nobody wrote it down. */
  readonly source: string;
  /** Why it matters: a sentence or two. */
  readonly why: string;
  /** What to do about a server that breaks it. */
  readonly fix: string;
  /** Its number in the Common Weakness Enumeration, if it has one. */
  readonly cwe?: number;
}
