/**
 * Owns SM-1: whether a proxy takes a refused upgrade for one that succeeded, and from then on passes
 * on whatever comes, past its own rules.
 */
import { safeLine } from "../../base/safe-text.js";
import { DialError } from "../../dial/dial-error.js";
import { headerValue, type UpgradeResponse } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { asPlainRequest, withHeader } from "../handshake/head-change.js";
import { reproOf } from "../handshake/own-repro.js";
import { type Answered, isOpen, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { patienceOver } from "./aliveness.js";
import { askOn, passBody, usualRequest } from "./wire-asking.js";
import { theirs } from "../their-words.js";

/** A version that nobody speaks. */
const badVersion = "777";

/** Who answers is told by these. */
const telling = ["Server", "Via", "X-Powered-By"] as const;

/** Headers that come and go from answer to answer of the same server. */
const passing =
  /^(?:date|age|expires|last-modified|etag|connection|keep-alive|content-length|transfer-encoding|set-cookie|retry-after|vary|alt-svc|server-timing|nel|report-to|cf-ray|x-(?:cache.*|.*request.*|.*trace.*|.*time.*|served-by|ratelimit.*|timer))$/i;

/** An answer by what tells who gave it. */
interface Face {
  readonly status: number;
  /** The values of the headers that tell it. */
  readonly who: readonly string[];
  readonly names: ReadonlySet<string>;
}

function faceOf({ status, headers }: UpgradeResponse): Face {
  const who = telling.map((name) => `${name}: ${headerValue(headers, name) ?? "none"}`);
  const names = headers.map(([name]) => name.toLowerCase()).filter((name) => !passing.test(name));
  return { status, who, names: new Set(names) };
}

/** What of `there` is not as it is `here`, a line each; empty where they are alike. */
function differences(here: Face, there: Face): string[] {
  const different: string[] = [];
  if (here.status !== there.status) different.push(`status ${there.status}, not ${here.status}`);
  for (const [index, line] of there.who.entries()) {
    if (line !== here.who[index])
      different.push(`${theirs(line, 100)}, not ${theirs(here.who[index] ?? "", 100)}`);
  }
  return different;
}

function nameDifferences(here: Face, there: Face): string[] {
  const more = [...there.names].filter((name) => !here.names.has(name));
  const less = [...here.names].filter((name) => !there.names.has(name));
  return [...more.map((name) => `with ${name}`), ...less.map((name) => `without ${name}`)].map(
    (line) => theirs(line, 80),
  );
}

function shown({ status, reason }: UpgradeResponse): string {
  return `${status} ${theirs(reason, 80)}`.trim();
}

/** What is told of the second answer, held against what a plain request gets of its own. */
function compared(first: string, second: UpgradeResponse, control: UpgradeResponse): Observation {
  const [here, there] = [faceOf(control), faceOf(second)];
  const evidence = [
    `Sec-WebSocket-Version: ${badVersion}: ${first}`,
    `plain request on the same connection: ${shown(second)}; ${safeLine(there.who.join("; "), 300)}`,
    `plain request on its own: ${shown(control)}; ${safeLine(here.who.join("; "), 300)}`,
  ];
  const other = differences(here, there);
  if (other.length > 0) {
    const message = `after ${first} to a wrong version, a plain request on the same connection is answered as if by another server (${other.join("; ")}): a proxy seems to pass it on unread`;
    return { verdict: "fail", confidence: "tentative", message, evidence };
  }
  const names = nameDifferences(here, there);
  if (names.length > 0) {
    const message = `after ${first} to a wrong version, a plain request on the same connection is answered with other headers than on its own: ${names.slice(0, 8).join(", ")}`;
    return { verdict: "warn", severity: "medium", confidence: "tentative", message, evidence };
  }
  const message = `after ${first} to a wrong version, the connection goes on in HTTP, and is answered as a new one is`;
  return { verdict: "pass", confidence: "firm", message, evidence };
}

function unanswered(first: string, { reason }: DialError, timeout: number): Observation {
  if (reason === "timeout") {
    const message = `after ${first} to a wrong version, the connection stays open, and a plain request on it is not answered within ${timeout} ms; right would be to close it`;
    return { verdict: "info", confidence: "tentative", message };
  }
  if (reason === "handshake") {
    const message = `after ${first} to a wrong version, what answers a plain request on the same connection is no HTTP: a proxy seems to pass it on unread`;
    return { verdict: "fail", severity: "medium", confidence: "tentative", message };
  }
  const message = `after ${first} to a wrong version, the connection is closed: nothing can follow on it`;
  return { verdict: "pass", message };
}

async function tunnelled(
  subject: Subject,
  control: Answered,
  timeout: number,
): Promise<Observation> {
  const { asker, baseline } = subject;
  if (!isOpen(baseline)) return { verdict: "inconclusive", message: "there is no usual request" };
  const wire = await asker.open({ timeout });
  try {
    const request = usualRequest(baseline, withHeader("Sec-WebSocket-Version", badVersion));
    const first = await askOn(wire, request, subject, timeout);
    if (first instanceof DialError) {
      if (first.reason === "closed" || first.reason === "reset") {
        const message = "a wrong version ends the connection: nothing can follow on it";
        return { verdict: "pass", message };
      }
      return { verdict: "inconclusive", message: `a wrong version: ${first.message}` };
    }
    const said = shown(first);
    if (first.status === 101) {
      const message =
        "a wrong version is answered with 101, so that this cannot be tried: see HS-07";
      return { verdict: "inconclusive", message };
    }
    await passBody(wire, request, first, subject, 500);
    const answer = await askOn(wire, control.request, subject, timeout);
    if (answer instanceof DialError) return unanswered(said, answer, timeout);
    return compared(said, answer, control.response);
  } finally {
    wire.destroy();
  }
}

async function look(subject: Subject, patience: number): Promise<readonly Observation[]> {
  const { asker, target } = subject;
  const timeout = patienceOver(subject, patience);
  const ask = () => asker.ask({ vary: asPlainRequest, timeout });
  // Two, to see whether answers differ anyway.
  const control = await ask();
  const again = control.kind === "answered" ? await ask() : control;
  const inconclusive = (message: string): Observation[] => [{ verdict: "inconclusive", message }];
  if (control.kind !== "answered" || again.kind !== "answered") {
    const none = control.kind === "answered" ? again : control;
    return inconclusive(`a plain request, to compare with, came to ${saidOf(none)}`);
  }
  const [one, two] = [faceOf(control.response), faceOf(again.response)];
  const unlike = [...differences(one, two), ...nameDifferences(one, two)];
  if (unlike.length > 0) {
    return inconclusive(
      `two plain requests are answered differently, so that nothing can be compared: ${unlike.slice(0, 4).join("; ")}`,
    );
  }
  const seen = await tunnelled(subject, control, timeout);
  return [{ ...seen, repro: reproOf("SM-1", target) }];
}

/**
 * SM-1.
 * @param patience milliseconds that the server has to answer each request
 */
export function smuggling({ patience }: { readonly patience: number }): Check {
  return {
    rule: {
      id: "SM-1",
      title: "a refused upgrade opens no tunnel",
      severity: "high",
      source: "RFC 9110 §7.8",
      why: "A proxy that sees Upgrade and does not look at the status of the answer passes on all that follows, unread. Whoever sends requests there reaches what the proxy is meant to keep from him: internal paths, other rules, no authentication.",
      fix: "Update the proxy; it may switch to a tunnel after a 101 only. Let it refuse wrong versions by itself: HAProxy: http-request deny deny_status 426 if { hdr(Upgrade) -i websocket } !{ hdr(Sec-WebSocket-Version) 13 }. Let the backend close the connection after each refused upgrade.",
      cwe: 444,
    },
    tier: "active",
    needs: "open",
    cost: { handshakes: 3 },
    run: (subject) => look(subject, patience),
  };
}
