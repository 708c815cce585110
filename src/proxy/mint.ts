/** Owns the making of certificates (RFC 5280): what stands in each of them, and who signs it. */
import { createPrivateKey, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Certificate } from "../serve/certificate.js";

/** What a certificate is for. */
export interface Minting {
  /** The subject's name, at most 64 characters of a host's name or words. */
  readonly name: string;
  /** Milliseconds from now. */
  readonly validFor: number;
  /** Who signs it; itself unless told. */
  readonly issuer?: Certificate | undefined;
  /** What it says of itself beyond the keys of its subject and its issuer. */
  readonly extensions: readonly x509.Extension[];
}

const day = 86_400_000;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/**
 * Makes one, with a new key. Subject and issuer are named by their keys as well, as strict verifiers
 * want it (RFC 5280 §4.2.1.1 and §4.2.1.2).
 */
export async function mint({ name, validFor, issuer, extensions }: Minting): Promise<Certificate> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const above = issuer && new x509.X509Certificate(issuer.cert);
  const subject = new x509.Name([{ CN: [name] }]).toString();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject,
    issuer: above?.subject ?? subject,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + validFor),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: issuer ? await signingKey(issuer.key) : keys.privateKey,
    extensions: [
      ...extensions,
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(above?.publicKey ?? keys.publicKey),
    ],
  });
  const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const key = createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" });
  return {
    cert: `${certificate.toString("pem").trim()}\n`,
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** A positive number that nobody can foretell (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
