/**
 * Owns whether a server let somebody in. A 101 alone does not say so: many servers switch first and
 * close once they have looked at the request.
 */
import type { DialOptions } from "../../dial/dial.js";
import type { OriginRow } from "../../findings/inspection.js";
import { probeTimeout } from "../check-timeout.js";
import { endOf } from "../heard.js";
import type { Question } from "../question.js";
import { isOpen, type Reply, saidOf } from "../reply.js";

/** Milliseconds for which a WebSocket has to stay open to count as accepted. */
export const grace = 1000;

/** What came of an attempt to get in. */
export interface Admission {
  /** `no answer`: nothing that tells whether the server would have let it in. */
  readonly answer: OriginRow["answer"];
  /** What came back, in a few harmless words. */
  readonly said: string;
  /** Whether messages came before a late close. */
  readonly hadData: boolean;
}

/** Refusals that say more of the server's load or of a gateway than of who asked. */
const unrelated: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

/** What a reply came to; an open WebSocket is judged by what was heard while it was watched. */
export function admissionOf(reply: Reply): Admission {
  const said = saidOf(reply, 100);
  const judged = (answer: Admission["answer"], what = said): Admission => {
    return { answer, said: what, hadData: false };
  };
  if (reply.kind === "unanswered") {
    const { phase, reason } = reply.error;
    const isHungUp = phase === "upgrade" && (reason === "closed" || reason === "reset");
    return judged(isHungUp ? "rejected" : "no answer");
  }
  const { status } = reply.response;
  if (status !== 101) return judged(unrelated.has(status) ? "no answer" : "rejected");
  if (!isOpen(reply)) return judged("no answer", "an invalid 101");
  const { ended, count = 0 } = reply.heard ?? {};
  if (!ended) return judged("accepted", "101");
  return {
    answer: "late-reject",
    said: `101, then ${endOf(ended, 100)}`,
    hadData: count > 0,
  };
}

/**
 * Milliseconds within which a request that may be refused is to be answered: the usual patience with
 * negative probes, and more where the first exchange was slow.
 */
export function patienceWith(baseline: Reply): number {
  if (baseline.kind === "unanswered") return probeTimeout;
  const { dns, tcp, proxy = 0, tls, upgrade } = baseline.phases;
  return Math.max(probeTimeout, 3 * (dns + tcp + proxy + tls + upgrade));
}

/** Whether somebody got in, if only for long enough to be told something. */
export function isIn({ answer, hadData }: Admission): boolean {
  return answer === "accepted" || (answer === "late-reject" && hadData);
}

/** What a question says so that no client certificate is shown; nothing where none is given. */
export function withoutCertificate({ tls }: DialOptions): Pick<Question, "tls"> {
  if (tls?.cert === undefined) return {};
  const { cert: _cert, key: _key, passphrase: _passphrase, ...rest } = tls;
  return { tls: rest };
}

/**
 * What a request without any credentials came to. Where a client certificate was given and is left
 * out, a server that wants one ends TLS, with 1.3 after the handshake: that is its refusal.
 */
export function bareAdmissionOf(reply: Reply, { tls }: DialOptions): Admission {
  const admission = admissionOf(reply);
  if (reply.kind === "answered" || tls?.cert === undefined) return admission;
  const { phase, reason } = reply.error;
  const isEnded = reason !== "timeout" && (phase === "tls" || phase === "upgrade");
  return isEnded ? { ...admission, answer: "rejected" } : admission;
}
