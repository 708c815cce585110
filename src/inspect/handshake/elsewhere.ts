/** Owns HS-10: what is answered where no WebSocket is: to a plain request, and on another path. */
import { randomBytes } from "node:crypto";
import type { Check } from "../check.js";
import { saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { asPlainRequest } from "./head-change.js";
import { type Case, type Judged, type Told, tryCases } from "./told.js";

const plain = "plain GET";
const other = "upgrade on another path";

function casesFor({ given }: Subject): Case[] {
  const path = given.otherPath ?? `/wsctl-${randomBytes(6).toString("hex")}`;
  const target = path.startsWith("/") ? path : `/${path}`;
  return [
    { name: plain, question: { vary: asPlainRequest } },
    { name: other, question: { vary: (head) => ({ ...head, target }) } },
  ];
}

function judge({ name, outcome, reply }: Told): Judged {
  if (outcome === "failed") {
    return {
      verdict: "fail",
      message: `${name}: the server failed with ${saidOf(reply)}; right is a 4xx at once`,
    };
  }
  if (outcome !== "switched") return { well: "" };
  if (name === plain) {
    return {
      verdict: "fail",
      severity: "high",
      message:
        "a plain GET, which asks for no upgrade, was answered with 101; right is 426 or another 4xx",
    };
  }
  return {
    verdict: "info",
    message: `the server upgrades on any path: ${reply.request.target} was answered with 101 too`,
  };
}

/** Where no WebSocket is. */
export const elsewhereCheck: Check = {
  rule: {
    id: "HS-10",
    title: "what is no WebSocket is refused at once, in HTTP",
    severity: "low",
    source: "practice",
    why: "Health checks, crawlers and people with a wrong path come by: a hang holds a connection, and a 5xx raises alarms.",
    fix: "Answer plain requests with 426 and unknown paths with 404; in Node.js an upgrade listener that does not want the socket has to write an answer and destroy it.",
  },
  tier: "default",
  needs: "switch",
  passesBy: "refusal",
  cost: { handshakes: 2 },
  run: async (subject) =>
    tryCases(subject, {
      cases: casesFor(subject),
      judge,
      allWell: "a plain GET and another path are answered in HTTP",
      closed: "warn",
      silent: "fail",
      besides: [429],
    }),
};
