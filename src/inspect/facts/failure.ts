/** Owns why the first exchange came to nothing, as plain data. */
import { bodyText } from "../../dial/body-text.js";
import type { DialError } from "../../dial/dial-error.js";
import { UpgradeRefused } from "../../dial/refusal.js";
import { hostPort, type Target } from "../../dial/target.js";
import { UpgradeInvalid } from "../../dial/upgrade.js";
import { safeLine } from "../../base/safe-text.js";
import type { InspectedFailure, InspectionOutcome } from "../../findings/inspection.js";
import { headerValues, type UpgradeRequest } from "../../frame/upgrade.js";
import { isCredential, secretParameters } from "../credentials.js";
import { challengesOf } from "../handshake/auth-challenge.js";
import { type Answered, isOpen, isSwitch, type Reply } from "../reply.js";
import { shownPath, shownText, shownValue } from "../repro.js";
import type { Secrets } from "../secrets.js";
import { subprotocolsIn, tokensAmong } from "../subprotocols.js";

/** Characters of a line. */
const longestLine = 500;
/** Lines of WWW-Authenticate that are looked at. */
const mostChallenges = 10;

/** How far an exchange came. */
export function outcomeOf(reply: Reply): InspectionOutcome {
  if (reply.kind === "unanswered") return "failed";
  if (isOpen(reply)) return "open";
  return isSwitch(reply) ? "invalid" : "refused";
}

/** The same error as a dial would have thrown, for its words. */
function errorOf(reply: Answered, target: Target): DialError {
  const { request, response, problems, body, tls, attempts } = reply;
  const last = attempts.at(-1);
  const address = last
    ? hostPort(last.address, last.port)
    : target.unix === undefined
      ? hostPort(target.host, target.port)
      : `unix:${target.unix}`;
  return isSwitch(reply)
    ? new UpgradeInvalid({ address }, request, response, problems)
    : new UpgradeRefused({ address, tls }, request, response, body);
}

/**
 * A line of where, as the rest of an inspection shows it: what a dial leaves out of the address is
 * told, but for secrets, and headers are shown as they are everywhere.
 */
function shownLine(line: string, { request, kind }: Reply, secrets: Secrets): string {
  if (request && line.startsWith(`${request.method} `)) {
    const values = shownPath(request.target).match(/=[^&]*/g) ?? [];
    let at = 0;
    return line.replace(/=…/g, (left) => values[at++] ?? left);
  }
  const [, name, value] = (kind === "answered" && /^([\w-]+): (.*)$/.exec(line)) || [];
  if (name === undefined || value === undefined) return shownText(line);
  return `${name}: ${shownValue(name, value, secrets.headers)}`;
}

/** Whether a request has credentials: what a server that refuses them says is no question for some. */
function hasCredentials({ headers, target }: UpgradeRequest, known: Secrets): boolean {
  return (
    headers.some((header) => isCredential(header, known.headers)) ||
    headers.some(
      ([name, value]) =>
        /^sec-websocket-protocol$/i.test(name) && tokensAmong(subprotocolsIn(value)).size > 0,
    ) ||
    secretParameters({ path: target }).length > 0
  );
}

/** What the server says of the credentials, in the words of RFC 6750 §3 (`error`). */
function complaintOf({ response }: Answered): string {
  for (const { parameters } of headerValues(response.headers, "WWW-Authenticate")
    .slice(0, mostChallenges)
    .flatMap(challengesOf)) {
    const [error, description] = ["error", "error_description"].map((name) => parameters.get(name));
    const said = [error, description].filter((each) => each !== undefined && each !== "");
    if (said.length > 0) return `: "${safeLine(said.join(": "), 200)}" (WWW-Authenticate)`;
  }
  return "";
}

/** What is to be done, where more is known than a dial knows; undefined where not. */
function betterHint(reply: Reply, secrets: Secrets): string | undefined {
  if (reply.kind === "answered") {
    if (reply.response.status !== 401 || !hasCredentials(reply.request, secrets)) return undefined;
    return `the credentials that were given are not accepted${complaintOf(reply)}; have they expired, or are they for another server?`;
  }
  const { reason, phase, message, where } = reply.error;
  if (reason !== "timeout" || phase !== "upgrade") return undefined;
  const bytes = where.map((line) => /^received (\d+) bytes: /.exec(line)?.[1]).find(Boolean);
  if (bytes === undefined) return undefined;
  const time = /: ([^:]+)$/.exec(message)?.[1];
  return `it is answering, far too slowly: ${bytes} ${bytes === "1" ? "byte" : "bytes"}${time === undefined ? "" : ` in ${time}`}, and the head of the answer is not whole yet`;
}

/** Why an exchange came to nothing; undefined where it opened a WebSocket. */
export function failureOf(
  reply: Reply,
  target: Target,
  secrets: Secrets,
): InspectedFailure | undefined {
  if (isOpen(reply)) return undefined;
  const error = reply.kind === "answered" ? errorOf(reply, target) : reply.error;
  const clean = (text: string) => safeLine(secrets.redact(text), longestLine);
  return {
    code: error.code,
    phase: error.phase,
    reason: error.reason,
    message: clean(error.message),
    hint: clean(shownText(betterHint(reply, secrets) ?? error.hint ?? "")),
    where: error.where.map((line) => clean(shownLine(line, reply, secrets))),
  };
}

/** The start of the body of a refusal; undefined where there is none. */
export function refusalBody(reply: Reply, secrets: Secrets): string | undefined {
  if (reply.kind === "unanswered" || isSwitch(reply) || reply.body.length === 0) return undefined;
  // Before it is cut off, as bytes: afterwards half a secret may be left.
  const said = Buffer.from(secrets.redact(reply.body.toString("latin1")), "latin1");
  return bodyText(reply.response, said);
}
