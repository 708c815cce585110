/**
 * Shows that each check of the catalogue was seen to say both: that all is well, and that it is not.
 * The table says where; a check that is not in it has no such tests, or they are not known.
 */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "../../../src/inspect/catalogue.js";

/** Where a server passes, and where one fails or is warned of; or why there is none. */
type Evidence = readonly [good: string, bad: string | { readonly never: string }];

const evidence: Readonly<Record<string, Evidence>> = {
  "HS-01": ["handshake/head", { never: "it shows the exchange; what is wrong, others say" }],
  "HS-02": ["handshake/head", "real/serve"],
  "HS-03": ["handshake/head", "real/proxies"],
  "HS-04": ["handshake/head", "real/serve"],
  "HS-05": ["handshake/exemplary", "handshake/accept"],
  "HS-06": ["handshake/exemplary", "handshake/accept"],
  "HS-07": ["handshake/exemplary", "handshake/refusing"],
  "HS-08": ["handshake/exemplary", "handshake/refusing"],
  "HS-09": ["handshake/exemplary", "handshake/refusing"],
  "HS-10": ["handshake/exemplary", "handshake/refusing"],
  "HS-11": ["handshake/exemplary", "handshake/agreeing"],
  "HS-12": ["handshake/exemplary", "handshake/agreeing"],
  "HS-13": ["real/serve", "real/libraries"],
  "HS-14": ["handshake/exemplary", "handshake/refused"],
  // A challenge is shown, not praised: where all is well it is info.
  "HS-15": ["real/serve", "handshake/refused"],
  "HS-16": ["handshake/refused", "real/serve"],
  "HS-17": ["handshake/exemplary", "handshake/head"],
  "HS-18": ["handshake/staying", "handshake/staying"],
  "HS-19": ["aftermath", "aftermath"],
  "TLS-1": ["real/proxies", "real/tls"],
  "TLS-2": ["real/proxies", "real/tls"],
  "TLS-3": ["real/proxies", "real/tls"],
  "TLS-4": ["real/proxies", { never: "another certificate without SNI is how SNI works" }],
  "TLS-5": ["real/tls", "real/tls"],
  "H2-1": ["real/proxies", "http2/http2"],
  "H2-2": ["http2/http2", "http2/http2"],
  H3: ["real/serve", { never: "it reports Alt-Svc, and tries nothing" }],
  FP: ["fingerprint/library", { never: "it tells what the server says of itself" }],
  "FP-2": ["fingerprint/library", { never: "it tells which library it sees" }],
  "OR-1": ["origins/foreign-origin", "origins/foreign-origin"],
  "OR-2": ["origins/foreign-origin", "origins/other-origins"],
  // Programs send no Origin: that one without is let in is info, as the catalogue has it.
  "OR-3": ["origins/foreign-origin", "origins/other-origins"],
  "OR-4": ["origins/lookalikes", "origins/other-origins"],
  "OR-5": ["origins/foreign-origin", "origins/other-origins"],
  "OR-6": ["origins/foreign-origin", "origins/other-origins"],
  "AU-1": ["security/tokens", "security/tokens"],
  "AU-2": ["security/tokens", "security/tokens"],
  "AU-3": ["security/tokens", "security/tokens"],
  "AU-4": ["security/logout", "security/logout"],
  "TR-1": ["security/plain-text", "security/plain-text"],
  PS: ["security/leaks", "security/leaks"],
  "SM-1": ["limits/smuggling", "limits/smuggling"],
  "RL-1": ["limits/rates", "limits/rates"],
  "RL-2": ["limits/rates", "limits/rates"],
  "RL-3": ["limits/rates", "limits/rates"],
  "SZ-1": ["limits/sizes", "limits/sizes"],
  "SZ-2": ["limits/sizes", "limits/sizes"],
  "SZ-3": ["limits/sizes", "limits/sizes"],
  "SL-1": ["limits/slowness", "limits/slowness"],
};

function pathOf(place: string): URL {
  return new URL(`../${place}.test.ts`, import.meta.url);
}

test("the table is the catalogue", () => {
  expect(Object.keys(evidence).toSorted()).toEqual(catalogue.map(({ rule }) => rule.id).toSorted());
});

test.each(Object.entries(evidence))("%s is seen to pass, and not to", (id, [good, bad]) => {
  const mentions = (place: string, verdict: RegExp): void => {
    expect(existsSync(pathOf(place)), place).toBe(true);
    const text = readFileSync(pathOf(place), "utf8");
    expect(text, place).toMatch(new RegExp(`\\b${id}\\b`));
    expect(text, place).toMatch(verdict);
  };
  mentions(good, /\bpass(?:es)?\b|"info"|\bfaultless\b/);
  if (typeof bad === "string") mentions(bad, /\b(?:fail|warn)(?:s|ed)?\b/);
  else expect(bad.never.length).toBeGreaterThan(10);
});

test("what never fails is told as worth knowing only", () => {
  for (const { rule } of catalogue) {
    if (typeof evidence[rule.id]![1] === "string") continue;
    expect(rule.severity, rule.id).toBe("info");
  }
});
