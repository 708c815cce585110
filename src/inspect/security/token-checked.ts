/** Owns AU-1: whether a token is looked at before the 101, and what of it. */
import type { Rule } from "../../findings/rule.js";
import type { RequestHead } from "../../frame/http-head.js";
import type { Check, Observation } from "../check.js";
import {
  type Admission,
  admissionOf,
  bareAdmissionOf,
  grace,
  isIn,
  patienceWith,
  withoutCertificate,
} from "../origins/admission.js";
import type { Reply } from "../reply.js";
import type { Subject } from "../subject.js";
import { forged, jwtIn, unsigned } from "./jwt.js";
import { type Change, mainTokenOf, tokensOf, withToken } from "./tokens.js";

const rule: Rule = {
  id: "AU-1",
  title: "a missing or bad token is refused before the 101",
  severity: "high",
  source: "RFC 6455 §10.5",
  why: "Whoever gets a 101 holds a connection and may talk. A token that is not verified as a whole, signature and expiry included, is an invitation to write one's own.",
  fix: "Verify the token while it is an HTTP request still, and answer 401 (or 403). Give the verifier the list of algorithms, as jwt.verify(token, key, { algorithms: ['RS256'] }), so that none is no choice.",
  cwe: 287,
};

/** One bad token. */
interface Bad {
  readonly name: string;
  readonly change: Change;
  readonly severity: "high" | "medium";
  /** What it means that it lets in. */
  readonly means: string;
}

/** What no server has given out; any header, parameter and subprotocol can carry it. */
const garbage = "wsctl-no-such-token";

function badOnes({ given }: Subject, token: string): Bad[] {
  const all: Bad[] = [
    {
      name: "garbage",
      change: () => garbage,
      severity: "high",
      means: "any text does for a token",
    },
  ];
  const jwt = jwtIn(token);
  const wrong = jwt === undefined ? undefined : forged(jwt);
  if (wrong !== undefined) {
    all.push({
      name: "wrong signature",
      change: () => wrong,
      severity: "high",
      means: "the signature is not verified, so that anybody can write a token",
    });
  }
  const open = jwt === undefined ? undefined : unsigned(jwt);
  if (open !== undefined) {
    all.push({
      name: "alg none",
      change: () => open,
      severity: "high",
      means: "a token may say of itself that it is not signed, so that anybody can write one",
    });
  }
  const { expiredToken } = given;
  if (expiredToken !== undefined) {
    all.push({
      name: "expired",
      change: () => expiredToken,
      severity: "medium",
      means: "a token that was stolen once is good for ever",
    });
  }
  return all;
}

/** What a refusal comes to; undefined when it is as it should be. */
function refusal(
  name: string,
  reply: Reply,
  { answer, said }: Admission,
  evidence: readonly string[],
): Observation | undefined {
  const common = { case: name, request: reply.request, evidence };
  const status = reply.kind === "answered" ? reply.response.status : 0;
  if (answer === "late-reject") {
    const message = `${name}: ${said}; the refusal comes after the 101, when a connection is taken already; right: 401`;
    return { ...common, verdict: "warn", severity: "low", kind: "refused late", message };
  }
  if (answer === "no answer") {
    const message = `${name}: ${said}, which tells nothing of the token`;
    return { ...common, verdict: "inconclusive", message };
  }
  if (status === 401 || status === 403) return undefined;
  const message = `${name}: refused, yet with ${said}; 401 would tell clients to get a new token`;
  return { ...common, verdict: "info", message };
}

/** What came of one request. */
interface Trial {
  readonly reply: Reply;
  readonly admission: Admission;
}

/** Asks with something about the token changed. */
export async function askWith(
  { asker, baseline }: Subject,
  vary: (head: RequestHead) => RequestHead,
): Promise<Trial> {
  const reply = await asker.ask({ vary, watch: grace, timeout: patienceWith(baseline) });
  return { reply, admission: admissionOf(reply) };
}

