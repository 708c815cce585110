/** Owns how a server took one handshake more: let in, turned away, or not as a limit would do it. */
import type { DialReason } from "../../dial/dial-error.js";
import { headerValue } from "../../frame/upgrade.js";
import type { Observation } from "../check.js";
import { endOf, type HeardEnd } from "../heard.js";
import { isOpen, type Reply, saidOf } from "../reply.js";
import { theirs } from "../their-words.js";

/**
 * `limited`: in a way that tells clients what it is; `refused`: in another; `silent`: no answer in
 * time; `failed`: an error of the server; `unknown`: nothing that says anything of the server.
 */
export interface Standing {
  readonly kind: "in" | "limited" | "refused" | "silent" | "failed" | "unknown";
  /** What came back, in a few harmless words. */
  readonly said: string;
  /** Seconds, or a date, as Retry-After has it. */
  readonly retryAfter: string | undefined;
}

const hungUp: ReadonlySet<DialReason> = new Set(["refused", "reset", "closed", "unreachable"]);

/** Whether a close says that there was too much of something: 1008, 1013, or one of the app's own. */
export function isPolicy(ended: HeardEnd): boolean {
  if (ended.kind === "cut") return false;
  const { code } = ended.status;
  return code === 1008 || code === 1013 || code >= 4000;
}

/** The end in a few harmless words. */
export function shownEnd(ended: HeardEnd): string {
  return endOf(ended, 150);
}

function kindOf(reply: Reply): Standing["kind"] {
  if (reply.kind === "unanswered") {
    const { reason } = reply.error;
    if (reason === "timeout") return "silent";
    return hungUp.has(reason) ? "refused" : "unknown";
  }
  const { status } = reply.response;
  if (isOpen(reply)) {
    const ended = reply.heard?.ended;
    if (!ended) return "in";
    return isPolicy(ended) ? "limited" : "refused";
  }
  if (status === 429 || status === 503) return "limited";
  if (status === 101 || status >= 500) return "failed";
  return "refused";
}

/** How the server took it. */
export function standingOf(reply: Reply): Standing {
  const kind = kindOf(reply);
  const ended = reply.kind === "answered" ? reply.heard?.ended : undefined;
  const said = saidOf(reply, 100);
  const value =
    reply.kind === "answered" ? headerValue(reply.response.headers, "Retry-After") : undefined;
  return {
    kind,
    said: ended ? `${said}, then ${shownEnd(ended)}` : said,
    retryAfter: value === undefined ? undefined : theirs(value, 60),
  };
}

/**
 * What is told of the handshake at which a ramp came to its end.
 * @param where what was going on, such as `at about 10 handshakes/s`
 * @param later how one handshake was taken once that was over
 */
export function tellStanding(
  { kind, said, retryAfter }: Standing,
  where: string,
  later: Standing,
): Observation {
  const evidence = [
    `refusal: ${said}${retryAfter === undefined ? "" : `, Retry-After: ${retryAfter}`}`,
    `one handshake afterwards: ${later.said}`,
  ];
  const begin = `${where}: ${said}`;
  if (kind === "limited") {
    const told =
      retryAfter === undefined
        ? "; a Retry-After would tell clients when to come back"
        : `, Retry-After: ${retryAfter}`;
    const isHttp = !said.startsWith("101");
    return { verdict: "pass", message: `limited ${begin}${isHttp ? told : ""}`, evidence };
  }
  if (kind === "unknown") return { verdict: "inconclusive", message: begin, evidence };
  if (later.kind !== "in" && later.kind !== "limited") {
    const message = `${begin}, and since then ${later.said}: this address was banned, or the server is down`;
    return {
      verdict: "warn",
      kind: "gone",
      severity: "medium",
      confidence: "tentative",
      message,
      evidence,
    };
  }
  if (kind === "refused") {
    const message = `a limit, it seems, ${begin}; 429 with Retry-After would tell clients what it is and when to come back`;
    return { verdict: "info", confidence: "tentative", message, evidence };
  }
  const isSilent = kind === "silent";
  const message = `${begin}: the server ${isSilent ? "does not keep up" : "fails"}; right would be 429 or 503 with Retry-After before that`;
  return { verdict: "warn", kind, severity: isSilent ? "low" : "medium", message, evidence };
}
