/** Owns TR-1: whether the same WebSocket is to be had without TLS. Nothing secret is sent to find out. */
import { safeLine } from "../../base/safe-text.js";
import { isLoopback } from "../../dial/loopback.js";
import { hostPort, type Target } from "../../dial/target.js";
import type { Rule } from "../../findings/rule.js";
import { headerValue } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { patienceWith } from "../origins/admission.js";
import { type Answered, isOpen, isSwitch, type Reply, saidOf } from "../reply.js";
import { curlOf } from "../repro.js";
import type { Subject } from "../subject.js";

const rule: Rule = {
  id: "TR-1",
  title: "the WebSocket is to be had by TLS only",
  severity: "medium",
  source: "RFC 6455 §10.6",
  why: "What goes over ws:// can be read and changed by everybody on the way, tokens and cookies included. While it is served beside wss://, one wrong address in a client is enough.",
  fix: "Serve the endpoint on the TLS listener only, and redirect the rest: nginx: server { listen 80; return 301 https://$host$request_uri; }. HAProxy: http-request redirect scheme https unless { ssl_fc }.",
  cwe: 319,
};

/** The same endpoint without TLS on that port. */
function plainOf(target: Target, port: number): Target {
  const bare = hostPort(target.host, port);
  const authority = port === 80 ? bare.slice(0, bare.lastIndexOf(":")) : bare;
  const url = `ws://${authority}${target.path}`;
  return { ...target, url, href: url, secure: false, port, authority, authorization: undefined };
}

/** Where plain text could be served: on the same port, and on 80 beside 443. */
function candidates(target: Target): Target[] {
  const same = plainOf(target, target.port);
  return target.port === 443 ? [same, plainOf(target, 80)] : [same];
}

/** A redirect to where TLS is spoken. */
function isToTls(location: string): boolean {
  return /^(?:https|wss):\/\//i.test(location);
}

function answered(plain: Target, reply: Answered): Observation {
  const place = `port ${plain.port}`;
  const { status, headers } = reply.response;
  const said = safeLine(saidOf(reply), 100);
  const common = { case: place, repro: curlOf(reply.request, plain) };
  if (isSwitch(reply)) {
    const what = isOpen(reply) ? "a WebSocket" : "an invalid 101";
    const message = `ws:// on ${place} is answered with ${what} without TLS`;
    return { ...common, verdict: "fail", message };
  }
  if (status >= 300 && status < 400) {
    const location = headerValue(headers, "Location") ?? "";
    const message = `ws:// on ${place}: ${said}`;
    if (isToTls(location)) return { ...common, verdict: "pass", message: `${message}, to TLS` };
    const lost = `${message}, yet not to an address with TLS`;
    return { ...common, verdict: "warn", severity: "low", message: lost };
  }
  if (status === 401) {
    const message = `ws:// on ${place}: ${said}; credentials are asked for without TLS; right: a redirect, or no answer at all`;
    return { ...common, verdict: "warn", severity: "low", message };
  }
  const message = `ws:// on ${place} is refused: ${said}`;
  if (status >= 500) return { ...common, verdict: "inconclusive", message };
  // 403 may be for the missing credentials: the answer itself came without TLS.
  return { ...common, verdict: status === 403 ? "info" : "pass", message };
}

function judged(plain: Target, reply: Reply): Observation {
  if (reply.kind === "answered") return answered(plain, reply);
  const place = `port ${plain.port}`;
  const { phase, reason, code } = reply.error;
  const message = `ws:// on ${place}: ${safeLine(saidOf(reply), 200)}`;
  const isRefused = phase === "tcp" || reason === "closed" || reason === "reset";
  // A listener for TLS alone answers what it cannot read with an alert, which is no HTTP.
  const isOther = phase === "upgrade" && code === "WSCTL_EHANDSHAKE";
  return { case: place, verdict: isRefused || isOther ? "pass" : "inconclusive", message };
}

async function look(subject: Subject): Promise<readonly Observation[]> {
  const { target, asker, baseline, options } = subject;
  if (!target.secure) {
    const isHere = isLoopback(target.host) || (target.unix ?? options.unix) !== undefined;
    if (isHere) {
      const message = "the WebSocket is plain ws://, which stays on this machine";
      return [{ verdict: "info", message }];
    }
    const message = `the WebSocket is plain ws:// to ${target.host}: everybody on the way reads along`;
    return [{ verdict: "warn", message }];
  }
  const seen: Observation[] = [];
  for (const plain of candidates(target)) {
    const reply = await asker.ask({
      target: plain,
      anonymous: true,
      timeout: patienceWith(baseline),
    });
    seen.push(judged(plain, reply));
  }
  const told = seen.filter(({ verdict }) => verdict !== "pass");
  if (told.length > 0) return told;
  const evidence = seen.map(({ message }) => message);
  return [{ verdict: "pass", message: "no WebSocket without TLS was found", evidence }];
}

/** TR-1. */
export const plainText: Check = {
  rule,
  tier: "security",
  needs: "answer",
  cost: { handshakes: 2 },
  skip: ({ target, options }) =>
    target.secure && (target.unix ?? options.unix) !== undefined
      ? "a socket file has no other port"
      : undefined,
  run: look,
};
