/** Owns HS-07: that only version 13 is spoken, and that the server says so. */
import { headerValue } from "../../frame/upgrade.js";
import type { Check } from "../check.js";
import { saidOf } from "../reply.js";
import { withHeader } from "./head-change.js";
import { type Case, type Judged, type Told, tryCases } from "./told.js";
import { theirs } from "../their-words.js";

const name = "Sec-WebSocket-Version";

/** The last draft that was spoken (hybi-08 to -12), and what may come one day. */
const others = ["8", "14"] as const;

const missing = "version missing";
const twice = "version 13 twice";
const list = "versions 8 and 13 in one";
const padded = "version 013";

/** What says 13 as well, and in a way that the grammar does not have (RFC 6455 §4.3). */
const lax: ReadonlyMap<string, string> = new Map([
  [
    twice,
    "with Sec-WebSocket-Version twice, which may stand once in a request (RFC 6455 §11.3.5),",
  ],
  [
    list,
    "with the list 8, 13 for a version, where one number is all that may stand (RFC 6455 §4.3),",
  ],
  [padded, "for version 013, which is no version by the grammar (RFC 6455 §4.3),"],
]);

const cases: readonly Case[] = [
  ...others.map((version) => ({
    name: `version ${version}`,
    question: { vary: withHeader(name, version) },
  })),
  { name: missing, question: { vary: withHeader(name) } },
  { name: twice, question: { vary: withHeader(name, "13", "13") } },
  { name: list, question: { vary: withHeader(name, "8, 13") } },
  { name: padded, question: { vary: withHeader(name, "013") } },
];

const version8 =
  "A server may understand more versions than one (RFC 6455 §4.2.2); 8 is that of the drafts hybi-08 to -12. Frames are the same, yet the Origin goes by Sec-WebSocket-Origin in it, which a check of Origin does not see. Browsers have not spoken it for many years.";

function switched(which: string): Judged {
  const what =
    which === missing
      ? "without any Sec-WebSocket-Version"
      : (lax.get(which) ?? `for ${which}, which is not RFC 6455,`);
  if (which === "version 8") {
    return {
      verdict: "warn",
      severity: "low",
      message: `a request ${what} was answered with 101; some servers do so on purpose: ws for Node.js takes 8 and 13`,
      why: version8,
    };
  }
  if (which === padded) {
    return {
      // Nobody gains anything by it; it is worth knowing where others compare the text.
      verdict: "info",
      message: `a request ${what} was answered with 101; right is a 4xx`,
      why: "Whoever reads the version as a number takes 013, 0xd or 1.3e1 for 13 too. What stands in front may compare the text, and see another version than the server does.",
      fix: 'Compare the text with "13", and answer 400 (or 426) otherwise; ws for Node.js reads it as a number: look at request.headers["sec-websocket-version"] in an upgrade listener before handleUpgrade.',
    };
  }
  return {
    verdict: "fail",
    // It says 13 too: the server is lax, yet it speaks what was asked for.
    severity: lax.has(which) ? "medium" : "high",
    message: `a request ${what} was answered with 101; right is a 4xx with ${name}: 13`,
    alike: (names) => `answered with 101: ${names}; right is a 4xx with ${name}: 13`,
  };
}

function judge({ name: which, outcome, reply }: Told): Judged {
  const said = saidOf(reply);
  if (outcome === "switched") return switched(which);
  if (outcome === "failed") {
    return {
      verdict: "fail",
      message: `${which}: the server failed with ${said}; right is a 4xx, such as 426, with ${name}: 13`,
      alike: (names) =>
        `the server failed with ${said}: ${names}; right is a 4xx, such as 426, with ${name}: 13`,
    };
  }
  const offered = headerValue(reply.response.headers, name);
  if (outcome === "other") {
    return {
      verdict: "warn",
      message: `${which}: answered ${said}; right is a 4xx, such as 426, with ${name}: 13`,
    };
  }
  const isWrongVersion = which !== missing && !lax.has(which);
  if (offered === undefined) {
    // What of the request is malformed needs an error only (§4.2.1); a wrong version, the header.
    if (!isWrongVersion) return { well: "" };
    return {
      verdict: "warn",
      kind: "no version named",
      message: `${which}: ${said} is right, yet it has no ${name}, which has to say what the server speaks`,
      alike: (names) =>
        `${said} is right, yet it has no ${name}, which has to say what the server speaks: ${names}`,
    };
  }
  if (!offered.split(/[\s,]+/, 50).includes("13")) {
    return {
      verdict: "warn",
      kind: "13 not named",
      message: `${which}: ${said} with ${name}: ${theirs(offered)}, which leaves out 13 though the server speaks it`,
    };
  }
  return { well: ` with ${name}: ${theirs(offered)}` };
}

/** Other versions. */
export const versionCheck: Check = {
  rule: {
    id: "HS-07",
    title: "versions other than 13 are refused, and 13 is named",
    severity: "medium",
    source: "RFC 6455 §4.2.2, §4.4",
    why: "A client that speaks another version learns from Sec-WebSocket-Version what to fall back to; a 101 lets it talk in a protocol that the server does not mean.",
    fix: "Answer 426 (or 400) with Sec-WebSocket-Version: 13 unless the request says 13, once; in ws for Node.js refuse version 8 in an upgrade listener before handleUpgrade.",
  },
  tier: "default",
  needs: "switch",
  passesBy: "refusal",
  cost: { handshakes: cases.length },
  run: async (subject) =>
    tryCases(subject, { cases, judge, allWell: "all other versions are refused" }),
};
