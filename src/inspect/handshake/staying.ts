/** Owns HS-18: that a WebSocket which has opened is not ended by the server, and that it answers a ping. */
import { formatDuration } from "../../base/quantity.js";
import type { Target } from "../../dial/target.js";
import type { Severity } from "../../findings/severity.js";
import { describeCloseCode } from "../../frame/close.js";
import type { Check, Observation } from "../check.js";
import { endOf, type Heard, type HeardEnd } from "../heard.js";
import { pingSize } from "../limits/aliveness.js";
import { type Answered, isSwitch } from "../reply.js";
import type { Subject } from "../subject.js";
import { reproOf } from "./own-repro.js";

/** How an end is taken, and what to do about it. */
interface Judgement {
  readonly severity: Severity;
  readonly means: string;
  readonly fix: string;
}

const cutFix =
  "Look in the server's log for an exception in the connection handler at that moment, and have it close with a code: 1008 or 4401 where the credentials do not do, 1011 where it fails. If it did not end it, the proxy did: its timeout for open tunnels must not be 0 or near it (nginx: proxy_read_timeout 1h; HAProxy: timeout tunnel 1h).";
const orderlyFix =
  "If clients are to stay, find what closes them: a handler that returns when it has said its piece (in many frameworks that closes the WebSocket), an idle timeout of 0, or a shutdown under way.";
const refusedFix =
  "If it is the credentials, inspect with them (--cookie, --header, --subprotocol), and have the server refuse with 401 or 403 before the 101: then clients and proxies see why. Otherwise its code and reason say which rule of the application was broken.";
const brokenFix =
  "Nothing was sent but the handshake: look in the server's log for what it failed on, mostly the connection handler or what it needs (a database, a broker, the server behind a gateway).";

/** Codes that say that all was done; 1005 is a close frame without one. */
const done = new Set([1000, 1005]);

function judge(ended: HeardEnd): Judgement {
  if (ended.kind === "cut") {
    const means = "clients see 1006, and never learn why";
    return { severity: "high", means, fix: cutFix };
  }
  const { code } = ended.status;
  const means = describeCloseCode(code);
  if (done.has(code)) return { severity: "medium", means, fix: orderlyFix };
  if (code === 1001) return { severity: "high", means, fix: orderlyFix };
  // The codes of applications: mostly a client that is let in, and only then looked at.
  if (code === 1008 || code >= 3000) {
    return { severity: "high", means, fix: refusedFix };
  }
  return { severity: "high", means, fix: brokenFix };
}

/** What became of the ping, once the connection was watched to the end; RFC 6455 §5.5.2. */
function judgePing({ watched, pingedAt, pongAt }: Heard, target: Target): Observation {
  const message = "the server left the connection open for as long as it was watched";
  const open = `watched for ${formatDuration(watched)}, and not ended`;
  if (pingedAt === undefined) return { verdict: "pass", message, evidence: [open] };
  if (pongAt !== undefined) {
    const answered = `answered a ping after ${formatDuration(pongAt - pingedAt)}`;
    return { verdict: "pass", message, evidence: [open, answered] };
  }
  const waited = `waited for ${formatDuration(watched - pingedAt)} after the ping`;
  return {
    case: "no pong",
    verdict: "warn",
    severity: "medium",
    confidence: "firm",
    message:
      "a ping was not answered while the connection was watched; a pong with the same payload has to come as soon as is practical (RFC 6455 §5.5.2, §5.5.3)",
    evidence: [open, waited],
    why: "Clients and proxies ping to see whether the connection still stands, and end it where no pong comes: with such a server, after each of their intervals.",
    fix: "Have the library answer pings, as nearly all do unasked; where it is told to leave them to the application, send a pong with the payload of the ping. A handler that blocks answers late.",
    repro: reproOf("HS-18", target),
  };
}

function look({ heard, request }: Answered, { target }: Subject): Observation {
  if (!heard) {
    return { verdict: "inconclusive", message: "the first exchange was not watched after its 101" };
  }
  const { count, ended, glued, pings, pingedAt, violation } = heard;
  const repro = reproOf("HS-18", target);
  if (violation !== undefined) {
    const message = `what came after the 101 breaks RFC 6455: ${violation}`;
    // What came with the 101 is told already.
    if (glued > 0) return { verdict: "inconclusive", message };
    return {
      case: "broken frames",
      verdict: "fail",
      severity: "medium",
      message: `${message}; every client has to end the connection then`,
      fix: "Send nothing behind the 101 but frames, unmasked and within what was agreed; look for something on the way that writes into the connection.",
      request,
      repro,
    };
  }
  if (!ended) return judgePing(heard, target);
  const { means, ...judged } = judge(ended);
  const how = ended.kind === "cut" ? "cut" : `code ${ended.status.code}`;
  const sent = pingedAt === undefined ? [] : [`a ping was sent after ${formatDuration(pingedAt)}`];
  return {
    ...judged,
    verdict: "fail",
    case: how,
    message: `opened, and was ${endOf(ended)} after ${formatDuration(ended.at)}: ${means}`,
    evidence: [`heard before: ${count} message${count === 1 ? "" : "s"}, ${pings} pings`, ...sent],
    request,
    repro,
  };
}

/** Whether the server keeps, and tends, what it has opened. */
export const stayingCheck: Check = {
  rule: {
    id: "HS-18",
    title: "the connection stays open after the 101",
    severity: "high",
    source: "RFC 6455 §5.5.2, §7.1.1, §7.4.1",
    why: "Clients count the 101 as success and reconnect at once, so that they knock without end. Mostly the server looks at credentials only after the upgrade, its connection handler crashes, a proxy kills the connection, or an idle timeout is 0.",
    fix: "Refuse before the 101 what is not to be let in (401, 403); what was let in, keep open, or close it with a code that says why.",
  },
  tier: "default",
  needs: "open",
  watches: true,
  cost: { handshakes: 0, bytes: pingSize },
  run: async (subject) => (isSwitch(subject.baseline) ? [look(subject.baseline, subject)] : []),
};
