/**
 * Owns asking the rows of the origin matrix: each at most once in an inspection, one connection at a
 * time. Watching each WebSocket for the whole grace would take half a minute with a server that lets
 * everybody in, so that it is done only where the verdict hangs on it: for the allowed Origin, the
 * controls, the plain foreign one, look-alikes until one has stood the whole time, and for all once
 * the server was seen to close late. The others are watched for a quarter of it, and for a moment
 * only where any Origin gets in, since nothing hangs on them then.
 */
import type { Asker } from "../asker.js";
import type { Question } from "../question.js";
import type { Answered, Reply } from "../reply.js";
import type { Subject } from "../subject.js";
import {
  type Admission,
  admissionOf,
  bareAdmissionOf,
  grace,
  isIn,
  patienceWith,
  withoutCertificate,
} from "./admission.js";
import { type AllowedOrigin, allowedOriginOf } from "./allowed-origin.js";
import { asForeignPage, type Credentials, credentialsIn, sameSiteOf } from "./ambient.js";
import { sentOf, type Trial, tried } from "./trial.js";
import { trialsOf } from "./trials.js";

/** One row asked. */
export interface Asked extends Admission {
  readonly trial: Trial;
  readonly reply: Reply;
}

/** After so many rows without an answer no more are asked. */
const mostSilent = 2;

/** What the names of the last questions of rules begin with. */
const againKey = "exact again";

const probes = new WeakMap<Reply, OriginProbe>();

/** The probe of the inspection, if one of its checks has asked for it. */
export function knownProbe({ baseline }: Pick<Subject, "baseline">): OriginProbe | undefined {
  return probes.get(baseline);
}

/** The probe of the inspection; its first exchange has to have come to a valid 101. */
export function probeOf(subject: Subject): OriginProbe {
  const known = probes.get(subject.baseline);
  if (known) return known;
  if (subject.baseline.kind !== "answered") throw new Error("there was no first exchange");
  const made = new OriginProbe(subject, subject.baseline);
  probes.set(subject.baseline, made);
  return made;
}

/** What is known of how a server looks at Origins. */
export class OriginProbe {
  readonly allowed: AllowedOrigin;
  readonly trials: ReadonlyMap<string, Trial | string>;
  readonly credentials: Credentials;
  /** What browsers do with the given cookies when another site connects. */
  readonly sameSite: ReturnType<typeof sameSiteOf>;
  readonly #subject: Subject;
  readonly #timeout: number;
  readonly #asked = new Map<string, Asked>();
  #isWeary = false;
  #hasLate = false;
  #hasLookalike = false;
  #silent = 0;

  constructor(subject: Subject, baseline: Answered) {
    this.#subject = subject;
    this.#timeout = patienceWith(baseline);
    this.allowed = allowedOriginOf(subject);
    this.trials = trialsOf(this.allowed);
    this.credentials = credentialsIn(baseline, subject);
    this.sameSite = sameSiteOf(baseline);
  }

  /** What came of a row, or of `control`, if it was asked. */
  known(name: string): Asked | undefined {
    return this.#asked.get(name);
  }

  /** Whether the server lets in any Origin whatever; known once the foreign one was asked. */
  get isOpenToAll(): boolean {
    const foreign = this.#asked.get("other site");
    return foreign !== undefined && isIn(foreign);
  }

  /** Asks a row that is not skipped; undefined when the server has fallen silent. */
  ask(name: string, asker: Asker): Promise<Asked | undefined> {
    return this.#ask(name, name, {}, asker);
  }

  /** Asks with the allowed Origin and without credentials. */
  control(asker: Asker): Promise<Asked | undefined> {
    const bare = { anonymous: true, ...withoutCertificate(this.#subject.options) };
    return this.#ask("control", "exact", bare, asker);
  }

  /** Asks with the foreign Origin and with no more than a browser sends by itself. */
  asForeignPage(asker: Asker): Promise<Asked | undefined> {
    return this.#ask("foreign page", "other site", {}, asker, true);
  }

  /**
   * Asks the allowed Origin once more, after what that rule has tried: a server may have had enough
   * of all that, and refuse whatever comes.
   */
  async again(rule: string, asker: Asker): Promise<Asked | undefined> {
    const asked = await this.#ask(`${againKey} ${rule}`, "exact", {}, asker);
    if (asked?.answer !== "accepted") this.#isWeary = true;
    return asked;
  }

  /** Whether the server no longer let in the allowed Origin: then its refusals tell nothing. */
  get isWeary(): boolean {
    return this.#isWeary;
  }

  async #ask(
    key: string,
    name: string,
    question: Question,
    asker: Asker,
    isForeignPage = false,
  ): Promise<Asked | undefined> {
    const known = this.#asked.get(key);
    if (known) return known;
    const trial = this.trials.get(name);
    if (trial === undefined || typeof trial === "string") throw new Error(`no row ${name}`);
    if (this.#silent >= mostSilent) return undefined;
    const reply = await asker.ask({
      ...question,
      timeout: this.#timeout,
      watch: this.#graceOf(key, trial),
      vary: (head) => tried(isForeignPage ? asForeignPage(head, this.#subject) : head, trial),
    });
    const isBare = question.anonymous === true;
    const admission = isBare ? bareAdmissionOf(reply, this.#subject.options) : admissionOf(reply);
    const asked: Asked = { trial, reply, ...admission };
    this.#asked.set(key, asked);
    if (asked.answer === "late-reject") this.#hasLate = true;
    else if (asked.answer === "accepted" && trial.kind === "lookalike") this.#hasLookalike = true;
    if (asked.answer === "no answer") this.#silent++;
    return asked;
  }

  #graceOf(key: string, { kind }: Trial): number {
    if (key.startsWith(againKey)) return 1;
    if (this.#hasLate || kind === "exact" || kind === "foreign") return grace;
    if (this.isOpenToAll) return grace / 20;
    return kind === "lookalike" && !this.#hasLookalike ? grace : grace / 4;
  }
}

/** One line of evidence: what was sent, and what came. */
export function lineOf({ trial, said }: Asked): string {
  return `${sentOf(trial)}: ${said}`;
}
