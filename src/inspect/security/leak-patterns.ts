/** Owns what a server should not say: the patterns by which it is told, in time linear in the text. */
import type { Observation } from "../check.js";

/** One kind of thing that should not be said. */
export interface LeakPattern {
  readonly name: string;
  /** RE2, which cannot be made to run long. */
  readonly source: string;
  /** `i`, `m` and `s`, as {@link source} wants them. */
  readonly flags?: string;
  readonly verdict: "fail" | "warn" | "info";
  readonly severity: NonNullable<Observation["severity"]>;
  readonly confidence: NonNullable<Observation["confidence"]>;
  /** Characters of it that may be shown: few of what is itself the secret. */
  readonly shown: number;
  /** Whether a match is what it looks like. */
  readonly holds?: (match: string) => boolean;
  readonly why: string;
}

/** The check digit of cards (ISO/IEC 7812-1), with the lengths and beginnings that are given out. */
function isCardNumber(text: string): boolean {
  const digits = text.replace(/\D/g, "");
  const isIssued =
    /^(?:4\d{15}|4\d{18}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|6(?:011|5\d\d)\d{12})$/;
  if (!isIssued.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits.at(-1 - at));
    const doubled = digit * 2;
    sum += at % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isByte(part: string): boolean {
  return Number(part) <= 255;
}

const inside = "It tells an attacker what stands behind the server, and how to name it.";
const source = "It tells an attacker which code runs, in which version, and where it breaks.";

/** Every pattern, the gravest first. */
export const leakPatterns: readonly LeakPattern[] = [
  {
    name: "private key",
    source: "-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    verdict: "fail",
    severity: "critical",
    confidence: "certain",
    shown: 27,
    why: "Whoever has it can pose as its owner: it has to be replaced.",
  },
  {
    name: "AWS access key",
    source: "\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b",
    verdict: "fail",
    severity: "high",
    confidence: "firm",
    shown: 4,
    why: "With its secret half it opens the account: it has to be replaced.",
  },
  {
    name: "JWT",
    source: "\\beyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]*",
    verdict: "warn",
    severity: "low",
    confidence: "tentative",
    shown: 4,
    why: "A token that is said to whoever connects is good for whoever listens; one that belongs to the connection itself may be meant.",
  },
  {
    name: "card number",
    source: "\\b\\d(?:[ -]?\\d){12,18}\\b",
    verdict: "warn",
    severity: "medium",
    confidence: "firm",
    shown: 4,
    holds: isCardNumber,
    why: "PCI DSS lets the first six and the last four digits be shown, and no more.",
  },
  {
    name: "stack trace",
    source: [
      "\\bat [\\w$.<>]+\\([\\w$]+\\.(?:java|kt|scala):\\d+\\)",
      "Traceback \\(most recent call last\\)",
      "\\bat [^\\n]{0,200}[/\\\\][^\\s:()]+\\.[cm]?[jt]s:\\d+:\\d+",
      "\\bat [^\\n(]+\\([^\\n)]*\\) in [^\\n]+:line \\d+",
      "\\bgoroutine \\d+ \\[[a-z ,\\d]+\\]:",
      "(?:Fatal error|Parse error|Warning|Notice)(?:</b>)?: [^\\n]* in (?:<b>)?[^\\n]+ on line (?:<b>)?\\d+",
      "[\\w./-]+\\.rb:\\d+:in [`']",
    ].join("|"),
    verdict: "warn",
    severity: "medium",
    confidence: "certain",
    shown: 60,
    why: source,
  },
  {
    name: "error of a database",
    source: [
      "You have an error in your SQL syntax",
      "\\bSQLSTATE\\[",
      "\\bORA-\\d{5}\\b",
      "\\bSQLITE_(?:ERROR|CONSTRAINT|BUSY)",
      'syntax error at or near "',
      "Unclosed quotation mark after the character string",
      "\\b(?:psycopg2|asyncpg|pymysql|sqlalchemy)\\.[\\w.]+",
      "\\b(?:PG|Mysql2)::\\w*Error",
      "\\bMongo(?:Server|Network|Bulk\\w*)Error\\b",
    ].join("|"),
    verdict: "warn",
    severity: "medium",
    confidence: "certain",
    shown: 60,
    why: `${source} What came in may have got into a query.`,
  },
  {
    name: "debug page",
    source: [
      "because you have <code>DEBUG = True</code>",
      "Werkzeug Debugger",
      "Whitelabel Error Page",
      "Server Error in '[^'\\n]*' Application",
      "Action Controller: Exception caught",
      "Whoops, looks like something went wrong",
      "\\b(?:System|Microsoft)\\.[\\w.]*Exception\\b",
      "\\bjava(?:x)?\\.[\\w.]*(?:Exception|Error)\\b",
      "\\bpanic: runtime error\\b",
    ].join("|"),
    verdict: "warn",
    severity: "low",
    confidence: "firm",
    shown: 60,
    why: source,
  },
  {
    name: "private address",
    source:
      "\\b(?:10\\.\\d{1,3}|172\\.(?:1[6-9]|2\\d|3[01])|192\\.168|169\\.254)\\.\\d{1,3}\\.\\d{1,3}\\b",
    verdict: "warn",
    severity: "low",
    confidence: "firm",
    shown: 4,
    holds: (match) => match.split(".").every(isByte),
    why: inside,
  },
  {
    name: "internal host name",
    source:
      "\\bip-(?:10|172|192)(?:-\\d{1,3}){3}\\b|\\b[a-z0-9][a-z0-9-]*(?:\\.[a-z0-9-]+)*\\.(?:internal|local|localdomain|corp|lan|intranet)\\b",
    flags: "i",
    verdict: "warn",
    severity: "low",
    confidence: "tentative",
    shown: 4,
    why: inside,
  },
  {
    name: "e-mail address",
    source: "\\b[\\w.+-]+@[a-z0-9-]+(?:\\.[a-z0-9-]+)*\\.[a-z]{2,}\\b",
    flags: "i",
    verdict: "info",
    severity: "info",
    confidence: "tentative",
    shown: 4,
    why: "An address that is said to whoever connects is there to be collected.",
  },
];
