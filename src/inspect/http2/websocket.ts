/** Owns the check of WebSocket over HTTP/2. */
import { probeTimeout } from "../check-timeout.js";
import type { Check, Observation } from "../check.js";
import { isOpen, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { extendedConnect, goodbye } from "./extended-connect.js";
import { type Http2Answer, saidOverHttp2 } from "./peer.js";
import { reachHttp2 } from "./reach.js";

const advertised = "SETTINGS_ENABLE_CONNECT_PROTOCOL = 1";
const asked = "sent: CONNECT with :protocol websocket";

function accepted({ headers, status }: Http2Answer & { kind: "answered" }): Observation {
  // Nobody processes it there (RFC 8441 §5): HAProxy lets it pass, and no client minds.
  const surplus = Object.hasOwn(headers, "sec-websocket-accept")
    ? `status ${status}, with a Sec-WebSocket-Accept that HTTP/2 has no use for`
    : `status ${status}, without Sec-WebSocket-Accept`;
  const message = "a WebSocket opens over HTTP/2";
  return { verdict: "pass", message, evidence: [advertised, asked, surplus] };
}

function judged(answer: Http2Answer, { baseline }: Subject): Observation {
  const said = saidOverHttp2(answer);
  const isAccepted = answer.kind === "answered" && answer.status >= 200 && answer.status < 300;
  if (isAccepted) return accepted(answer);
  const evidence = [advertised, asked, said];
  if (!isOpen(baseline)) {
    const first = saidOf(baseline);
    const message = `over HTTP/2 no WebSocket opens (${said}), but over HTTP/1.1 neither (${first})`;
    return { verdict: "inconclusive", message, evidence };
  }
  return {
    case: "refused",
    verdict: "fail",
    message: `WebSocket over HTTP/2 is advertised, and does not open: ${said}`,
    evidence,
  };
}

/** H2-1. */
export const websocketOverHttp2: Check = {
  rule: {
    id: "H2-1",
    title: "WebSocket over HTTP/2 opens where it is advertised",
    severity: "high",
    source: "RFC 8441 §3 to §5",
    why: "A browser that has an HTTP/2 connection with this setting sends its WebSockets there, without another try by HTTP/1.1: they fail, though HTTP/1.1 works.",
    fix: "let what ends HTTP/2 pass extended CONNECT on as an HTTP/1.1 upgrade, or not advertise it: HAProxy h2-workaround-bogus-websocket-clients; Node settings: { enableConnectProtocol: false }; Envoy allow_connect: false",
  },
  tier: "default",
  needs: "connection",
  cost: { handshakes: 1 },
  run: async (subject) => {
    const reached = await reachHttp2(subject);
    if ("verdict" in reached) return [reached];
    const { peer, settings } = reached;
    try {
      if (settings.enableConnectProtocol !== true) {
        const message =
          "the server speaks HTTP/2, but no WebSocket over it: clients open them by HTTP/1.1";
        const evidence = ["SETTINGS_ENABLE_CONNECT_PROTOCOL is not set"];
        return [{ verdict: "info", message, evidence }];
      }
      const headers = extendedConnect(subject, "websocket");
      return [judged(await peer.ask(headers, probeTimeout, goodbye()), subject)];
    } finally {
      peer.destroy();
    }
  },
};
