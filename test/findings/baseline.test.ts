import { describe, expect, test } from "vitest";
import { baselineOf, isAccepted, readBaseline } from "../../src/findings/baseline.js";
import { type Finding, fingerprintOf } from "../../src/findings/finding.js";
import type { Inspection } from "../../src/findings/inspection.js";
import { isAtLeast, type Severity } from "../../src/findings/severity.js";
import { type Verdict, worstOf } from "../../src/findings/verdict.js";

function finding(
  rule: string,
  verdict: Verdict,
  which = "",
  severity: Severity = "high",
  cases: readonly string[] = [which],
): Finding {
  return {
    rule,
    case: which,
    kind: "",
    verdict,
    severity,
    confidence: "certain",
    message: `${rule} is ${verdict}`,
    evidence: [],
    why: "",
    fix: "",
    cases: cases.map((name) => ({ case: name, fingerprint: fingerprintOf(rule, name, verdict) })),
    accepted: false,
  };
}

/** As much of an inspection as a baseline is made of. */
function inspectionOf(findings: readonly Finding[]): Inspection {
  return { kind: "wsctl.inspection", version: 1, findings } as unknown as Inspection;
}

describe("what a finding is known by", () => {
  test("is the same on every machine", () => {
    expect(fingerprintOf("HS-05", "", "fail")).toMatch(/^[0-9a-f]{32}$/);
    expect(fingerprintOf("HS-05", "", "fail")).toBe(fingerprintOf("HS-05", "", "fail"));
  });

  test("changes with the rule, the case, the kind and the verdict, and these are kept apart", () => {
    const all = [
      fingerprintOf("HS-05", "", "fail"),
      fingerprintOf("HS-05", "", "warn"),
      fingerprintOf("HS-06", "", "fail"),
      fingerprintOf("HS-05", "a", "fail"),
      fingerprintOf("HS", "05\na", "fail"),
      fingerprintOf("HS-05", "", "fail", "a"),
      fingerprintOf("HS-05", "", "fail", "b"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("a baseline", () => {
  const findings = [
    finding("HS-07", "fail", "version 8"),
    finding("HS-07", "fail", "version 8"),
    finding("HS-16", "warn"),
    finding("HS-01", "pass"),
    finding("HS-03", "inconclusive"),
    finding("FP", "info"),
  ];

  test("accepts what stands against the server, once each, and nothing else", () => {
    const { accepted } = baselineOf(inspectionOf(findings));
    expect(accepted.map(({ rule, case: which }) => [rule, which])).toEqual([
      ["HS-07", "version 8"],
      ["HS-16", ""],
    ]);
  });

  test("comes back as it was written", () => {
    const written = baselineOf(inspectionOf(findings));
    const read = readBaseline(JSON.stringify(written), "base.json");
    expect([...read]).toEqual(
      written.accepted.map(({ fingerprint, severity }) => [fingerprint, severity]),
    );
  });

  test("can be a saved inspection: what it found is accepted, and what passed is not", () => {
    const read = readBaseline(JSON.stringify(inspectionOf(findings)), "saved.json");
    expect(read).toEqual(readBaseline(JSON.stringify(baselineOf(inspectionOf(findings))), "b"));
    expect(read.has(fingerprintOf("HS-01", "", "pass"))).toBe(false);
  });

  test("does not accept the failure that a warning has become", () => {
    const read = readBaseline(JSON.stringify(baselineOf(inspectionOf(findings))), "b");
    expect(read.has(fingerprintOf("HS-16", "", "warn"))).toBe(true);
    expect(read.has(fingerprintOf("HS-16", "", "fail"))).toBe(false);
  });

  test("does not accept what is graver than it was, and does accept what is less grave", () => {
    const known = finding("TLS-1", "warn", "dates", "low");
    const read = readBaseline(JSON.stringify(baselineOf(inspectionOf([known]))), "b");
    expect(isAccepted(known, read)).toBe(true);
    expect(isAccepted({ ...known, severity: "info" }, read)).toBe(true);
    expect(isAccepted({ ...known, severity: "medium" }, read)).toBe(false);
  });

  test("accepts as much as the gravest of what is known alike", () => {
    const twice = [
      finding("TLS-1", "warn", "dates", "low"),
      finding("TLS-1", "warn", "dates", "medium"),
    ];
    for (const both of [twice, twice.toReversed()]) {
      const saved = JSON.stringify(inspectionOf(both));
      const made = JSON.stringify(baselineOf(inspectionOf(both)));
      expect([...readBaseline(saved, "b").values()]).toEqual(["medium"]);
      expect([...readBaseline(made, "b").values()]).toEqual(["medium"]);
    }
  });

  test("knows each case of those that are told as one", () => {
    const three = finding("HS-07", "fail", "a, b, c", "high", ["a", "b", "c"]);
    for (const text of [inspectionOf([three]), baselineOf(inspectionOf([three]))]) {
      const read = readBaseline(JSON.stringify(text), "b");
      expect(isAccepted(three, read)).toBe(true);
      expect(isAccepted(finding("HS-07", "fail", "a, c", "high", ["a", "c"]), read)).toBe(true);
      expect(isAccepted(finding("HS-07", "fail", "b"), read)).toBe(true);
      expect(isAccepted(finding("HS-07", "fail", "a, d", "high", ["a", "d"]), read)).toBe(false);
    }
  });

  test("may begin with a byte order mark, and be empty", () => {
    const text = JSON.stringify(baselineOf(inspectionOf([])));
    expect(readBaseline(`\ufeff${text}`, "b").size).toBe(0);
  });

  test.each([
    ["{", /it is not JSON/],
    ["", /it is not JSON/],
    ["null", /says nothing of being one/],
    ['"wsctl.baseline"', /says nothing of being one/],
    ["[]", /says nothing of being one/],
    ['{"kind":"wsctl.run"}', /says nothing of being one/],
    ['{"kind":"wsctl.baseline"}', /its version is missing, not 1/],
    ['{"kind":"wsctl.baseline","version":"\\u001b[2J"}', /its version is/],
    ['{"kind":"wsctl.baseline","version":2,"accepted":[]}', /its version is 2, not 1/],
    ['{"kind":"wsctl.baseline","version":1}', /has no list of findings/],
    ['{"kind":"wsctl.baseline","version":1,"accepted":{}}', /has no list of findings/],
    ['{"kind":"wsctl.baseline","version":1,"accepted":[null]}', /entry 1 has no fingerprint/],
    [
      `{"kind":"wsctl.baseline","version":1,"accepted":[{"fingerprint":"${"A".repeat(32)}"}]}`,
      /entry 1 has no fingerprint/,
    ],
    [
      `{"kind":"wsctl.baseline","version":1,"accepted":[{"fingerprint":"${"a".repeat(32)}"}]}`,
      /entry 1 has no severity/,
    ],
    [
      '{"kind":"wsctl.inspection","version":1,"findings":[{"verdict":"fail","cases":[]}]}',
      /entry 1 has no cases/,
    ],
  ])("%s is refused by name", (text, why) => {
    expect(() => readBaseline(text, "b\u001b.json")).toThrow(
      expect.objectContaining({ code: "WSCTL_EUSAGE", message: expect.stringMatching(why) }),
    );
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(() => readBaseline(text, "b\u001b.json")).toThrow(/^[^\u001b]*$/);
  });
});

test("the worst verdict counts; nothing seen is inconclusive", () => {
  expect(worstOf(["pass", "warn", "info"])).toBe("warn");
  expect(worstOf(["skip", "pass"])).toBe("pass");
  expect(worstOf(["pass", "inconclusive"])).toBe("inconclusive");
  expect(worstOf([])).toBe("inconclusive");
});

test("severities are held against a limit", () => {
  expect(isAtLeast("high", "high")).toBe(true);
  expect(isAtLeast("critical", "high")).toBe(true);
  expect(isAtLeast("medium", "high")).toBe(false);
  expect(isAtLeast("info", "info")).toBe(true);
});
