/** A page of another site, with what a browser sends for it. */
import { describe, expect, test } from "vitest";
import { originChecks } from "../../../src/inspect/origins/checks.js";
import type { Looking } from "../looking.js";
import { attack, finding, good, victim } from "./attack.js";
import { type CookieApp, valuesOf } from "./cookie-app.js";

describe("cross-site WebSocket hijacking", () => {
  test("a cookie app that checks Origin passes all", async () => {
    const seen = await attack({ allows: (origin) => origin === good });
    expect(seen.verdicts).toEqual({
      "OR-1": "pass",
      "OR-2": "pass",
      "OR-3": "pass",
      "OR-4": "pass",
      "OR-5": "pass",
      "OR-6": "pass",
    });
    const declared = originChecks.reduce((sum, { cost }) => sum + cost.handshakes, 0);
    expect(seen.handshakes).toBeLessThanOrEqual(1 + declared);
    // The first exchange, the control, the allowed Origin twice, and 24 other rows.
    expect(seen.handshakes).toBe(28);
  });

  test("SameSite, tokens and public endpoints stand in the way of it", async () => {
    const cases: [string, CookieApp, Looking, string, string, RegExp][] = [
      [
        "lax",
        { lines: ["Set-Cookie: sid=bob; SameSite=Lax"] },
        victim,
        "warn",
        "medium",
        /SameSite/,
      ],
      ["none", { lines: ["Set-Cookie: sid=b; SameSite=None"] }, victim, "fail", "high", /hijack/],
      ["other", { lines: ["Set-Cookie: lb=1; SameSite=Lax"] }, victim, "fail", "high", /hijack/],
      ["public", { knows: () => true }, victim, "warn", "medium", /without credentials is let in/],
      [
        "nothing given",
        { knows: () => true },
        { options: { request: { origin: good } } },
        "warn",
        "medium",
        /none were given/,
      ],
      [
        "bearer",
        { knows: (head) => valuesOf(head, "authorization")[0] === "Bearer t0p" },
        { options: { request: { origin: good, authorization: "Bearer t0p" } } },
        "warn",
        "low",
        /would have to know/,
      ],
      [
        "a ticket besides",
        { allows: (_, head) => head.includes("x-csrf: 7") || head.includes("X-CSRF-Token: 7") },
        {
          ...victim,
          options: {
            request: { origin: good, cookie: "sid=alice", headers: [["X-CSRF-Token", "7"]] },
          },
        },
        "warn",
        "low",
        /yet not the header X-CSRF-Token/,
      ],
    ];
    await Promise.all(
      cases.map(async ([name, app, looking, verdict, severity, message]) => {
        const found = finding(await attack(app, looking, ["OR-1"]), "OR-1");
        expect({ name, verdict: found.verdict, severity: found.severity }).toEqual({
          name,
          verdict,
          severity,
        });
        expect(found.message).toMatch(message);
        expect(JSON.stringify(found)).not.toContain("t0p");
      }),
    );
    expect.assertions(3 * cases.length);
  });

  test("a cookie app that does not look at Origin can be hijacked, which is said once", async () => {
    const seen = await attack({});
    const found = finding(seen, "OR-1");
    expect(found).toMatchObject({ verdict: "fail", severity: "high", confidence: "certain" });
    expect(found.message).toContain('Origin "https://evil.example" is let in');
    expect(found.message).toContain("cross-site WebSocket hijacking");
    expect(found.evidence).toEqual([
      'Origin "https://evil.example": 101',
      'without credentials, Origin "https://app.example.com": 403 Forbidden',
    ]);
    expect(found.repro).toContain("-H 'Origin: https://evil.example'");
    expect(found.repro).not.toContain("alice");
    expect(seen.verdicts).toEqual({
      "OR-1": "fail",
      "OR-2": "info",
      "OR-3": "info",
      "OR-4": "info",
      "OR-5": "info",
      "OR-6": "info",
    });
    expect(seen.findings.filter(({ verdict }) => verdict === "fail")).toHaveLength(1);
    expect(seen.findings).toHaveLength(6);
  }, 20_000);
});