/** What it means that a request is let in without the token: the control has nothing at all. */
async function openWithout(subject: Subject, absent: Trial): Promise<Observation> {
  const { asker, baseline, options } = subject;
  const { said } = absent.admission;
  const reply = await asker.ask({
    anonymous: true,
    watch: grace,
    timeout: patienceWith(baseline),
    ...withoutCertificate(options),
  });
  const control = bareAdmissionOf(reply, options);
  const without = { case: "absent", request: absent.reply.request };
  const evidence = [`absent: ${said}`, `without any credentials: ${control.said}`];
  if (isIn(control)) {
    const message = `without any credentials: ${control.said}; nothing is authenticated on this endpoint before the 101, so that no token can be told from another`;
    const kind = "nothing authenticated";
    return { ...without, verdict: "warn", severity: "medium", kind, message, evidence };
  }
  const message =
    control.answer === "no answer"
      ? `without the token: ${said}; whether anything else lets in could not be seen, since a request without any credentials came to ${control.said}`
      : `without the token: ${said}, and without any credentials: ${control.said}; the other credentials let in by themselves, so that nothing can be said of the token: give it alone`;
  return { ...without, verdict: "inconclusive", message, evidence };
}

async function look(subject: Subject): Promise<readonly Observation[]> {
  const { baseline, given, asker } = subject;
  if (baseline.kind !== "answered") return [];
  const token = mainTokenOf(baseline.request, given);
  if (token === undefined) return [];
  const seen: Observation[] = [];
  // Each observation shows them all.
  const lines: string[] = [];
  const absent = await askWith(subject, (head) => withToken(head, token, () => undefined, given));
  if (isIn(absent.admission)) return [await openWithout(subject, absent)];
  const refused = refusal("absent", absent.reply, absent.admission, lines);
  if (refused) seen.push(refused);
  // What hangs once would hang each time.
  if (absent.admission.answer === "no answer") return seen;
  lines.push(`absent: ${absent.admission.said}`);
  for (const { name, change, severity, means } of badOnes(subject, token)) {
    const { reply, admission } = await askWith(subject, (head) =>
      withToken(head, token, change, given),
    );
    lines.push(`${name}: ${admission.said}`);
    if (!isIn(admission)) {
      const told = refusal(name, reply, admission, lines);
      if (told) seen.push(told);
      if (admission.answer === "no answer") break;
      continue;
    }
    const message = `${name}: let in (${admission.said}); ${means}`;
    const confidence = admission.answer === "accepted" ? "certain" : "tentative";
    const { request } = reply;
    const told = { case: name, kind: "let in", severity, message, request } as const;
    seen.push({ ...told, verdict: "fail", confidence, evidence: lines });
    if (name === "garbage") break;
  }
  if (given.expiredToken === undefined) lines.push("expired: not tried, none is given");
  if (seen.some(({ verdict }) => verdict !== "info")) return seen;
  // A server may have had enough of all that, and refuse whatever comes.
  const again = admissionOf(await asker.ask({ watch: 1, timeout: patienceWith(baseline) }));
  lines.push(`the good one again: ${again.said}`);
  if (!isIn(again)) {
    const message = `all were refused, and then so was the good token (${again.said}): the server may have refused them for another reason`;
    return [{ verdict: "inconclusive", message, evidence: lines }];
  }
  if (seen.length > 0) return seen;
  return [{ verdict: "pass", message: "bad tokens are refused before the 101", evidence: lines }];
}

/** AU-1. */
export const tokenChecked: Check = {
  rule,
  tier: "security",
  needs: "open",
  cost: { handshakes: 6 },
  skip: ({ baseline, given }) =>
    baseline.kind === "answered" && tokensOf(baseline.request, given).length === 0
      ? "no token is given: --bearer, a header, a parameter or a subprotocol"
      : undefined,
  run: look,
};
