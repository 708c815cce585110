/** Owns HS-09: that what is no request for a WebSocket gets none. */
import type { Severity } from "../../findings/severity.js";
import type { Check } from "../check.js";
import { saidOf } from "../reply.js";
import { withHeader } from "./head-change.js";
import { type Case, type Judged, type Told, tryCases } from "./told.js";
import { nginxRemedy } from "./upgrade-fixes.js";

/** A request that must not be switched, and where that stands. */
interface Wrong extends Case {
  readonly why: string;
  /** Less than the rule's where what was asked for is a WebSocket all the same. */
  readonly severity?: Severity;
  /** Where a common server lets it pass. */
  readonly fix?: string;
}

const wrongs: readonly Wrong[] = [
  {
    name: "POST",
    question: {
      vary: (head) => withHeader("Content-Length", "0")({ ...head, method: "POST" }),
    },
    why: "the method has to be GET (RFC 6455 §4.2.1, item 1)",
  },
  {
    name: "HTTP/1.0",
    question: { vary: (head) => ({ ...head, httpVersion: "1.0" }) },
    why: "a server has to ignore Upgrade in HTTP/1.0 (RFC 9110 §7.8)",
    severity: "medium",
    // What stands behind nginx sees HTTP/1.1, whatever came.
    fix: `Refuse what is not HTTP/1.1. Node.js: request.httpVersion in the upgrade listener. Python: scope["http_version"] in ASGI, request.version in aiohttp. Go: r.ProtoAtLeast(1, 1). ${nginxRemedy}`,
  },
  {
    name: "no Host",
    question: { vary: withHeader("Host") },
    why: "without Host the answer has to be 400 (RFC 9112 §3.2)",
    severity: "medium",
    fix: 'Refuse requests without Host. Node.js does that for plain requests only: look at request.headers.host in the upgrade listener. Python: look for host among scope["headers"] in ASGI, or in request.headers in aiohttp.',
  },
  {
    name: "Upgrade: foo",
    question: { vary: withHeader("Upgrade", "foo") },
    why: "WebSocket was not asked for (RFC 6455 §4.2.1, item 3)",
  },
  {
    name: "no Connection",
    question: { vary: withHeader("Connection") },
    why: "without Connection: Upgrade the Upgrade header is not meant for this hop (RFC 6455 §4.2.1, item 4)",
    // What else makes a WebSocket is there, and every nginx with the usual lines lets it pass.
    severity: "medium",
    fix: `Switch only where Connection lists Upgrade. ${nginxRemedy} There the value "upgrade" sends it whatever came.`,
  },
];

/** These say that something is not supported, which is just what is so. */
const fitting = new Set([501, 505]);

function judge({ name, outcome, reply }: Told): Judged {
  const { why = "", fix, severity } = wrongs.find((wrong) => wrong.name === name) ?? {};
  if (outcome === "switched") {
    const message = `${name}: answered with 101, though ${why}`;
    return {
      verdict: "fail",
      message,
      ...(fix === undefined ? {} : { fix }),
      ...(severity === undefined ? {} : { severity }),
    };
  }
  if (outcome === "failed" && !fitting.has(reply.response.status)) {
    return {
      verdict: "warn",
      severity: "low",
      message: `${name}: no 101, which is right, yet the server failed with ${saidOf(reply)}; a 4xx would say what is wrong`,
    };
  }
  return { well: "" };
}

/** Requests that are no handshake. */
export const openingCheck: Check = {
  rule: {
    id: "HS-09",
    title: "what is no handshake is never answered with 101",
    severity: "high",
    source: "RFC 6455 §4.2.1",
    why: "Where two hops do not agree whether a connection was upgraded, requests can be smuggled through the one that is mistaken.",
    fix: "Switch only for a GET of HTTP/1.1 with Host, Upgrade: websocket and Connection: Upgrade; answer 400 or 426 to anything else.",
    cwe: 444,
  },
  tier: "default",
  needs: "switch",
  passesBy: "refusal",
  cost: { handshakes: wrongs.length },
  run: async (subject) =>
    tryCases(subject, { cases: wrongs, judge, allWell: "none of them is answered with 101" }),
};
