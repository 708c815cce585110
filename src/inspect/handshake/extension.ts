/** Owns HS-12: that no extension is turned on that was not offered. */
import { headerValue, headerValues } from "../../frame/upgrade.js";
import type { Check } from "../check.js";
import { isSwitch, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { withHeader } from "./head-change.js";
import { type Judged, type Told, toldOf, tryCases } from "./told.js";
import { theirs } from "../their-words.js";

const name = "Sec-WebSocket-Extensions";
const unknown = {
  name: "unknown extension",
  question: { vary: withHeader(name, "x-wsctl-unknown") },
};

function judge({ name: which, outcome, reply }: Told): Judged {
  const said = saidOf(reply);
  if (outcome === "failed") {
    const message = `${which}: the server failed with ${said}; right is 101 without ${name}`;
    return { verdict: "fail", severity: "medium", message };
  }
  if (outcome !== "switched") {
    const message = `${which}: answered ${said}; an offer that a server does not know is passed over, and right is 101 without ${name} (RFC 6455 §9.1)`;
    return { verdict: "warn", severity: "low", message };
  }
  const values = headerValues(reply.response.headers, name);
  if (values.length === 0) return { well: ` without ${name}` };
  const evidence = values.slice(0, 5).map((value) => `${name}: ${theirs(value)}`);
  if (values.every((value) => value.trim() === "")) {
    const message = `${which}: answered with an empty ${name}; where none is turned on the header is left out`;
    return { verdict: "warn", severity: "low", message, evidence };
  }
  const what = `the server turned on "${theirs(values.join(", "))}", which was not offered: clients fail the connection`;
  return {
    verdict: "fail",
    message: `${which}: ${what}`,
    alike: (names) => `${what} (${names})`,
    evidence: [`answer: ${evidence.join(", ")}`],
  };
}

/** Where the first exchange offered none, it is a case already. */
function shownBy({ baseline }: Subject): Told[] {
  if (!isSwitch(baseline)) return [];
  if (headerValue(baseline.request.headers, name) !== undefined) return [];
  return [toldOf({ name: "no extension", question: {} }, baseline)];
}

/** Extensions. */
export const extensionCheck: Check = {
  rule: {
    id: "HS-12",
    title: "no extension is turned on that was not offered",
    severity: "high",
    source: "RFC 6455 §4.1, §9.1",
    why: "A client has to fail the connection: it could not read a frame that was changed by an extension it does not know.",
    fix: "Answer with extensions of the request's own list only; never turn on permessage-deflate for a client that did not offer it, and never copy the header.",
  },
  tier: "default",
  needs: "switch",
  passesBy: "refusal",
  cost: { handshakes: 1 },
  run: async (subject) =>
    tryCases(subject, {
      cases: [unknown],
      shown: shownBy(subject),
      judge,
      allWell: "no extension was turned on that was not offered",
    }),
};
