/** Owns certificates with something wrong about them, made by OpenSSL and by selfsigned. */
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { generate } from "selfsigned";
import { afterAll } from "vitest";

/** What a server shows, and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** How a certificate differs from a good one for localhost. */
export interface Flaw {
  /** Days from now at which it begins and ends; -1 and 365 unless told. */
  readonly days?: readonly [from: number, to: number];
  readonly name?: string;
  readonly rsa?: number;
  /** Of the signature; SHA-256 unless told. */
  readonly algorithm?: string;
}

const directories: string[] = [];
const day = 86_400_000;
const program = "openssl";

afterAll(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

/** A certificate signed by that authority, or by itself. */
export async function issue(flaw: Flaw = {}, ca?: Pair): Promise<Pair> {
  const { days = [-1, 365], name = "localhost", rsa, algorithm = "sha256" } = flaw;
  const pems = await generate([{ name: "commonName", value: name }], {
    ...(rsa === undefined ? { keyType: "ec" } : { keyType: "rsa", keySize: rsa }),
    algorithm,
    notBeforeDate: new Date(Date.now() + days[0] * day),
    // A little more than whole days, however long the test takes.
    notAfterDate: new Date(Date.now() + days[1] * day + day / 4),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: name }] }],
    ...(ca ? { ca } : {}),
  });
  return { cert: pems.cert, key: pems.private };
}

/** A root, an intermediate authority, and servers' certificates issued by that. */
export interface Hierarchy {
  readonly directory: string;
  readonly root: Pair;
  readonly intermediate: Pair;
  /** Says where the certificate of its issuer is to be had. */
  readonly leaf: Pair;
  /** Does not. */
  readonly shy: Pair;
  /** Has no subjectAltName. */
  readonly unnamed: Pair;
  /** Signed with SHA-1. */
  readonly sha1: Pair;
  /** Files of `leaf`. */
  readonly leafFiles: readonly [cert: string, key: string];
}

/** Makes them with the command openssl. */
export async function makeHierarchy(): Promise<Hierarchy> {
  const directory = await mkdtemp(path.join(tmpdir(), "wsctl-pki-"));
  directories.push(directory);
  const run = (...args: string[]) => execFileSync(program, args, { cwd: directory, stdio: "pipe" });
  const make = async (
    name: string,
    subject: string,
    extensions: string,
    by?: string,
    hash = "sha256",
  ) => {
    await writeFile(path.join(directory, `${name}.ext`), `${extensions}\n`);
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    run("req", "-new", ...key, "-keyout", `${name}.key`, "-subj", subject, "-out", `${name}.csr`);
    const signer = by ? ["-CA", `${by}.pem`, "-CAkey", `${by}.key`] : ["-signkey", `${name}.key`];
    const what = ["-in", `${name}.csr`, "-days", "365", `-${hash}`, "-extfile", `${name}.ext`];
    run("x509", "-req", ...what, ...signer, "-CAcreateserial", "-out", `${name}.pem`);
    const read = (ending: string) => readFile(path.join(directory, `${name}.${ending}`), "utf8");
    return { cert: await read("pem"), key: await read("key") };
  };
  const authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign";
  const named = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const aia = "authorityInfoAccess=caIssuers;URI:http://ca.example/intermediate.crt";
  const root = await make("root", "/CN=Test Root", authority);
  const intermediate = await make("inter", "/O=Test/CN=Test Intermediate", authority, "root");
  const leaf = await make("leaf", "/CN=localhost", `${named}\n${aia}`, "inter");
  return {
    directory,
    root,
    intermediate,
    leaf,
    shy: await make("shy", "/CN=localhost", named, "inter"),
    unnamed: await make("unnamed", "/CN=localhost", "basicConstraints=CA:FALSE", "inter"),
    sha1: await make("sha1", "/CN=localhost", named, "inter", "sha1"),
    leafFiles: [path.join(directory, "leaf.pem"), path.join(directory, "leaf.key")],
  };
}
