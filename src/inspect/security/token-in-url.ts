/** Owns AU-2: whether a token stands, or may stand, in the URL. */
import type { Rule } from "../../findings/rule.js";
import { headerValue } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import { secretParameters } from "../credentials.js";
import { isIn } from "../origins/admission.js";
import { isOpen, type Reply } from "../reply.js";
import type { Subject } from "../subject.js";
import { jwtIn } from "./jwt.js";
import { askWith } from "./token-checked.js";
import { withToken } from "./tokens.js";

const rule: Rule = {
  id: "AU-2",
  title: "no token in the URL",
  severity: "low",
  source: "RFC 6750 §5.3",
  why: "URLs are written down wherever they pass: in the logs of servers and proxies, in histories and error reports. A token in there is read by whoever reads these.",
  fix: "From programs, send Authorization. From browsers, which cannot, use the session cookie, or let the client fetch a ticket by HTTPS that is good once and for a few seconds. Refuse long-lived tokens in the query.",
  cwe: 598,
};

/** The names that are tried; the first is that of RFC 6750 §2.3. */
const names = ["access_token", "token"];

/** The token of `Authorization: Bearer`. */
function bearerOf({ request }: Reply): string | undefined {
  const value = request && headerValue(request.headers, "Authorization");
  return value === undefined ? undefined : /^bearer +(\S+)$/i.exec(value)?.[1];
}

function lint(subject: Subject): Observation[] {
  const given = [...new Set(secretParameters(subject.target))];
  if (given.length === 0) return [];
  const what = given.length === 1 ? "the parameter" : "the parameters";
  const message = `the given URL carries a secret in ${what} ${given.join(", ")}`;
  return [{ case: "given URL", kind: "carried", verdict: "warn", confidence: "firm", message }];
}

async function tryQuery(subject: Subject, bearer: string): Promise<Observation[]> {
  const token = jwtIn(bearer) ?? bearer;
  const absent = await askWith(subject, (head) =>
    withToken(head, token, () => undefined, subject.given),
  );
  const { answer, said } = absent.admission;
  if (isIn(absent.admission)) {
    const message = `whether the token is taken from the URL cannot be told: without it the request is let in as well (${said})`;
    return [{ case: "query", verdict: "info", message }];
  }
  const lines = [`without a token: ${said}`];
  if (answer === "no answer") {
    const message = `without a token: ${said}, so that there is nothing to compare with`;
    return [{ case: "query", verdict: "inconclusive", message }];
  }
  let isTold = true;
  for (const name of names) {
    const { reply, admission } = await askWith(subject, (head) => {
      const bare = withToken(head, token, () => undefined, subject.given);
      const mark = bare.target.includes("?") ? "&" : "?";
      return { ...bare, target: `${bare.target}${mark}${name}=${encodeURIComponent(bearer)}` };
    });
    lines.push(`?${name}=: ${admission.said}`);
    isTold &&= admission.answer !== "no answer";
    if (!isIn(admission)) continue;
    const message = `the bearer token is taken from the URL as well: ?${name}= is let in (${admission.said})`;
    const evidence = [...lines, "the token may stand in the server's access log now"];
    const { request } = reply;
    return [{ case: "query", kind: "let in", verdict: "warn", message, evidence, request }];
  }
  const unknown = (message: string): Observation[] => [
    { case: "query", verdict: "inconclusive", message, evidence: lines },
  ];
  if (!isTold) return unknown("the server did not answer a token in the URL");
  // A server may have had enough, and refuse whatever comes.
  const again = await askWith(subject, (head) => head);
  lines.push(`in the header again: ${again.admission.said}`);
  if (!isIn(again.admission)) {
    return unknown(
      `a token in the URL was refused, and then so was the header (${again.admission.said}): the server may have refused for another reason`,
    );
  }
  const message = "the bearer token is not taken from the URL";
  return [{ case: "query", verdict: "pass", message, evidence: lines }];
}

/** AU-2. */
export const tokenInUrl: Check = {
  rule,
  tier: "security",
  needs: "nothing",
  cost: { handshakes: 4 },
  skip: ({ target, baseline }) =>
    secretParameters(target).length === 0 && bearerOf(baseline) === undefined
      ? "no token is given, neither in the URL nor by --bearer"
      : undefined,
  run: async (subject) => {
    const found = lint(subject);
    const bearer = bearerOf(subject.baseline);
    if (bearer === undefined || !isOpen(subject.baseline)) return found;
    return [...found, ...(await tryQuery(subject, bearer))];
  },
};
