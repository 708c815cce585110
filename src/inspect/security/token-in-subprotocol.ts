/** Owns AU-3: whether a token that rides in a subprotocol does so in a way that browsers can. */
import type { Rule } from "../../findings/rule.js";
import { isToken } from "../../frame/http-head.js";
import { headerValue } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { subprotocolsIn, tokensAmong } from "../subprotocols.js";
import { isSwitch, type Reply } from "../reply.js";

const rule: Rule = {
  id: "AU-3",
  title: "a token in a subprotocol is one that browsers can send, and is answered",
  severity: "medium",
  source: "RFC 6455 §4.1",
  why: "A subprotocol is the one header that pages can fill in, so that tokens are put there. It has a grammar of its own, and browsers drop the connection when they offer subprotocols and the server chooses none.",
  fix: 'Encode the token as base64url without padding, offer a plain name beside it, and let the server choose that: new WebSocket(url, ["app.v1", "bearer." + token]) is answered with Sec-WebSocket-Protocol: app.v1.',
};

function offeredIn({ request }: Reply): string[] {
  return subprotocolsIn(
    (request && headerValue(request.headers, "Sec-WebSocket-Protocol")) ?? "",
  ).filter((name) => name !== "");
}

/** The characters of a text that no token has (RFC 9110 §5.6.2), each once. */
function wrongIn(text: string): string {
  return [...new Set(text.replace(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/g, ""))].join(" ");
}

function grammar(tokens: readonly string[]): Observation[] {
  const wrong = tokens.find((token) => !isToken(token));
  if (wrong === undefined) return [];
  const message = `the subprotocol with the token holds ${wrongIn(wrong)}, which no subprotocol may: in browsers new WebSocket() throws a SyntaxError`;
  return [{ case: "grammar", kind: "no token", verdict: "warn", message }];
}

function echo(offered: readonly string[], baseline: Reply): Observation[] {
  if (!isSwitch(baseline)) {
    const message = "no 101 came, so that no subprotocol was chosen";
    return [{ case: "answer", verdict: "inconclusive", message }];
  }
  const chosen = headerValue(baseline.response.headers, "Sec-WebSocket-Protocol");
  const { request } = baseline;
  if (chosen === undefined || chosen === "") {
    const message = `${offered.length} offered, none chosen: browsers fail the connection then; right: one of those offered`;
    return [{ case: "answer", kind: "none chosen", verdict: "warn", message, request }];
  }
  if (!offered.includes(chosen)) {
    const message = "the server chose a subprotocol that was not offered";
    return [{ case: "answer", kind: "not offered", verdict: "fail", message, request }];
  }
  if (tokensAmong(offered).has(chosen)) {
    const message =
      "the server says the token back, as it must when nothing else is offered: it stands in the logs of responses too";
    return [{ case: "answer", verdict: "info", message, request }];
  }
  return [];
}

/** AU-3. */
export const tokenInSubprotocol: Check = {
  rule,
  tier: "security",
  needs: "answer",
  cost: { handshakes: 0 },
  skip: ({ baseline }) =>
    tokensAmong(offeredIn(baseline)).size > 0 ? undefined : "no token is given in a subprotocol",
  run: ({ baseline }) => {
    const offered = offeredIn(baseline);
    const seen = [...grammar([...tokensAmong(offered)]), ...echo(offered, baseline)];
    if (seen.length > 0) return Promise.resolve(seen);
    const message =
      "the token is one that browsers can send, and a plain name beside it was chosen";
    return Promise.resolve([{ verdict: "pass", message }]);
  },
};
