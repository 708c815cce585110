/** Owns OR-1: whether a page of another site gets in, and whether it does so as the victim. */
import type { Rule } from "../../findings/rule.js";
import type { Check, Observation } from "../check.js";
import { isIn } from "./admission.js";
import { isHijackable, judged, unfounded, wearied } from "./judge.js";
import { type Asked, lineOf, type OriginProbe, probeOf } from "./origin-probe.js";
import { sentOf } from "./trial.js";

const rule: Rule = {
  id: "OR-1",
  title: "a page of another site is not let in",
  severity: "high",
  source: "RFC 6455 §10.2",
  why: "Browsers let any page open a WebSocket to any server, and send the server's cookies with it: the same-origin policy does not hold here. Only the server can refuse, by the Origin header; where it does not, any page that a user visits can talk in that user's name (cross-site WebSocket hijacking).",
  fix: 'Compare Origin with a fixed list before the 101, and answer 403 otherwise. Node: server.on("upgrade", (request, socket) => { if (!allowed.has(request.headers.origin)) socket.end("HTTP/1.1 403 Forbidden\\r\\n\\r\\n"); … }). nginx: map $http_origin $foreign { default 1; "https://app.example.com" 0; } and if ($foreign) { return 403; }. Set the session cookie as SameSite=Lax or Strict besides: without the attribute, only Chromium takes it for Lax.',
  cwe: 1385,
};

type Judgement = Required<Pick<Observation, "kind" | "verdict" | "message">> &
  Partial<Pick<Observation, "severity" | "confidence">>;

/** What browsers do with a cookie that has no SameSite, when another site opens a WebSocket. */
const defaults =
  "SameSite: not seen here, as the cookie was set elsewhere. Lax and Strict keep a cookie from WebSockets of other sites. Without SameSite, Chromium takes it for Lax (its exception for the first two minutes is for POSTs that open a page, and for no WebSocket); Firefox and Safari have no such default, so that it hangs on what they do with the cookies of third parties";

function sameSiteLines({ sameSite, credentials }: OriginProbe): string[] {
  if (sameSite !== "unknown") return [`SameSite: the cookie is ${sameSite}`];
  return credentials.ambient.includes("cookie") ? [defaults] : [];
}

/** What it means that the foreign Origin gets in. */
function meaning(probe: OriginProbe): Judgement {
  const { ambient, known } = probe.credentials;
  const control = probe.known("control");
  const carried = ambient.join(" and ");
  if (ambient.length + known.length === 0) {
    return {
      kind: "no credentials given",
      verdict: "warn",
      severity: "medium",
      message:
        "the Origin is not validated; whether a user can be harmed by it hangs on credentials, and none were given: inspect again with --cookie",
    };
  }
  if (control?.answer === "accepted") {
    return {
      kind: "open without credentials",
      verdict: "warn",
      severity: "medium",
      message:
        "the Origin is not validated, yet a request without credentials is let in as well: a foreign page gains by it only where the credentials decide what is seen",
    };
  }
  if (ambient.length === 0) {
    return {
      kind: "only what a page must know",
      verdict: "warn",
      severity: "low",
      message: `the Origin is not validated; what lets in is ${known.join(" and ")}, which a foreign page would have to know`,
    };
  }
  if (!isHijackable(probe)) {
    return {
      kind: "control not answered",
      verdict: "warn",
      severity: "medium",
      confidence: "tentative",
      message: `the Origin is not validated; whether the ${carried} is what lets in could not be seen, since the request without came to ${control?.said ?? "nothing"}`,
    };
  }
  const page = probe.known("foreign page");
  if (known.length > 0 && !(page && isIn(page))) {
    const isRefused = page?.answer === "rejected" || page?.answer === "late-reject";
    return {
      kind: isRefused ? "page refused" : "page not answered",
      verdict: "warn",
      severity: isRefused ? "low" : "medium",
      confidence: isRefused ? "certain" : "tentative",
      message: `the Origin is not validated; a foreign page has the victim's ${carried}, yet not ${known.join(" and ")}: without, it came to ${page?.said ?? "nothing"}`,
    };
  }
  if (probe.sameSite === "kept" && carried === "cookie") {
    return {
      kind: "kept by SameSite",
      verdict: "warn",
      severity: "medium",
      message:
        "the Origin is not validated; only SameSite keeps the cookie from other sites, and pages of the same site's subdomains still get in as the victim",
    };
  }
  return {
    kind: "hijacking",
    verdict: "fail",
    message: `a page of another site gets in as the victim: with the ${carried} it is let in, and without it is refused (cross-site WebSocket hijacking)`,
  };
}

/** What the foreign Origin comes to. */
export function foreignVerdict(asked: Asked, probe: OriginProbe): Observation {
  // A late refusal, a refusal and silence mean the same here as elsewhere.
  if (!isIn(asked)) return { ...judged(asked, probe), case: "" };
  const { confidence = "certain", ...found } = meaning(probe);
  const lines = [asked, probe.known("control"), probe.known("foreign page")];
  const [, control, page] = lines;
  return {
    ...found,
    message: `${sentOf(asked.trial)} is let in: ${found.message}`,
    confidence: asked.answer === "accepted" ? confidence : "tentative",
    request: asked.reply.request,
    evidence: [
      lineOf(asked),
      ...(control ? [`without credentials, ${lineOf(control)}`] : []),
      ...(page ? [`with no more than browsers send by themselves, ${lineOf(page)}`] : []),
      ...sameSiteLines(probe),
    ],
  };
}

/** OR-1. */
export const foreignOrigin: Check = {
  rule,
  tier: "origins",
  needs: "open",
  cost: { handshakes: 4 },
  run: async (subject) => {
    const { asker } = subject;
    const probe = probeOf(subject);
    const lack = unfounded(await probe.ask("exact", asker));
    if (lack) return [lack];
    const { ambient, known } = probe.credentials;
    // Without credentials to leave out, the control would be the same request once more.
    if (ambient.length + known.length > 0) await probe.control(asker);
    const foreign = await probe.ask("other site", asker);
    if (!foreign) return [];
    if (isIn(foreign) && known.length > 0 && isHijackable(probe)) await probe.asForeignPage(asker);
    const found = foreignVerdict(foreign, probe);
    if (found.verdict !== "pass") return [found];
    return [(await wearied(probe, rule.id, asker, [lineOf(foreign)])) ?? found];
  },
};
