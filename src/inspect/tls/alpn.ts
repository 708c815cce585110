/** Owns the check of what a server chooses when a client speaks both HTTP/1.1 and HTTP/2. */
import { WsctlError } from "../../base/errors.js";
import type { Check, Observation } from "../check.js";
import { isWithoutHttp1, lackOfTls, unreached } from "./bare.js";
import { lookAtTls, sharedLook } from "./look.js";
import { theirs } from "../their-words.js";

function observationOf(chosen: string | undefined): Observation {
  switch (chosen) {
    case "http/1.1":
      return { verdict: "pass", message: "of h2 and http/1.1 the server chooses http/1.1" };
    case "h2":
      return {
        verdict: "info",
        message:
          "of h2 and http/1.1 the server chooses h2: who offers both must speak WebSocket over HTTP/2 then (see H2-1), or fails",
      };
    case undefined:
      return {
        verdict: "info",
        message: "the server does not take part in ALPN: HTTP/1.1 is spoken",
      };
    default:
      return {
        verdict: "warn",
        message: `offered were h2 and http/1.1, and the server chose "${theirs(chosen)}"`,
      };
  }
}

/** TLS-5. */
export const alpn: Check = {
  rule: {
    id: "TLS-5",
    title: "HTTP/1.1 can be had by ALPN, and what is chosen beside h2",
    severity: "medium",
    source: "RFC 7301 §3.2",
    why: "WebSocket clients need HTTP/1.1, unless client and server both know RFC 8441. A client whose TLS offers h2 as well is stranded where the server prefers it.",
    fix: "offer http/1.1 too, and let WebSocket clients offer nothing else: HAProxy bind … alpn h2,http/1.1; nginx does so by itself; Node ALPNProtocols: ['http/1.1']",
  },
  tier: "default",
  needs: "nothing",
  cost: { handshakes: 1 },
  shares: sharedLook,
  lack: lackOfTls,
  run: async (subject) => {
    const lack = unreached(subject);
    if (lack !== undefined) return [lack];
    if (isWithoutHttp1(subject)) {
      const message = "the server refuses the handshake where only http/1.1 is offered by ALPN";
      return [{ case: "http/1.1", verdict: "fail", severity: "high", message }];
    }
    const seen = await lookAtTls(subject);
    if (seen instanceof WsctlError) {
      return [{ verdict: "inconclusive", message: `h2 and http/1.1 offered: ${seen.message}` }];
    }
    return [observationOf(seen.facts.alpn)];
  },
};
