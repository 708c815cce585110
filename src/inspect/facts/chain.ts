/** Owns the certificates that a server sent, as plain data. */
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { safeLine } from "../../base/safe-text.js";
import { wholeDays } from "../../findings/expiry.js";
import type { InspectedCertificate } from "../../findings/inspection.js";
import type { Secrets } from "../secrets.js";

/** Certificates of a chain, and names of one certificate, that are kept. */
const mostCertificates = 10;
const mostNames = 100;
const longestText = 300;

/** `CN=a⏎O=b`, as Node writes a name, on one line. */
function nameOf(name: string): string {
  return safeLine((name ?? "").replaceAll("\n", ", "), longestText);
}

/** `DNS:a.example, IP Address:127.0.0.1`; what would be ambiguous stands there in quotes. */
function namesOf(subjectAltName: string | undefined): string[] {
  const parts =
    (subjectAltName ?? "").slice(0, 65_536).match(/(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g) ?? [];
  return parts
    .slice(0, mostNames)
    .map((part) => safeLine(part.trim().replace(/^[^:]*:/, ""), longestText))
    .filter((name) => name !== "");
}

/** Such as `EC prime256v1`, `RSA 2048` or `ED25519`. */
function keyOf(certificate: X509Certificate): string {
  try {
    const { asymmetricKeyType = "", asymmetricKeyDetails = {} } = certificate.publicKey;
    const { namedCurve, modulusLength } = asymmetricKeyDetails;
    return [asymmetricKeyType.toUpperCase(), namedCurve ?? modulusLength]
      .filter((part) => part !== undefined && part !== "")
      .join(" ");
  } catch {
    // A key of a kind that this OpenSSL cannot read.
    return "unknown";
  }
}

/** A date as OpenSSL writes it. @returns milliseconds; NaN where it cannot be read */
function timeOf(text: string): number {
  return Date.parse(text);
}

function isoOf(time: number): string {
  return Number.isNaN(time) ? "" : new Date(time).toISOString();
}

function certificateOf(certificate: X509Certificate, date: Date): InspectedCertificate {
  const from = timeOf(certificate.validFrom);
  const to = timeOf(certificate.validTo);
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: namesOf(certificate.subjectAltName),
    from: isoOf(from),
    to: isoOf(to),
    daysLeft: Number.isNaN(to) ? 0 : wholeDays(to - date.getTime()),
    key: keyOf(certificate),
    fingerprint: certificate.fingerprint256,
    serial: certificate.serialNumber,
  };
}

/**
 * The certificates that the server sent, its own first, in the order in which they came; what the
 * list of trusted ones adds to them for the verification is not among them. Empty without TLS.
 */
export function chainOf(socket: Socket, date: Date = new Date()): InspectedCertificate[] {
  if (!(socket instanceof TLSSocket)) return [];
  const chain: InspectedCertificate[] = [];
  // Node has no chain any more once the socket is gone.
  let certificate = socket.getPeerX509Certificate();
  while (certificate && chain.length < mostCertificates) {
    chain.push(certificateOf(certificate, date));
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** A certificate whose names do not say a secret back. */
export function shownCertificate(
  certificate: InspectedCertificate,
  secrets: Secrets,
): InspectedCertificate {
  const { subject, issuer, names } = certificate;
  return {
    ...certificate,
    subject: secrets.redact(subject),
    issuer: secrets.redact(issuer),
    names: names.map((name) => secrets.redact(name)),
  };
}
