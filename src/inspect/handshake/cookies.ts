/** Owns HS-16: whether the cookies that the answer sets are guarded. */
import { mark } from "../secret-mark.js";
import { safeLine } from "../../base/safe-text.js";
import { isLoopback } from "../../dial/loopback.js";
import type { Target } from "../../dial/target.js";
import type { Severity } from "../../findings/severity.js";
import { headerValues } from "../../frame/upgrade.js";
import type { Check, Observation } from "../check.js";
import type { Answered } from "../reply.js";
import { type CookieFacts, cookieOf } from "./set-cookie.js";
import { theirs } from "../their-words.js";

/** More cookies are not looked at one by one. */
const mostCookies = 20;

/** What one cookie lacks, and how grave that is. */
type Lack = readonly [severity: "low" | "medium", what: string];

/** Whether the prefix of the name promises what the attributes do not hold. */
function brokenPromise({ name, isSecure, path, domain }: CookieFacts): string | undefined {
  const lower = name.toLowerCase();
  if (lower.startsWith("__host-")) {
    if (isSecure && path === "/" && domain === undefined) return undefined;
    return "is called __Host-, which wants Secure, Path=/ and no Domain: browsers drop it";
  }
  if (!lower.startsWith("__secure-") || isSecure) return undefined;
  return "is called __Secure-, which wants Secure: browsers drop it";
}

function lacksOf(cookie: CookieFacts, target: Target): Lack[] {
  const { isHttpOnly, isSecure, sameSite } = cookie;
  const lacks: Lack[] = [];
  const promise = brokenPromise(cookie);
  if (promise !== undefined) lacks.push(["medium", promise]);
  else if (!isSecure) {
    const isLocal = !target.secure && isLoopback(target.host);
    lacks.push([isLocal ? "low" : "medium", "has no Secure, so that it is sent in the clear too"]);
  }
  if (!isHttpOnly) lacks.push(["low", "has no HttpOnly, so that scripts of the page can read it"]);
  const site = sameSite?.toLowerCase();
  if (site === "none") {
    lacks.push(
      isSecure
        ? [
            "low",
            "has SameSite=None: it comes with WebSockets that other sites open, so that Origin alone keeps them out",
          ]
        : ["medium", "has SameSite=None without Secure: browsers drop it"],
    );
  } else if (site !== "lax" && site !== "strict") {
    const what =
      site === undefined ? "has no SameSite" : `has the unknown SameSite "${theirs(site, 20)}"`;
    lacks.push([
      "low",
      `${what}: Chromium takes that for Lax and keeps it from WebSockets that other sites open; Firefox and Safari do not take it for Lax`,
    ]);
  }
  return lacks;
}

/** The attributes, and no value. */
function shown({ name, isSecure, isHttpOnly, sameSite, path, domain }: CookieFacts): string {
  const words = [
    `${safeLine(name, 60)}=${mark}`,
    ...(isSecure ? ["Secure"] : []),
    ...(isHttpOnly ? ["HttpOnly"] : []),
    ...(sameSite === undefined ? [] : [`SameSite=${theirs(sameSite, 20)}`]),
    ...(path === undefined ? [] : [`Path=${theirs(path, 60)}`]),
    ...(domain === undefined ? [] : [`Domain=${theirs(domain, 60)}`]),
  ];
  return `Set-Cookie: ${words.join("; ")}`;
}

function look({ request, response }: Answered, target: Target): Observation[] {
  const values = headerValues(response.headers, "Set-Cookie");
  const cookies = values.slice(0, mostCookies).flatMap((value) => cookieOf(value) ?? []);
  if (cookies.length === 0) return [{ verdict: "info", message: "no Set-Cookie can be read" }];
  const seen = cookies.flatMap((cookie): Observation[] => {
    const lacks = lacksOf(cookie, target);
    if (lacks.length === 0) return [];
    const severity: Severity = lacks.some(([grave]) => grave === "medium") ? "medium" : "low";
    const name = safeLine(cookie.name, 60);
    return [
      {
        case: `cookie ${name}`,
        cases: lacks.map(([, what]) => `cookie ${name}: ${what.split(/[,:"]/, 1)[0]!.trim()}`),
        verdict: severity === "medium" ? "fail" : "warn",
        severity,
        names: [name],
        message: `the cookie ${name} ${lacks.map(([, what]) => what).join("; it ")}`,
        evidence: [shown(cookie)],
        request,
      },
    ];
  });
  if (values.length > mostCookies) {
    const message = `${values.length} cookies are set; only the first ${mostCookies} were looked at`;
    seen.push({ case: "number", verdict: "info", message });
  }
  if (seen.length > 0) return seen;
  const message = "all cookies that the answer sets are Secure, HttpOnly and SameSite";
  return [{ verdict: "pass", message, evidence: cookies.map(shown) }];
}

/** Cookies. */
export const cookieCheck: Check = {
  rule: {
    id: "HS-16",
    title: "cookies are Secure, HttpOnly and SameSite",
    severity: "medium",
    source: "OWASP, RFC 6265 §4.1.2",
    why: "A WebSocket carries the cookies of its host, whoever's page opens it, and a cookie that can be stolen opens it anywhere.",
    fix: "Set-Cookie: __Host-id=…; Secure; HttpOnly; SameSite=Lax; Path=/ (Strict where no link from elsewhere has to work).",
    cwe: 614,
  },
  tier: "default",
  needs: "answer",
  cost: { handshakes: 0 },
  skip: ({ baseline }) =>
    baseline.kind === "answered" && headerValues(baseline.response.headers, "Set-Cookie").length > 0
      ? undefined
      : "no cookie is set",
  run: async ({ baseline, target }) => (baseline.kind === "answered" ? look(baseline, target) : []),
};
