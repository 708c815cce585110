/** Owns HS-15: which credentials the server asks for. */
import { isLoopback } from "../../dial/loopback.js";
import { headerValues } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { type Answered, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { type Challenge, challengesOf } from "./auth-challenge.js";
import { theirs } from "../their-words.js";

const fields = new Map([
  [401, { name: "WWW-Authenticate", source: "RFC 9110 §15.5.2" }],
  [407, { name: "Proxy-Authenticate", source: "RFC 9110 §15.5.8" }],
]);

const mostShown = 10;

function shown({ scheme, parameters }: Challenge): string {
  const told = ["realm", "error", "error_description", "scope", "charset"].flatMap((name) => {
    const value = parameters.get(name);
    return value === undefined ? [] : [`${name} "${theirs(value, 80)}"`];
  });
  return [theirs(scheme, 40), ...told].join(" ");
}

function look(reply: Answered, { target }: Subject): Observation[] {
  const { request, response } = reply;
  const field = fields.get(response.status);
  if (!field) return [];
  const { name, source } = field;
  const values = headerValues(response.headers, name).slice(0, mostShown);
  const challenges = values.flatMap(challengesOf).slice(0, mostShown);
  const said = saidOf(reply, 60);
  if (challenges.length === 0) {
    const what = values.length === 0 ? `has no ${name}` : `has a ${name} that cannot be read`;
    return [
      {
        case: "no challenge",
        verdict: "warn",
        severity: "low",
        message: `${said} ${what}; it has to name at least one way to authenticate (${source})`,
        evidence: values.map((value) => `${name}: ${theirs(value, 120)}`),
        request,
      },
    ];
  }
  const asked: Observation = {
    verdict: "info",
    message: `${said}: the server asks for ${challenges.map(shown).join(", or ")}`,
    evidence: challenges.map((challenge) => `${name}: ${shown(challenge)}`),
    request,
  };
  const isBasic = challenges.some(({ scheme }) => scheme.toLowerCase() === "basic");
  if (!isBasic || target.secure || isLoopback(target.host)) return [asked];
  const clear: Observation = {
    case: "Basic in the clear",
    verdict: "warn",
    severity: "medium",
    message:
      "Basic is asked for without TLS: user and password would go in the clear (RFC 7617 §4)",
    fix: "Serve it over wss:// only.",
    request,
  };
  return [asked, clear];
}

/** What is asked for. */
export const challengeCheck: Check = {
  rule: {
    id: "HS-15",
    title: "a server that wants credentials says which",
    severity: "low",
    source: "RFC 9110 §11.6.1",
    why: "Without a challenge neither people nor tools can tell a missing token from a wrong one, or from a rule of a gateway.",
    fix: 'Send WWW-Authenticate with a 401, such as WWW-Authenticate: Bearer realm="chat"; browsers cannot set Authorization on a WebSocket, so give them a cookie or a ticket.',
  },
  tier: "default",
  needs: "answer",
  cost: { handshakes: 0 },
  skip: ({ baseline }) =>
    baseline.kind === "answered" && fields.has(baseline.response.status)
      ? undefined
      : `the server asked for no credentials: ${saidOf(baseline)}`,
  run: async (subject) =>
    subject.baseline.kind === "answered" ? look(subject.baseline, subject) : [],
};
