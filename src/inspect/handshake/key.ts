/** Owns HS-08: that keys which are none are refused. */
import { newKey } from "../../frame/handshake.js";
import type { Check } from "../check.js";
import { saidOf } from "../reply.js";
import { withHeader } from "./head-change.js";
import { type Case, type Judged, type Told, tryCases } from "./told.js";

const name = "Sec-WebSocket-Key";

const base64Of = (bytes: number): string => Buffer.alloc(bytes, 0x5a).toString("base64");

/** The keys that are no keys; each as many lines as it has values. */
const keys: readonly (readonly [string, readonly string[]])[] = [
  ["key missing", []],
  ["key of 15 bytes", [base64Of(15)]],
  ["key of 17 bytes", [base64Of(17)]],
  // As long as a key is, of which too little is made by those that look at the length alone.
  ["key not base64", ["!!!!!!!!!!!!!!!!!!!!!!=="]],
];

function casesNow(): Case[] {
  const all = [...keys, ["key twice", [newKey(), newKey()]] as const];
  return all.map(([which, values]) => ({
    name: which,
    question: { vary: withHeader(name, ...values) },
  }));
}

function judge({ name: which, outcome, reply }: Told): Judged {
  const said = saidOf(reply);
  switch (outcome) {
    case "refused":
      return { well: "" };
    case "switched":
      return {
        verdict: "fail",
        message: `${which}: answered with 101; right is 400, since a key is 16 bytes in base64, once`,
        alike: (names) =>
          `answered with 101: ${names}; right is 400, since a key is 16 bytes in base64, once`,
      };
    case "failed":
      return {
        verdict: "fail",
        message: `${which}: the server failed with ${said}; right is 400`,
        alike: (names) => `the server failed with ${said}: ${names}; right is 400`,
      };
    case "other":
      return {
        verdict: "warn",
        severity: "low",
        message: `${which}: answered ${said}; right is an error, such as 400`,
      };
    default:
      return outcome satisfies never;
  }
}

/** Keys. */
export const keyCheck: Check = {
  rule: {
    id: "HS-08",
    title: "requests without a proper key are refused",
    severity: "medium",
    source: "RFC 6455 §4.2.1",
    why: "The key is what tells a WebSocket client from a form or a script that was made to send an HTTP request: a server that takes any answers those too.",
    fix: "Answer 400 unless there is exactly one Sec-WebSocket-Key of 24 characters that decode to 16 bytes.",
    cwe: 20,
  },
  tier: "default",
  needs: "switch",
  passesBy: "refusal",
  cost: { handshakes: keys.length + 1 },
  run: async (subject) =>
    tryCases(subject, { cases: casesNow(), judge, allWell: "all improper keys are refused" }),
};
