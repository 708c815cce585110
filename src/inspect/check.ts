/** Owns what a check is: one rule, what looking costs the server, and how it is looked at. */
import type { Confidence } from "../findings/finding.js";
import type { Rule } from "../findings/rule.js";
import type { Severity } from "../findings/severity.js";
import type { Verdict } from "../findings/verdict.js";
import type { UpgradeRequest } from "../frame/upgrade.js";
import type { Subject } from "./subject.js";

/** When a check is run: unless told, or only with the flag of that name. */
export type Tier = "default" | "origins" | "security" | "active" | "intrusive";

/** The most that a check asks of a server; the asker holds it to that. */
export interface Cost {
  /** Connections opened, whether or not an upgrade follows. */
  readonly handshakes: number;
  /** Connections open at once; 1 unless told. */
  readonly connections?: number;
  /** Bytes sent on open WebSockets; 0 unless told. */
  readonly bytes?: number;
}

/**
 * How far the first exchange must have come for a check to say anything: TCP and TLS stand, an
 * answer came, it was a 101, it was a valid 101.
 */
export type Needs = "nothing" | "connection" | "answer" | "switch" | "open";

/** What a check saw. */
export interface Observation {
  /** Which of the things that the rule is held against, such as `version 8`. */
  readonly case?: string;
  /** Where several are told as one: their names, each known by itself. */
  readonly cases?: readonly string[];
  /** How it went, in fixed words, where one case can go wrong in several ways: `server error`. */
  readonly kind?: string;
  readonly verdict: Verdict;
  /** Of a failure or a warning; the rule's unless told. */
  readonly severity?: Severity;
  /** `certain` unless told. */
  readonly confidence?: Confidence;
  /** One line; made harmless by the runner, cleaned of secrets by the check. */
  readonly message: string;
  /** Names of cookies in the message: they are no secrets, though a secret may be the same word. */
  readonly names?: readonly string[];
  readonly evidence?: readonly string[];
  /** In place of the rule's own. */
  readonly why?: string;
  readonly fix?: string;
  /** The request that shows it again: a command is made of it. */
  readonly request?: UpgradeRequest | undefined;
  /** The command itself, where a request does not say it. */
  readonly repro?: string;
}

/** One thing looked at. */
export interface Check {
  readonly rule: Rule;
  readonly tier: Tier;
  readonly needs: Needs;
  readonly cost: Cost;
  /** `refused`: it asks nothing of a server that has switched protocols; for the printed budget. */
  readonly onlyWhen?: "refused";
  /** It rests on the first exchange being watched for long, and pinged meanwhile. */
  readonly watches?: true;
  /**
   * It sends what breaks the protocol, in a few words: afterwards it is seen whether the server is
   * still there, which takes one handshake more.
   */
  readonly provokes?: string;
  /** A look that it shares with others by that name: the first of them pays, the rest have it. */
  readonly shares?: string;
  /** Why it has no place at such a target, whatever the server says: it is not planned for then. */
  readonly lack?: (place: Pick<Subject, "target" | "options">) => string | undefined;
  /** Its pass rests on refusals: a good request after the last such check has to be let in still. */
  readonly passesBy?: "refusal";
  /** Why it has no place here; undefined where it has one. */
  readonly skip?: (subject: Subject) => string | undefined;
  /** Looks. What it throws makes it inconclusive, and so does saying nothing. */
  readonly run: (subject: Subject) => Promise<readonly Observation[]>;
}
