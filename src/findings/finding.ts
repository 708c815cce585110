/** Owns the Finding: what a check saw, with what shows it. */
import { createHash } from "node:crypto";
import type { Severity } from "./severity.js";
import type { Verdict } from "./verdict.js";

/** How sure a finding is: seen as it is, drawn from what was seen, or a hint. */
export type Confidence = "certain" | "firm" | "tentative";

/** One case of a finding, by which it is known again. */
export interface KnownCase {
  /** Its name; empty where the rule is held against one thing only. */
  readonly case: string;
  /** The same for the same thing found another time, or on another machine. */
  readonly fingerprint: string;
}

/** What was seen. All texts are harmless, and without secrets. */
export interface Finding {
  /** The id of its rule. */
  readonly rule: string;
  /** Which of the things that the rule is held against, or several by name; empty for one only. */
  readonly case: string;
  /** How it went, in fixed words, where one case can go wrong in several ways; else empty. */
  readonly kind: string;
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
  /** The cases that it speaks of, at least one: each is known by itself, however they are told. */
  readonly cases: readonly KnownCase[];
  /** Whether a baseline says that it is known and accepted, in each of its cases. */
  readonly accepted: boolean;
}

/**
 * What a case is known by: its rule, its name, its verdict, and the kind of what happened, where one
 * case can go wrong in several ways. Neither the address nor what the server said in detail is a part
 * of it, so that a baseline holds for staging and production alike.
 */
export function fingerprintOf(rule: string, which: string, verdict: Verdict, kind = ""): string {
  const known = JSON.stringify([rule, which, kind, verdict]);
  return createHash("sha256").update(known).digest("hex").slice(0, 32);
}
