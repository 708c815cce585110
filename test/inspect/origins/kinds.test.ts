/** Shows that what is graver is known apart from what is lighter, for baselines: by its fingerprint. */
import { expect, test } from "vitest";
import type { Finding } from "../../../src/findings/finding.js";
import { attack, finding, good, victim } from "./attack.js";
import type { CookieApp } from "./cookie-app.js";

async function foundWith(
  rule: string,
  app: CookieApp,
  looking = victim,
  which = "",
): Promise<Finding> {
  return finding(await attack(app, looking, [rule]), rule, which);
}

test("each way in which a foreign Origin gets in is its own", async () => {
  const bare = { given: { allowedOrigin: good }, options: { request: { origin: good } } };
  const bearer = {
    ...bare,
    options: { request: { origin: good, authorization: "Bearer t0ken-1" } },
  };
  const ways = [
    await foundWith("OR-1", { knows: () => true }, bare),
    await foundWith("OR-1", { knows: () => true }),
    await foundWith("OR-1", { knows: (head) => head.includes("t0ken-1") }, bearer),
    await foundWith("OR-1", { lines: ["Set-Cookie: sid=alice; SameSite=Lax"] }),
    await foundWith("OR-1", {}),
    await foundWith("OR-1", { allows: (origin) => origin === good, late: 1008 }),
  ];
  expect(ways.map(({ verdict, severity }) => `${verdict} ${severity}`)).toEqual([
    "warn medium",
    "warn medium",
    "warn low",
    "warn medium",
    "fail high",
    "warn low",
  ]);
  expect(ways.every(({ kind }) => kind !== "")).toBe(true);
  expect(new Set(ways.map(({ cases }) => cases[0]!.fingerprint)).size).toBe(ways.length);
});

test("a look-alike is graver where a cookie rides along, and is known as that", async () => {
  const allows = (origin: string | undefined) => origin?.startsWith(good) === true;
  const grave = await foundWith("OR-4", { allows }, victim, "H.evil");
  const light = await foundWith("OR-4", { allows, knows: () => true }, victim, "H.evil");
  expect([grave.severity, light.severity]).toEqual(["high", "medium"]);
  expect(grave.cases[0]!.fingerprint).not.toBe(light.cases[0]!.fingerprint);
});

test("OR-1 says what browsers do where the cookie has no SameSite, as far as it is not seen", async () => {
  const unknown = (await foundWith("OR-1", {})).evidence.join("\n");
  expect(unknown).toContain("Without SameSite, Chromium takes it for Lax");
  expect(unknown).toContain(
    "first two minutes is for POSTs that open a page, and for no WebSocket",
  );
  expect(unknown).toMatch(/Firefox and Safari have no such default.*third parties$/);
  const sent = await foundWith("OR-1", { lines: ["Set-Cookie: sid=alice; SameSite=None; Secure"] });
  expect(sent).toMatchObject({ verdict: "fail", severity: "high" });
  expect(sent.evidence).toContain("SameSite: the cookie is sent");
  expect(sent.evidence.join()).not.toContain("Chromium");
});
