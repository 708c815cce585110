/** Owns the check of how permessage-deflate is negotiated. */
import { headerValue } from "../../frame/upgrade.js";
import { type Against, merged } from "../alike.js";
import { patience } from "../check-timeout.js";
import type { Check, Observation } from "../check.js";
import { withHeader } from "../handshake/head-change.js";
import { limiting } from "../handshake/told.js";
import { isSwitch, type Reply, saidOf } from "../reply.js";
import { faultOf } from "./agreement.js";
import { type OfferCase, offerCases } from "./offers.js";
import { parametersOf } from "./parameters.js";
import { theirs } from "../their-words.js";

const extensions = "Sec-WebSocket-Extensions";

/** What is seen of one case: a line for the page, and what is not well, if anything. */
interface Trial {
  readonly line: string;
  readonly problem?: Against;
}

/** So often a server may be silent before it is left alone. */
const mostSilences = 2;

/** What is said of an answer that is no 101: declining is not refusing. */
function refused(reply: Reply, { name, legal }: OfferCase): Omit<Against, "case"> | undefined {
  const said = saidOf(reply);
  const isLegal = legal.length > 0;
  const what = isLegal ? "a legal offer" : "offers that are not legal";
  const say = (tell: (names: string) => string) => ({ message: tell(name), alike: tell });
  if (reply.kind === "unanswered") {
    const { reason, phase } = reply.error;
    if (phase !== "upgrade") return { verdict: "inconclusive", message: `${name}: ${said}` };
    if (!isLegal && reason !== "timeout") return undefined;
    const told = say(
      (names) =>
        `${what} of compression (${names}): ${said}; right would be to decline it and switch protocols`,
    );
    return { ...told, kind: reason, verdict: "warn", severity: isLegal ? "medium" : "low" };
  }
  const { status } = reply.response;
  if (limiting.includes(status)) return { verdict: "inconclusive", message: `${name}: ${said}` };
  if (status >= 500) {
    const told = say(
      (names) => `${what} of compression (${names}) is an error of the server: ${said}`,
    );
    return { ...told, kind: "failed", verdict: "fail", severity: isLegal ? "high" : "medium" };
  }
  if (!isLegal) return undefined;
  const told = say(
    (names) =>
      `${what} of compression (${names}) is refused with ${said}; right would be to decline it and switch protocols`,
  );
  return {
    ...told,
    kind: "refused",
    verdict: "warn",
    severity: name === "fallback" ? "low" : "medium",
  };
}

function trialOf(reply: Reply, offered: OfferCase): Trial {
  const { name, header } = offered;
  const { request } = reply;
  const sent = `sent: ${extensions}: ${header}`;
  if (!isSwitch(reply)) {
    const said = `answer: ${saidOf(reply)}`;
    const line = `${name}: ${saidOf(reply)}`;
    const problem = refused(reply, offered);
    if (!problem) return { line };
    return { line, problem: { ...problem, case: name, evidence: [said, sent], request } };
  }
  const answer = headerValue(reply.response.headers, extensions) ?? "";
  const agreed = parametersOf(answer);
  if (agreed.length === 0) return { line: `${name}: declined` };
  const line = `${name}: accepted as ${theirs(answer)}`;
  const fault = faultOf(agreed, offered);
  if (!fault) return { line };
  return {
    line,
    problem: {
      case: name,
      kind: fault.kind,
      verdict: "fail",
      severity: fault.kind === "answer" ? "high" : "medium",
      message: `compression (${name}): ${fault.message}`,
      alike: (names) => `compression (${names}): ${fault.message}`,
      evidence: [`answer: ${extensions}: ${answer}`, sent],
      request,
    },
  };
}

/** HS-13. */
export const negotiation: Check = {
  rule: {
    id: "HS-13",
    title: "permessage-deflate is accepted within the offer, or declined",
    severity: "high",
    source: "RFC 7692 §7.1",
    why: "A client must fail the connection when the answer has parameters that do not fit its offer; and one that is refused for an offer it may make cannot connect at all.",
    fix: "accept only offers whose parameters are all known and within 8 to 15, repeat server_max_window_bits in the answer, never send client_max_window_bits unasked, and where no offer fits answer 101 without the extension",
  },
  tier: "default",
  needs: "switch",
  passesBy: "refusal",
  cost: { handshakes: offerCases.length },
  run: async (subject) => {
    const trials: Trial[] = [];
    const untried: string[] = [];
    let silences = 0;
    for (const offered of offerCases) {
      if (silences >= mostSilences) {
        untried.push(offered.name);
        continue;
      }
      const reply = await subject.asker.ask({
        timeout: patience(subject),
        vary: withHeader(extensions, offered.header),
      });
      if (reply.kind === "unanswered" && reply.error.reason === "timeout") silences++;
      trials.push(trialOf(reply, offered));
    }
    const problems: Observation[] = merged(trials.flatMap(({ problem }) => problem ?? []));
    if (untried.length > 0) {
      const message = `not tried after that: ${untried.join(", ")}`;
      problems.push({ case: "untried", verdict: "inconclusive", message });
    }
    if (problems.length > 0) return problems;
    const evidence = trials.map(({ line }) => line);
    const isUsed = evidence.some((line) => line.includes(": accepted"));
    const message = isUsed
      ? "compression is negotiated rightly in all cases"
      : "the server uses no compression, and declines every offer of it";
    return [{ verdict: "pass", message, evidence }];
  },
};
