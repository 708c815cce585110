/** Owns certificates: one made on the spot for a server that was given none, and its fingerprint. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { messageOf, WsctlError } from "../base/errors.js";

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const day = 86_400_000;
const validDays = 30;

/** A self-signed certificate for loopback and for `host`. */
export async function selfSigned(host: string): Promise<Certificate> {
  const addresses = new Set(["127.0.0.1", "::1"]);
  const names = new Set(["localhost"]);
  (isIP(host) ? addresses : names).add(host);
  // Loaded only where it is used: it is the largest part of what a server could load.
  const { generate } = await import("selfsigned");
  const { cert, private: key } = await generate([{ name: "commonName", value: "wsctl serve" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + validDays * day),
    extensions: [
      // An authority of its own, so that `--ca` with this very file is enough for every client.
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...[...names].map((value) => ({ type: 2 as const, value })),
          ...[...addresses].map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { cert, key };
}

/**
 * The SHA-256 fingerprint, as browsers and openssl show it.
 * @throws WsctlError WSCTL_EUSAGE for what is no certificate
 */
export function fingerprint(cert: string): string {
  try {
    return new X509Certificate(cert).fingerprint256;
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `this is no certificate: ${messageOf(cause)}`, { cause });
  }
}
