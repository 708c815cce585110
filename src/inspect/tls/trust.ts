/** Owns the way from a server's certificate to a trusted one, over the certificates that it sent. */
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { safeLine } from "../../base/safe-text.js";
import type { TlsOptions } from "../../dial/tls.js";
import type { Observation } from "../check.js";
import type { TlsLook } from "./look.js";
import { theirs } from "../their-words.js";

function isIssuer(issuer: X509Certificate, of: X509Certificate): boolean {
  return of.issuer === issuer.subject && of.checkIssued(issuer);
}

/** The certificates that vouch for each other, the server's first, whatever order they came in. */
export function pathOf([first, ...others]: readonly X509Certificate[]): X509Certificate[] {
  if (!first) return [];
  const path = [first];
  for (;;) {
    const last = path.at(-1)!;
    const next = others.find((one) => isIssuer(one, last) && !path.includes(one));
    if (!next || isIssuer(last, last)) return path;
    path.push(next);
  }
}

function read(pem: string | Buffer): X509Certificate[] {
  try {
    return [new X509Certificate(pem)];
  } catch {
    return [];
  }
}

/** Whether the last one of a path, or who issued it, is trusted. */
function isAnchored(last: X509Certificate, { ca }: TlsOptions): boolean {
  const anchors = ca === undefined ? rootCertificates : [ca].flat();
  return anchors
    .flatMap(read)
    .some((anchor) => anchor.fingerprint256 === last.fingerprint256 || isIssuer(anchor, last));
}

/** Where the issuer's certificate is to be had, by Authority Information Access (RFC 5280 §4.2.2.1). */
function issuersOf({ infoAccess = "" }: X509Certificate): string[] {
  const mark = "CA Issuers - URI:";
  return (infoAccess ?? "")
    .slice(0, 4096)
    .split("\n")
    .filter((line) => line.startsWith(mark))
    .map((line) => safeLine(line.slice(mark.length)));
}

/** `CN=x⏎O=y`, as Node writes a name, on one line. */
export function shownName(name: string): string {
  return theirs((name ?? "").replaceAll("\n", ", "), 200);
}

/** A case of one certificate of a path by its place there: a CA's is none of the server's own. */
export function ofCertificate(what: string, index: number): string {
  return index === 0 ? what : `${what} of CA ${index}`;
}

/** The names and addresses that a certificate is for, for people; as many as anybody looks at. */
export function shownNames(certificate: X509Certificate | undefined): string[] {
  const names = (certificate?.subjectAltName ?? "").slice(0, 4096).split(", ");
  return names
    .map((name) => theirs(name.replace(/^[\w ]+:/, ""), 200))
    .filter((name) => name !== "");
}

const wrong = { case: "chain", verdict: "fail" } as const;

/** What is wrong with the chain; undefined when it ends where somebody is trusted. */
export function chainProblem(look: TlsLook, options: TlsOptions = {}): Observation | undefined {
  const path = pathOf(look.certificates);
  const [first] = path;
  const last = path.at(-1);
  if (look.facts.authorized || !first || !last || isAnchored(last, options)) return undefined;
  const issuer = shownName(last.issuer);
  if (isIssuer(first, first)) {
    return {
      ...wrong,
      kind: "self-signed",
      severity: "critical",
      message: `the certificate is self-signed: it was issued by itself, ${issuer}`,
      why: "Nobody vouches for it: whoever is in between can show one just like it. Browsers refuse the WebSocket without asking.",
      fix: "get a certificate of a CA, such as Let's Encrypt; on a machine of your own, make a CA with mkcert or openssl and hand it in with --ca",
    };
  }
  if (isIssuer(last, last)) {
    return {
      ...wrong,
      kind: "CA not trusted",
      message: `the chain ends at a CA that is not trusted here: ${issuer}`,
      why: "Only clients that were given this CA can connect; browsers refuse the WebSocket without asking.",
      fix: "if it is a private CA, hand it in with --ca FILE, and install it on every client; else get a certificate of a public one",
    };
  }
  const places = issuersOf(last);
  const sent = look.certificates.length;
  const evidence = [
    `sent: ${sent} ${sent === 1 ? "certificate" : "certificates"}, the last one issued by ${issuer}`,
    ...places.slice(0, 3).map((place) => `the missing one is at ${place}`),
  ];
  const fix =
    "configure the full chain, the server's certificate first, then the intermediate ones: nginx ssl_certificate fullchain.pem, HAProxy crt with the chain in the same file, Node cert: fullchain";
  if (places.length > 0) {
    return {
      ...wrong,
      kind: "not whole",
      message: `the server does not send its whole chain: the certificate of ${issuer} is missing`,
      evidence,
      why: "Browsers often have the missing certificate from elsewhere, or fetch it; Node, Go, Python, curl and phones do not, and refuse to connect.",
      fix,
    };
  }
  return {
    ...wrong,
    kind: "issuer unknown",
    confidence: "firm",
    message: `the issuer ${issuer} is neither sent nor known here: a private CA, or a chain that is not sent whole`,
    evidence,
    why: "Who does not know the issuer cannot verify the certificate, and does not connect.",
    fix: `a private CA is handed in with --ca FILE; otherwise ${fix}`,
  };
}
