/** Owns how tests run single checks: the first exchange, then the checks, as an inspection does. */
import type { DialOptions } from "../../src/dial/dial.js";
import { parseTarget } from "../../src/dial/target.js";
import type { Finding } from "../../src/findings/finding.js";
import type { Verdict } from "../../src/findings/verdict.js";
import { Asker, type AskerBase } from "../../src/inspect/asker.js";
import type { Check } from "../../src/inspect/check.js";
import { Pace } from "../../src/inspect/pace.js";
import { runChecks } from "../../src/inspect/runner.js";
import type { Given } from "../../src/inspect/subject.js";

/** What differs from a plain inspection. */
export interface Looking {
  readonly options?: DialOptions;
  readonly given?: Partial<Given>;
  /** Milliseconds for which the first exchange is watched; 0 unless told. */
  readonly watch?: number;
  /** Whether it is pinged meanwhile, as in an inspection; it is not unless told. */
  readonly ping?: boolean;
  readonly signal?: AbortSignal;
  /** By which certificates are old or young; now unless told. */
  readonly date?: Date;
}

/** What the checks saw. */
export interface Seen {
  /** The worst verdict of each check, by its id. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly findings: readonly Finding[];
  /** What was counted: connections begun, the first exchange included. */
  readonly handshakes: number;
}

/** Looks at the server behind the address with these checks. */
export async function lookAt(
  url: string,
  checks: readonly Check[],
  {
    options = {},
    given = {},
    watch = 0,
    ping = false,
    signal = new AbortController().signal,
    date,
  }: Looking = {},
): Promise<Seen> {
  const target = parseTarget(url);
  const pace = new Pace(0);
  const base: AskerBase = {
    target,
    options: { timeouts: { total: 3000 }, ...options },
    pace,
    signal,
  };
  const first = new Asker(base, { handshakes: 1 });
  const baseline = await first.ask({ watch, ping });
  await first.settle();
  const none = {
    allowedOrigin: undefined,
    otherPath: undefined,
    expiredToken: undefined,
    logoutUrl: undefined,
  };
  const { checks: done, findings } = await runChecks(checks, {
    base,
    subject: {
      target,
      options: base.options,
      given: { ...none, ...given },
      baseline,
      signal,
      date,
    },
    accepted: new Map(),
  });
  return {
    verdicts: Object.fromEntries(done.map(({ rule, verdict }) => [rule.id, verdict])),
    findings,
    handshakes: pace.handshakes,
  };
}
