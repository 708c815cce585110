/** Owns HS-11: which subprotocol is chosen, by what was offered. */
import { headerValue, headerValues } from "../../frame/upgrade.js";
import type { Check } from "../check.js";
import { isSwitch, saidOf } from "../reply.js";
import { shownValue } from "../repro.js";
import type { Subject } from "../subject.js";
import { withHeader } from "./head-change.js";
import { type Case, type Judged, type Told, toldOf, tryCases } from "./told.js";
import { theirs } from "../their-words.js";

const name = "Sec-WebSocket-Protocol";

const none = "none offered";
const given = "those asked for";
const unknown = "unknown offered";
const two = "two offered";
const twice = "one offered twice";
const bad = "bad name offered";

/** `=` cannot be in a token (RFC 9110 §5.6.2), and hardly anything trips over it. */
const badName = "wsctl=a";

function offering(which: string, ...offered: readonly string[]): Case {
  const values = offered.length === 0 ? [] : [offered.join(", ")];
  return { name: which, question: { vary: withHeader(name, ...values) } };
}

/** The first exchange is one of the cases: either nothing was offered in it, or what the user asked for. */
function casesFor({ baseline }: Subject): { cases: Case[]; shown: Told[] } {
  if (!isSwitch(baseline)) return { cases: [], shown: [] };
  const own = (headerValue(baseline.request.headers, name) ?? "")
    .split(",", 50)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const [known = "wsctl-a"] = own;
  const isAsked = own.length > 0;
  return {
    shown: [toldOf({ name: isAsked ? given : none, question: {} }, baseline)],
    cases: [
      isAsked ? offering(none) : offering(two, "wsctl-a", "wsctl-b"),
      offering(unknown, "wsctl-unknown"),
      offering(twice, known, known),
      offering(bad, badName),
    ],
  };
}

/** What a choice has wrong whatever the case is. */
function wrongChoice(chosen: readonly string[], offered: readonly string[]): string | undefined {
  const [first = ""] = chosen;
  if (chosen.length > 1) {
    return `answered with ${chosen.length} ${name} headers; it may come once in an answer (RFC 6455 §11.3.4)`;
  }
  if (first === "")
    return `answered with an empty ${name}; where none is chosen the header is left out`;
  const shown = theirs(shownValue(name, first));
  if (offered.length === 0) {
    return `answered with ${name}: ${shown} though none was offered: clients fail the connection`;
  }
  if (offered.includes(first)) return undefined;
  return first.includes(",")
    ? `answered with the list "${shown}"; exactly one is chosen`
    : `chose "${shown}", which was not offered: clients fail the connection`;
}

function chose({ name: which }: Told, chosen: string): Judged {
  const shown = theirs(shownValue(name, chosen));
  if (which === bad) {
    return {
      verdict: "fail",
      severity: "medium",
      message: `sent back "${badName}", which is no name of a subprotocol (RFC 6455 §4.3): the server echoes what it is offered`,
    };
  }
  if (which === unknown) {
    return {
      verdict: "info",
      message: `agreed to "${shown}", which nobody speaks: it seems to take the first name it is offered`,
    };
  }
  if (which === twice) {
    return {
      verdict: "info",
      message: `took a list that names "${shown}" twice, though names have to differ (RFC 6455 §4.1)`,
    };
  }
  return { well: `, chose ${shown}` };
}

function choseNone({ name: which }: Told): Judged {
  if (which === unknown || which === given) {
    const what =
      which === given ? "none of the subprotocols asked for was" : "an unknown subprotocol was not";
    return {
      verdict: "info",
      message: `${what} chosen, and 101 answered without one: legal, yet browsers fail such a connection, and do not say why`,
    };
  }
  if (which === bad) {
    return {
      verdict: "info",
      message: `ignored "${badName}", which is no name of a subprotocol; RFC 6455 §4.2.1 asks for an error such as 400`,
    };
  }
  return { well: ", chose none" };
}

function judge(told: Told): Judged {
  const { name: which, outcome, reply } = told;
  const said = saidOf(reply);
  if (outcome === "refused") {
    if (which !== none) return { well: "" };
    return {
      verdict: "info",
      message: `the server insists on a subprotocol: without one it answers ${said}`,
    };
  }
  if (outcome === "failed") {
    return {
      verdict: "fail",
      severity: "medium",
      message: `${which}: the server failed with ${said}; right is 101 or a 4xx`,
    };
  }
  if (outcome === "other") {
    return {
      verdict: "warn",
      severity: "low",
      message: `${which}: answered ${said}, neither 101 nor an error`,
    };
  }
  const chosen = headerValues(reply.response.headers, name);
  if (chosen.length === 0) return choseNone(told);
  const offered = (headerValue(reply.request.headers, name) ?? "")
    .split(",", 50)
    .map((each) => each.trim());
  const wrong = wrongChoice(
    chosen,
    offered.filter((each) => each !== ""),
  );
  if (wrong === undefined) return chose(told, chosen[0]!);
  const lines = chosen.slice(0, 5).map((value) => `${name}: ${shownValue(name, value)}`);
  return {
    verdict: "fail",
    message: `${which}: ${wrong}`,
    alike: (names) => `${wrong} (${names})`,
    evidence: [`answer: ${lines.join(", ")}`],
  };
}

/** Subprotocols. */
export const subprotocolCheck: Check = {
  rule: {
    id: "HS-11",
    title: "at most one subprotocol is chosen, of those that were offered",
    severity: "high",
    source: "RFC 6455 §4.1, §4.2.2",
    why: "Browsers fail the connection when the subprotocol in the answer is not one they offered, and when they offered some and none is chosen.",
    fix: "Choose one name of the list that the server speaks and send it back alone; with none, leave the header out, or answer 400. Never copy the header of the request.",
  },
  tier: "default",
  needs: "switch",
  passesBy: "refusal",
  cost: { handshakes: 4 },
  run: async (subject) =>
    tryCases(subject, {
      ...casesFor(subject),
      judge,
      allWell: "subprotocols are chosen as RFC 6455 has it",
    }),
};
