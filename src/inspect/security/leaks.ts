/** Owns PS: what a server says by itself that it should keep to itself. Nothing is sent to find out. */
import { compileRegex } from "../../message/regex.js";
import type { Rule } from "../../findings/rule.js";
import type { Check, Observation } from "../check.js";
import type { Answered } from "../reply.js";
import type { Subject } from "../subject.js";
import { secretsOf } from "../secrets.js";
import { type LeakPattern, leakPatterns } from "./leak-patterns.js";
import { type Received, receivedIn } from "./received.js";
import { theirs } from "../their-words.js";

const rule: Rule = {
  id: "PS",
  title: "nothing internal is said to whoever connects",
  severity: "low",
  source: "practice",
  why: "Stack traces, names of inner machines, keys and data of others are said by accident, and heard by everybody who connects.",
  fix: "Answer errors with a code and an id, keep the rest in the log, and let the proxy strip headers that speak of what stands behind it (nginx: proxy_hide_header, HAProxy: http-response del-header).",
  cwe: 200,
};

/** Matches of one pattern that are looked at in one text, and lines that are shown. */
const mostMatches = 200;
const mostShown = 5;

/** The own address, which says nothing new. */
function isKnown(match: string, { target }: Subject): boolean {
  return match.toLowerCase() === target.host.toLowerCase();
}

/** The beginning of a match, and how long the rest is. */
function excerpt(match: string, shown: number): string {
  if (match.length <= shown) return `"${theirs(match)}"`;
  const rest = match.length - shown;
  return `"${theirs(match.slice(0, shown))}…" and ${rest} more ${rest === 1 ? "character" : "characters"}`;
}

function matchesIn(pattern: LeakPattern, texts: readonly Received[], subject: Subject): string[] {
  const { source, flags = "", shown, holds = () => true } = pattern;
  const regex = compileRegex(source, flags);
  const lines: string[] = [];
  for (const { where, text } of texts) {
    const matcher = regex.matcher(text);
    for (let count = 0; count < mostMatches && matcher.find(); count++) {
      const match = matcher.group() ?? "";
      if (!holds(match) || isKnown(match, subject)) continue;
      lines.push(`${where}, at character ${matcher.start()}: ${excerpt(match, shown)}`);
    }
  }
  return lines;
}

function judged(pattern: LeakPattern, lines: readonly string[]): Observation {
  const { name, verdict, severity, confidence, why } = pattern;
  const more = lines.length - mostShown;
  const times = lines.length === 1 ? "once" : `${lines.length} times`;
  return {
    case: name,
    verdict,
    severity,
    confidence,
    message: `${name}: ${times}, first ${lines[0]!}`,
    evidence: more > 0 ? [...lines.slice(0, mostShown), `and ${more} more`] : lines,
    why,
  };
}

/** What was looked through, in words. */
function scopeOf({ heard, body }: Answered, texts: readonly Received[]): string {
  const messages = heard?.messages.length ?? 0;
  const parts = ["the headers"];
  if (body.length > 0) {
    const isRead = texts.some(({ where }) => where === "in the body");
    parts.push(isRead ? "the body" : "not the body, which is compressed");
  }
  parts.push(`${messages} ${messages === 1 ? "message" : "messages"}`);
  return parts.join(", ");
}

/** What the user gave is no news to the user, yet is kept by whatever logs answers and messages. */
function saidBack(
  texts: readonly Received[],
  { target, options, given }: Subject,
): readonly Observation[] {
  const secrets = secretsOf(target, options, given);
  const places = [
    ...new Set(texts.filter(({ text }) => secrets.isIn(text)).map(({ where }) => where)),
  ];
  if (places.length === 0) return [];
  const more = places.length - mostShown;
  return [
    {
      case: "said back",
      verdict: "warn",
      severity: "low",
      confidence: "firm",
      message: `a secret that it was given is said back: ${places.slice(0, mostShown).join(", ")}${more > 0 ? ` and ${more} more` : ""}`,
      why: "Scripts of the page can read what comes back, cookies that are HttpOnly included; and logs of proxies and clients keep it.",
      fix: "Send what the client needs to know of its session, such as the name of the user, and never the cookie or the token itself.",
    },
  ];
}

/** PS. */
export const leaks: Check = {
  rule,
  tier: "security",
  needs: "answer",
  cost: { handshakes: 0 },
  run: (subject) => {
    const { baseline } = subject;
    if (baseline.kind !== "answered") return Promise.resolve([]);
    const texts = receivedIn(baseline);
    const seen = leakPatterns.flatMap((pattern) => {
      const lines = matchesIn(pattern, texts, subject);
      return lines.length === 0 ? [] : [judged(pattern, lines)];
    });
    seen.push(...saidBack(texts, subject));
    if (seen.length > 0) return Promise.resolve(seen);
    const kinds = leakPatterns.map(({ name }) => name).join(", ");
    const message = `nothing internal was found in what came by itself: ${scopeOf(baseline, texts)}`;
    return Promise.resolve([{ verdict: "pass", message, evidence: [`looked for: ${kinds}`] }]);
  },
};
