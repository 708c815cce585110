/** Owns the check of an extended CONNECT for a protocol that nobody speaks. */
import { probeTimeout } from "../check-timeout.js";
import type { Check, Observation } from "../check.js";
import { isOpen, type Reply, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { extendedConnect, goodbye } from "./extended-connect.js";
import { type Http2Answer, saidOverHttp2 } from "./peer.js";
import { reachHttp2 } from "./reach.js";

const unknown = "wsctl-unknown";

function judged(answer: Http2Answer, { baseline }: Subject): Observation {
  const said = saidOverHttp2(answer);
  const evidence = [`sent: CONNECT with :protocol ${unknown}`, said];
  if (answer.kind === "answered" && answer.status >= 200 && answer.status < 300) {
    const message = `a protocol that does not exist is accepted over HTTP/2: ${said}`;
    return { case: "accepted", verdict: "fail", message, evidence };
  }
  if (answer.kind === "answered" && answer.status === 501) {
    return { verdict: "pass", message: "an unknown :protocol is answered with 501", evidence };
  }
  if (answer.kind === "answered" && answer.status >= 500 && !isOpen(baseline)) {
    const message = `an unknown :protocol is answered with ${said}, but what is known opens neither (${saidOf(baseline)})`;
    return { verdict: "inconclusive", message, evidence };
  }
  if (answer.kind === "answered" && answer.status >= 500) {
    const message = `an unknown :protocol is an error of the server: ${said}; right would be 501`;
    return { case: "server error", verdict: "warn", message, evidence };
  }
  if (answer.kind === "silent" || answer.kind === "gone") {
    const message = `an unknown :protocol is not refused by itself: ${said}; right would be 501`;
    // Where nothing at all is answered, that has nothing to do with the protocol.
    if (baseline.kind === "unanswered") return { verdict: "inconclusive", message, evidence };
    return { case: answer.kind, verdict: "warn", message, evidence };
  }
  // RFC 8441 names no status: any refusal of the one stream is legal there.
  const message = `an unknown :protocol is refused: ${said}; 501 would say why`;
  return { verdict: "info", message, evidence };
}

/** Why a refusal would say nothing: the server fails whatever it is asked, or says nothing at all. */
function troubleOf(baseline: Reply): string | undefined {
  const isTrouble =
    baseline.kind === "answered"
      ? baseline.response.status >= 500
      : baseline.error.reason === "timeout";
  if (!isTrouble) return undefined;
  return `not tried: over HTTP/1.1 the first exchange came to ${saidOf(baseline, 100)}`;
}

/** H2-2. */
export const unknownProtocol: Check = {
  rule: {
    id: "H2-2",
    title: "An unknown :protocol is refused with 501",
    severity: "low",
    source: "RFC 9220 §3 (of HTTP/3; RFC 8441 names no status)",
    why: "A server that takes any protocol for WebSocket opens a tunnel for what it does not understand; one that cuts the connection takes all its other streams along.",
    fix: "answer a :protocol other than websocket with 501, on its stream alone",
  },
  tier: "default",
  needs: "connection",
  cost: { handshakes: 1 },
  run: async (subject) => {
    const trouble = troubleOf(subject.baseline);
    if (trouble !== undefined) return [{ verdict: "inconclusive", message: trouble }];
    const reached = await reachHttp2(subject);
    if ("verdict" in reached) {
      // That HTTP/2 does not come to stand at all is said by H2-1.
      return [reached.verdict === "fail" ? { ...reached, verdict: "inconclusive" } : reached];
    }
    const { peer, settings } = reached;
    try {
      if (settings.enableConnectProtocol !== true) {
        return [{ verdict: "skip", message: "the server has no extended CONNECT" }];
      }
      const headers = extendedConnect(subject, unknown);
      return [judged(await peer.ask(headers, probeTimeout, goodbye()), subject)];
    } finally {
      peer.destroy();
    }
  },
};
