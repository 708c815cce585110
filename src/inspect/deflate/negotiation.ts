/** Owns the check of how permessage-deflate is negotiated. */
import { headerValue } from "../../frame/upgrade.js";
import { probeTimeout } from "../check-timeout.js";
import type { Check, Observation } from "../check.js";
import { isSwitch, type Reply, saidOf } from "../reply.js";
import { faultOf } from "./agreement.js";
import { type OfferCase, offerCases } from "./offers.js";
import { parametersOf } from "./parameters.js";

const extensions = "Sec-WebSocket-Extensions";

/** What is seen of one case: a line for the page, and what is not well, if anything. */
interface Trial {
  readonly line: string;
  readonly problem?: Observation;
}

/** What is said of an answer that is no 101: declining is not refusing. */
function refused(reply: Reply, { name, legal }: OfferCase): Omit<Observation, "case"> | undefined {
  const said = saidOf(reply);
  const isLegal = legal.length > 0;
  const what = isLegal ? "a legal offer" : "offers that are not legal";
  if (reply.kind === "unanswered") {
    const { reason, phase } = reply.error;
    if (phase !== "upgrade") return { verdict: "inconclusive", message: `${name}: ${said}` };
    if (!isLegal && reason !== "timeout") return undefined;
    const message = `${what} of compression (${name}): ${said}; right would be to decline it and switch protocols`;
    return { verdict: "warn", severity: isLegal ? "medium" : "low", message };
  }
  const { status } = reply.response;
  if (status === 429) return { verdict: "inconclusive", message: `${name}: ${said}` };
  if (status >= 500) {
    const message = `${what} of compression (${name}) is an error of the server: ${said}`;
    return { verdict: "fail", severity: isLegal ? "high" : "medium", message };
  }
  if (!isLegal) return undefined;
  const message = `${what} of compression (${name}) is refused with ${said}; right would be to decline it and switch protocols`;
  return { verdict: "warn", severity: name === "fallback" ? "low" : "medium", message };
}

function trialOf(reply: Reply, offered: OfferCase): Trial {
  const { name, header } = offered;
  const { request } = reply;
  const sent = `sent: ${extensions}: ${header}`;
  if (!isSwitch(reply)) {
    const line = `${name}: ${saidOf(reply)}`;
    const problem = refused(reply, offered);
    if (!problem) return { line };
    return { line, problem: { ...problem, case: name, evidence: [sent, line], request } };
  }
  const answer = headerValue(reply.response.headers, extensions) ?? "";
  const agreed = parametersOf(answer);
  if (agreed.length === 0) return { line: `${name}: declined` };
  const line = `${name}: accepted as ${answer}`;
  const fault = faultOf(agreed, offered);
  if (!fault) return { line };
  return {
    line,
    problem: {
      case: name,
      verdict: "fail",
      severity: fault.kind === "answer" ? "high" : "medium",
      message: `compression (${name}): ${fault.message}`,
      evidence: [sent, `came: ${extensions}: ${answer}`],
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
  cost: { handshakes: offerCases.length },
  run: async ({ asker }) => {
    const trials: Trial[] = [];
    for (const offered of offerCases) {
      const reply = await asker.ask({
        timeout: probeTimeout,
        vary: (head) => ({
          ...head,
          headers: [
            ...head.headers.filter(([name]) => name.toLowerCase() !== extensions.toLowerCase()),
            [extensions, offered.header],
          ],
        }),
      });
      trials.push(trialOf(reply, offered));
    }
    const problems = trials.flatMap(({ problem }) => problem ?? []);
    if (problems.length > 0) return problems;
    const evidence = trials.map(({ line }) => line);
    const isUsed = evidence.some((line) => line.includes(": accepted"));
    const message = isUsed
      ? "compression is negotiated rightly in all cases"
      : "the server uses no compression, and declines every offer of it";
    return [{ verdict: "pass", message, evidence }];
  },
};
