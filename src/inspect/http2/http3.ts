/** Owns the report of HTTP/3: that it is offered, not how it is spoken. */
import { headerValue } from "../../frame/upgrade.js";
import type { Check } from "../check.js";

const longest = 2000;

/** H3. */
export const http3: Check = {
  rule: {
    id: "H3",
    title: "HTTP/3 as the server offers it (Alt-Svc)",
    severity: "info",
    source: "RFC 7838 §3, RFC 9220",
    why: "Browsers that have found HTTP/3 open WebSockets by HTTP/1.1 or HTTP/2 all the same, unless both sides know RFC 9220.",
    fix: "nothing: it is only worth knowing",
  },
  tier: "default",
  needs: "answer",
  cost: { handshakes: 0 },
  run: ({ baseline }) => {
    const headers = baseline.kind === "answered" ? baseline.response.headers : [];
    const value = (headerValue(headers, "Alt-Svc") ?? "").slice(0, longest);
    const untried = "WebSocket over it was not tried: Node has no stable QUIC";
    if (!/(?:^|,) ?h3(?:-\d\d)?=/i.test(value)) {
      const message =
        value === "" ? "no HTTP/3 is offered (no Alt-Svc)" : "Alt-Svc offers no HTTP/3";
      return Promise.resolve([{ verdict: "skip", message: `${message}; ${untried}` }]);
    }
    const message = `HTTP/3 is offered; ${untried}`;
    return Promise.resolve([{ verdict: "info", message, evidence: [`Alt-Svc: ${value}`] }]);
  },
};
