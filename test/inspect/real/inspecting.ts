/** Owns whole inspections as these tests run them: the default tier, with what holds for every page. */
import { expect } from "vitest";
import { parseTarget } from "../../../src/dial/target.js";
import type { Finding } from "../../../src/findings/finding.js";
import type { Inspection } from "../../../src/findings/inspection.js";
import { inspect, type InspectOptions } from "../../../src/inspect/inspect.js";

/** What a person reads of an inspection. */
export interface Page {
  readonly inspection: Inspection;
  /** The verdict of each check, by its id. */
  readonly verdicts: Readonly<Record<string, string>>;
  /** What is held against the server, such as `HS-07 version 8: warn low`, sorted. */
  readonly against: readonly string[];
  /** The findings of a check. */
  readonly of: (id: string) => readonly Finding[];
}

/** The most connections of the default tier after the first exchange. */
const mostHandshakes = 40;

/** Inspects as `wsctl inspect URL` does, with what every page has to hold to. */
export async function inspected(
  url: string,
  dial: InspectOptions["dial"] = {},
  more: Partial<InspectOptions> = {},
): Promise<Page> {
  const inspection = await inspect(parseTarget(url), {
    dial: { family: 4, timeouts: { total: 5000 }, ...dial },
    selection: { tiers: new Set(["default"]), only: [], skip: [] },
    runs: 0,
    given: {
      allowedOrigin: undefined,
      otherPath: undefined,
      expiredToken: undefined,
      logoutUrl: undefined,
    },
    accepted: new Map(),
    wsctl: "1.2.3",
    date: new Date(),
    ...more,
  });
  const { budget, checks, findings } = inspection;
  expect(budget.handshakes).toBeLessThanOrEqual(budget.planned);
  expect(budget.handshakes).toBeLessThanOrEqual(1 + mostHandshakes);
  expect(inspection.interrupted).toBe(false);
  for (const { rule, verdict } of checks) {
    const own = findings.filter((finding) => finding.rule === rule.id);
    expect(own, rule.id).toContainEqual(expect.objectContaining({ verdict }));
    // A pass says what was seen, and stands alone.
    if (verdict === "pass") expect(own, rule.id).toHaveLength(1);
  }
  return {
    inspection,
    verdicts: Object.fromEntries(checks.map(({ rule, verdict }) => [rule.id, verdict])),
    against: findings
      .filter(({ verdict }) => verdict === "fail" || verdict === "warn")
      .map(({ rule, case: which, verdict, severity }) => `${rule} ${which}: ${verdict} ${severity}`)
      .toSorted(),
    of: (id) => findings.filter(({ rule }) => rule === id),
  };
}
