/** Owns the check of what the server shows: for whom, from whom, until when, and how strong. */
import type { Rule } from "../../findings/rule.js";
import type { Check, Observation } from "../check.js";
import type { Subject } from "../subject.js";
import { lackOfTls } from "./bare.js";
import { dateProblems, days } from "./dates.js";
import { judgeLook, sharedLook, type TlsLook } from "./look.js";
import { reproFor } from "./repro.js";
import { strengthProblems } from "./strength.js";
import { chainProblem, pathOf, shownName, shownNames } from "./trust.js";

/** How many names are shown. */
const mostNames = 10;

/** Verification errors that the other cases are about. */
const explained =
  /^(?:CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|ERR_TLS_CERT_ALTNAME|(?:EE|CA)_(?:KEY|MD)_TOO)/;

function namesIn({ certificates: [first] }: TlsLook): string {
  const names = shownNames(first);
  if (names.length === 0) return "no name at all";
  const more = names.length - mostNames;
  return `${names.slice(0, mostNames).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function nameProblem(look: TlsLook): Observation | undefined {
  const { name, isForName, certificates } = look;
  const [first] = certificates;
  if (!isForName) {
    return {
      case: "name",
      kind: "another",
      verdict: "fail",
      message: `the certificate is not for ${name}: it is for ${namesIn(look)}`,
      why: "Whoever verifies certificates does not connect: it could be anybody's server.",
      fix: `have one issued that names ${name}, or dial a name that it is for; --servername says which name to ask for and to expect`,
    };
  }
  if (first?.subjectAltName !== undefined) return undefined;
  return {
    case: "name",
    kind: "subject only",
    verdict: "warn",
    severity: "medium",
    message: `the certificate names ${name} only in its subject (${shownName(first?.subject ?? "")}): it has no subjectAltName`,
    why: "Browsers and Go have not looked at the subject for years (RFC 9525): they refuse the certificate.",
    fix: `have it issued again with a subjectAltName, such as openssl req -addext subjectAltName=DNS:${name}`,
  };
}

/** What the verification says beyond all that. */
function trustProblem({ facts: { authorized, authorizationError = "" } }: TlsLook) {
  if (authorized || authorizationError === "" || explained.test(authorizationError))
    return undefined;
  const observation: Observation = {
    case: "trust",
    verdict: "fail",
    message: `the certificate cannot be verified: ${authorizationError}`,
  };
  return observation;
}

/** The problems of what was seen, at a time in milliseconds. */
function problemsOf(look: TlsLook, { options }: Subject, now: number): Observation[] {
  const path = pathOf(look.certificates);
  const chain = chainProblem(look, options.tls);
  const [name, trust] = [nameProblem(look), chain ? undefined : trustProblem(look)];
  const found = [name, chain, trust].filter((one) => one !== undefined);
  return [...found, ...dateProblems(path, now), ...strengthProblems(path)];
}

function passed(look: TlsLook, now: number): Observation {
  const { name, certificates } = look;
  const { validFrom = "", validTo = "" } = certificates[0] ?? {};
  const issuer = certificates.at(-1)?.issuer ?? "";
  const sent = certificates.map(({ subject }) => shownName(subject)).join(" ← ");
  return {
    verdict: "pass",
    message: `the certificate is valid for ${name}, and for another ${days(Date.parse(validTo) - now)}`,
    evidence: [
      `names: ${namesIn(look)}`,
      `sent: ${sent}, issued by ${shownName(issuer)}`,
      `valid from ${validFrom} to ${validTo}`,
    ],
  };
}

const rule: Rule = {
  id: "TLS-1",
  title: "The certificate is valid: name, chain, dates, key and signature",
  severity: "high",
  source: "RFC 5280 §6",
  why: "A client that verifies certificates does not connect, and a browser does not even ask: the WebSocket just fails with 1006.",
  fix: "have a certificate issued for the name by a CA that clients trust, and configure the full chain: nginx ssl_certificate fullchain.pem",
  cwe: 295,
};

/** TLS-1. */
export const certificate: Check = {
  rule,
  tier: "default",
  needs: "nothing",
  cost: { handshakes: 1 },
  shares: sharedLook,
  lack: lackOfTls,
  run: (subject) =>
    judgeLook(subject, (look) => {
      if (look.certificates.length === 0) {
        return [{ verdict: "inconclusive", message: "the server showed no certificate" }];
      }
      const now = (subject.date ?? new Date()).getTime();
      const problems = problemsOf(look, subject, now);
      const repro = reproFor(subject, rule.id);
      return problems.length > 0
        ? problems.map((each) => Object.assign({}, each, { repro }))
        : [passed(look, now)];
    }),
};
