/** Origins that look like the allowed one: each way of comparing wrongly is called by what got in. */
import { describe, expect, test } from "vitest";
import { originChecks } from "../../../src/inspect/origins/checks.js";
import { lookAt } from "../looking.js";
import { attack, good, victim } from "./attack.js";
import { startCookieApp } from "./cookie-app.js";

describe("look-alikes are named with the string that got in", () => {
  test("each way to compare wrongly", async () => {
    const known: [string, (origin: string) => boolean, readonly string[]][] = [
      ["prefix", (o) => o.startsWith(good), ["H.evil", "H@evil", "H`evil", "H_.evil"]],
      ["suffix", (o) => o.endsWith("app.example.com"), ["evilH", "evil#H"]],
      [
        "parent",
        (o) => /^https:\/\/[a-z.]*example\.com$/.test(o),
        ["dots as letters", "evilH", "evil + parent of H"],
      ],
      ["dots", (o) => /^https:\/\/app.example.com$/.test(o), ["dots as letters"]],
      [
        "substring",
        (o) => o.includes("app.example.com"),
        ["H.evil", "evilH", "H@evil", "evil#H", "H`evil", "H_.evil"],
      ],
      [
        "word",
        (o) => /^https:\/\/app\.example\.com\W/.test(`${o}/`),
        ["H.evil", "H@evil", "H`evil"],
      ],
      ["twin", (o) => o === good || o.includes("xn--"), ["IDN twin"]],
    ];
    await Promise.all(
      known.map(async ([name, check, wanted]) => {
        const seen = await attack({ allows: (o = "") => check(o) }, victim, ["OR-1", "OR-4"]);
        const failed = seen.findings.filter(({ verdict }) => verdict === "fail");
        expect([name, failed.map((each) => each.case).toSorted()]).toEqual([
          name,
          wanted.toSorted(),
        ]);
        expect(seen.verdicts["OR-1"]).toBe("pass");
        // No browser sends these two; the others can be had by anybody, and the cookie comes along.
        expect(failed.map((each) => [each.case, each.severity])).toEqual(
          failed.map((each) => [each.case, /[@#]/.test(each.case) ? "medium" : "high"]),
        );
        const origin = /Origin "([^"]+)" is let in/.exec(failed[0]!.message)?.[1] ?? "";
        expect(check(origin) && origin !== good).toBe(true);
      }),
    );
    expect.assertions(4 * known.length);
  }, 20_000);

  test("of an address only what a page could be called is tried", async () => {
    const { url, heads } = await startCookieApp({
      allows: (origin = "") => /^http:\/\/127\.0\.0\.1(:\d+)?$/.test(origin),
    });
    const seen = await lookAt(url, originChecks.slice(3, 4), {
      options: { request: { origin: "http://127.0.0.1:9", cookie: "sid=alice" } },
    });
    expect(seen.verdicts).toEqual({ "OR-4": "pass" });
    const evidence = seen.findings[0]!.evidence.join("\n");
    expect(evidence).toContain("not tried: evilH, for the allowed host is an address");
    expect(heads.join("")).toContain("http://127.0.0.1.evil.example:");
    expect(heads.join("")).not.toContain("evil127");
  });
});
