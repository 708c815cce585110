/** What gets in besides the allowed Origin and its look-alikes, and what is refused too late. */
import { describe, expect, test } from "vitest";
import { attack, finding, good, victim } from "./attack.js";
import { type CookieApp, valuesOf } from "./cookie-app.js";

describe("late refusals", () => {
  test("101 and then a close is a low warning, with data it is what it would be", async () => {
    const allows = (origin?: string) => origin === good;
    const [silent, talking] = await Promise.all([
      attack({ allows, late: 1008 }, victim, ["OR-1", "OR-4"]),
      attack({ allows, late: 4003, talks: true }, victim, ["OR-1"]),
    ]);
    expect(finding(silent, "OR-1")).toMatchObject({ verdict: "warn", severity: "low" });
    expect(finding(silent, "OR-1").message).toContain("refused late: 101, then closed with 1008");
    expect(silent.verdicts["OR-4"]).toBe("pass");
    expect(finding(talking, "OR-1")).toMatchObject({
      verdict: "fail",
      severity: "high",
      confidence: "tentative",
    });
    expect(finding(talking, "OR-1").evidence[0]).toContain("101, then closed with 4003");
  });
});

describe("what else gets in", () => {
  test("null, missing, neighbours, and other headers, each by its name", async () => {
    const known: [string, CookieApp["allows"], readonly [string, string, string, string][]][] = [
      ["null", (o) => o === good || o === "null", [["OR-2", "null", "warn", "medium"]]],
      ["missing", (o) => o === good || o === undefined, [["OR-3", "missing", "info", "info"]]],
      [
        "host only",
        (o = "") => URL.canParse(o) && new URL(o).hostname === "app.example.com",
        [
          ["OR-5", "http instead of https", "warn", "medium"],
          ["OR-5", "other port", "warn", "low"],
        ],
      ],
      [
        "subdomains",
        (o = "") => /^https:\/\/(\w+\.)?app\.example\.com$/.test(o),
        [["OR-5", "sub.H", "warn", "low"]],
      ],
      [
        "development",
        (o = "") => o === good || /^https:\/\/(localhost|192\.168\.\d+\.\d+)$/.test(o),
        [
          ["OR-5", "localhost", "warn", "low"],
          ["OR-5", "private address", "warn", "low"],
        ],
      ],
      [
        "host header",
        (o = "", head = "") => o === good || o === `https://${valuesOf(head, "host")[0]}`,
        [["OR-6", "Host of the other site", "warn", "low"]],
      ],
      [
        "forwarded",
        (o = "", head = "") =>
          o === good || o === `https://${valuesOf(head, "x-forwarded-host")[0]}`,
        [["OR-6", "X-Forwarded-Host of the other site", "warn", "low"]],
      ],
      [
        "the first of two",
        (_, head = "") => valuesOf(head, "origin")[0] === good,
        [["OR-6", "two Origin headers", "warn", "low"]],
      ],
      [
        "the first of a list",
        (o = "") => o.split(" ")[0] === good,
        [["OR-6", "a list", "warn", "low"]],
      ],
    ];
    const ids = ["OR-1", "OR-2", "OR-3", "OR-5", "OR-6"];
    await Promise.all(
      known.map(async ([name, allows, wanted]) => {
        const seen = await attack({ allows: allows! }, victim, ids);
        const told = seen.findings
          .filter(({ verdict }) => verdict !== "pass")
          .map((each) => [each.rule, each.case, each.verdict, each.severity].join(", "));
        const expected = wanted.map((each) => each.join(", "));
        expect([name, told.toSorted()]).toEqual([name, expected.toSorted()]);
      }),
    );
    expect.assertions(known.length);
  }, 20_000);
});
