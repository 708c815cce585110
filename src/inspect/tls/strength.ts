/** Owns how strong the keys and the signatures of certificates are. */
import type { X509Certificate } from "node:crypto";
import type { Observation } from "../check.js";
import { ofCertificate, shownName } from "./trust.js";

/** Signatures by hashes that can be forged, by the hex of their object identifiers. */
const weakSignatures: ReadonlyMap<string, string> = new Map([
  ["2a864886f70d010104", "MD5 with RSA"],
  ["2a864886f70d010105", "SHA-1 with RSA"],
  ["2a8648ce3d0401", "SHA-1 with ECDSA"],
  ["2a8648ce380403", "SHA-1 with DSA"],
]);

/** The element of DER at an offset: where its content begins and ends; undefined for none. */
function element(der: Buffer, at: number): { start: number; end: number } | undefined {
  const first = der[at + 1];
  if (first === undefined) return undefined;
  const size = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + size;
  if (size > 4 || start > der.length) return undefined;
  const length = size === 0 ? first : der.readUIntBE(at + 2, size);
  return start + length > der.length ? undefined : { start, end: start + length };
}

/** The object identifier of the signature, in hex: Certificate ::= { tbs, algorithm { OID }, … }. */
function signatureOf(der: Buffer): string {
  const certificate = element(der, 0);
  const signed = certificate && element(der, certificate.start);
  const algorithm = signed && element(der, signed.end);
  const identifier = algorithm && element(der, algorithm.start);
  return identifier ? der.toString("hex", identifier.start, identifier.end) : "";
}

/** What is weak about a key, such as `RSA 1024`, with how many bits it is to have. */
function weakKey(
  certificate: X509Certificate,
): { key: string; bits: number; least: string } | undefined {
  try {
    const { asymmetricKeyType = "", asymmetricKeyDetails = {} } = certificate.publicKey;
    const { modulusLength: bits } = asymmetricKeyDetails;
    if (bits === undefined || bits >= 2048) return undefined;
    return {
      key: `${asymmetricKeyType.toUpperCase()} ${bits}`,
      bits,
      least: "RSA 2048, or EC P-256",
    };
  } catch {
    // Of a kind that this OpenSSL cannot read: nothing is said of it.
    return undefined;
  }
}

/** What is weak about the certificates of a chain; what a CA signed for itself needs no signature. */
export function strengthProblems(path: readonly X509Certificate[]): Observation[] {
  return path.flatMap((certificate, index): Observation[] => {
    const which =
      index === 0 ? "the certificate" : `the CA certificate ${shownName(certificate.subject)}`;
    const problems: Observation[] = [];
    const weak = weakKey(certificate);
    if (weak) {
      problems.push({
        case: ofCertificate("key", index),
        verdict: "fail",
        severity: weak.bits <= 1024 ? "high" : "medium",
        message: `the key of ${which} is weak: ${weak.key}, where at least ${weak.least} is asked for`,
        why: "A key that short can be computed from the certificate; browsers and newer versions of OpenSSL refuse it.",
        fix: "make a new key, such as openssl ecparam -name prime256v1 -genkey, and have a certificate issued for it",
      });
    }
    const signature = weakSignatures.get(signatureOf(certificate.raw));
    if (signature !== undefined && certificate.issuer !== certificate.subject) {
      problems.push({
        case: ofCertificate("signature", index),
        verdict: "fail",
        severity: signature.startsWith("MD5") ? "high" : "medium",
        message: `${which} is signed by ${signature}, which can be forged`,
        why: "Another certificate can be made to which the same signature fits; browsers refuse such certificates.",
        fix: "have it issued again, signed with SHA-256",
      });
    }
    return problems;
  });
}
