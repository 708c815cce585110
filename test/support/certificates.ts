/** Owns the certificates of tests: an authority made for the test, a server's and a client's signed by it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type CertificateExtension, generate } from "selfsigned";
import { afterAll } from "vitest";

/** A certificate and its key, as PEM text and as files that hold the same. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
  readonly keyPath: string;
}

/** An authority, and certificates that verify against it. */
export interface Certificates {
  readonly ca: Certificate;
  /** For `localhost`, 127.0.0.1 and ::1. */
  readonly server: Certificate;
  /** For a client, and of no use as a server's. */
  readonly client: Certificate;
}

const directories: string[] = [];

afterAll(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

const authority: CertificateExtension[] = [
  { name: "basicConstraints", cA: true, critical: true },
  { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
];

const loopback: CertificateExtension[] = [
  { name: "basicConstraints", cA: false, critical: true },
  { name: "keyUsage", digitalSignature: true, critical: true },
  { name: "extKeyUsage", serverAuth: true },
  {
    name: "subjectAltName",
    altNames: [
      { type: 2, value: "localhost" },
      { type: 7, ip: "127.0.0.1" },
      { type: 7, ip: "::1" },
    ],
  },
];

const clientOnly: CertificateExtension[] = [
  { name: "basicConstraints", cA: false, critical: true },
  { name: "keyUsage", digitalSignature: true, critical: true },
  { name: "extKeyUsage", clientAuth: true },
];

/** Makes new certificates, valid for a day, in a directory that goes with the test file. */
export async function makeCertificates(): Promise<Certificates> {
  const directory = await mkdtemp(path.join(tmpdir(), "wsctl-certificates-"));
  directories.push(directory);
  const make = async (
    name: string,
    commonName: string,
    extensions: CertificateExtension[],
    ca?: Certificate,
  ): Promise<Certificate> => {
    const { cert, private: key } = await generate([{ name: "commonName", value: commonName }], {
      keyType: "ec",
      algorithm: "sha256",
      notAfterDate: new Date(Date.now() + 86_400_000),
      extensions,
      ...(ca && { ca: { cert: ca.cert, key: ca.key } }),
    });
    const certPath = path.join(directory, `${name}.pem`);
    const keyPath = path.join(directory, `${name}-key.pem`);
    await writeFile(certPath, cert);
    await writeFile(keyPath, key, { mode: 0o600 });
    return { cert, key, certPath, keyPath };
  };
  const ca = await make("ca", "wsctl test authority", authority);
  return {
    ca,
    server: await make("server", "localhost", loopback, ca),
    client: await make("client", "wsctl test client", clientOnly, ca),
  };
}
