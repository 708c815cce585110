/** Owns the Finding: what a check saw, with what shows it. */
import { createHash } from "node:crypto";
import type { Severity } from "./severity.js";
import type { Verdict } from "./verdict.js";

/** How sure a finding is: seen as it is, drawn from what was seen, or a hint. */
export type Confidence = "certain" | "firm" | "tentative";

/** What was seen. All texts are harmless, and without secrets. */
export interface Finding {
  /** The id of its rule. */
  readonly rule: string;
  /** Which of the things that the rule is held against; empty when there is one only. */
  readonly case: string;
  readonly verdict: Verdict;
  /** `info` for what is neither failed nor warned of. */
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** What was seen, in one line. */
  readonly message: string;
  /** What shows it, a line each. */
  readonly evidence: readonly string[];
  readonly why: string;
  readonly fix: string;
  /** A command that shows it again. */
  readonly repro?: string;
  /** The same for the same thing found another time, or on another machine. */
  readonly fingerprint: string;
  /** Whether a baseline says that it is known and accepted. */
  readonly accepted: boolean;
}

/**
 * What a finding is known by: its rule, its case and its verdict. Neither the address nor what the
 * server said in detail is a part of it, so that a baseline holds for staging and production alike.
 */
export function fingerprintOf(rule: string, which: string, verdict: Verdict): string {
  return createHash("sha256").update(`${rule}\n${which}\n${verdict}`).digest("hex").slice(0, 32);
}
