/** Owns when a certificate is to be renewed. */
import type { X509Certificate } from "node:crypto";
import { expiryLimits, wholeDays } from "../../findings/expiry.js";
import type { Observation } from "../check.js";
import { ofCertificate, shownName } from "./trust.js";

/** A length of time in whole days, for people; what is over has a minus, which is left out. */
export function days(ms: number): string {
  const whole = Math.abs(wholeDays(ms));
  return whole === 1 ? "1 day" : `${whole} days`;
}

const renew =
  "renew it, and reload the server; let a machine do so from now on (certbot renew, acme.sh, cert-manager), and watch that it does";

/** What is wrong with the dates of one certificate of a chain; undefined when nothing is. */
function problemOf(certificate: X509Certificate, index: number, now: number) {
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  const which =
    index === 0 ? "the certificate" : `the CA certificate ${shownName(certificate.subject)}`;
  const evidence = [`valid from ${certificate.validFrom} to ${certificate.validTo}`];
  const common = { case: ofCertificate("dates", index), evidence };
  const say = (observation: Omit<Observation, "case" | "evidence">): Observation => {
    return { ...common, ...observation };
  };
  if (Number.isNaN(from) || Number.isNaN(to)) {
    return say({
      kind: "unreadable",
      verdict: "warn",
      message: `the dates of ${which} cannot be read`,
    });
  }
  if (to < now) {
    return say({
      kind: "expired",
      verdict: "fail",
      severity: "critical",
      message: `${which} has expired ${days(to - now)} ago`,
      why: "No client that verifies certificates connects any more.",
      fix: renew,
    });
  }
  if (from > now) {
    return say({
      kind: "not yet valid",
      verdict: "fail",
      message: `${which} is not yet valid: only in ${days(from - now)}`,
      why: "Until then no client that verifies certificates connects.",
      fix: "compare the clocks of this machine, of the server and of the CA; else keep the old certificate until then",
    });
  }
  const { soon, verySoon } = expiryLimits(to - from);
  const left = to - now;
  if (left >= soon) return undefined;
  return say({
    kind: left < verySoon ? "expires very soon" : "expires soon",
    verdict: "warn",
    severity: left < verySoon ? "medium" : "low",
    message: `${which} expires in ${days(left)}`,
    why: "Once it has expired, no client connects any more.",
    fix: renew,
  });
}

/** What is wrong with the dates of a chain, one observation for each certificate. */
export function dateProblems(path: readonly X509Certificate[], now: number): Observation[] {
  return path.flatMap((certificate, index) => problemOf(certificate, index, now) ?? []);
}
