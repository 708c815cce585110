/**
 * Owns the proxy's own certificate authority: a file in a directory of the user's, made when it is
 * first needed, that nobody else can read.
 */
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { link, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension } from "@peculiar/x509";
import { messageOf, WsctlError } from "../base/errors.js";
import type { Certificate } from "../serve/certificate.js";
import { makeFolder } from "./folder.js";
import { mint } from "./mint.js";

const day = 86_400_000;
const validDays = 5 * 365;
/** One that ends so soon is made anew: what it signs is not to outlive it. */
const spareDays = 100;
/** Key and certificate in one: they are there together or not at all. */
const secretName = "proxy-ca-key.pem";
/** The certificate alone, to be handed out. */
const publicName = "proxy-ca.crt";

/** Signs certificates. Whoever trusts it trusts them all: its key has to stay where it is. */
export class Authority {
  /** PEM. */
  readonly certificate: Certificate;
  /** The file that holds the certificate alone. */
  readonly path: string;

  private constructor(certificate: Certificate, file: string) {
    this.certificate = certificate;
    this.path = file;
  }

  /**
   * The authority kept in `directory`; made there if there is none, or none that is good any longer.
   * Several may ask at once: all get the same.
   * @throws WsctlError WSCTL_EUSAGE when the file cannot be read, made or understood
   */
  static async open(directory: string): Promise<Authority> {
    const file = path.join(directory, secretName);
    try {
      const certificate = await thereOrMade(file);
      const shown = path.join(directory, publicName);
      await show(shown, certificate.cert);
      return new Authority(certificate, shown);
    } catch (cause) {
      if (cause instanceof WsctlError) throw cause;
      throw refuse(file, messageOf(cause), cause);
    }
  }

  /**
   * What Chromium's `--ignore-certificate-errors-spki-list` wants: the SHA-256 of the public key
   * (RFC 7469 §2.4), in base64. It covers all that the authority signs.
   */
  get spki(): string {
    const { publicKey } = new X509Certificate(this.certificate.cert);
    const der = publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(der).digest("base64");
  }
}

async function thereOrMade(file: string): Promise<Certificate> {
  const there = await read(file);
  if (there && !endsSoon(there)) return there;
  await makeFolder(path.dirname(path.resolve(file)));
  await make(file, there !== undefined);
  // Whoever was first has made it.
  const made = await read(file);
  if (made) return made;
  throw refuse(file, "it vanished as soon as it was made");
}

async function read(file: string): Promise<Certificate | undefined> {
  let text: string;
  try {
    const handle = await open(file, "r");
    try {
      const { mode } = await handle.stat();
      // Copied or restored without care: from now on it is nobody else's again.
      if ((mode & 0o077) !== 0) await handle.chmod(0o600);
      text = await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const [key] =
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*-----END [A-Z ]*PRIVATE KEY-----/.exec(text) ?? [];
  const [cert] = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/.exec(text) ?? [];
  if (key === undefined || cert === undefined) {
    throw refuse(file, "it holds no certificate with its key");
  }
  return { cert: `${cert}\n`, key: `${key}\n` };
}

function endsSoon({ cert }: Certificate): boolean {
  return Date.parse(new X509Certificate(cert).validTo) < Date.now() + spareDays * day;
}

async function make(file: string, isThere: boolean): Promise<void> {
  const { cert, key } = await mint({
    name: "wsctl proxy CA",
    validFor: validDays * day,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  await write(file, `${cert.trim()}\n${key.trim()}\n`, 0o600, isThere);
}

/** Keeps the certificate where it can be handed out without the key. */
async function show(file: string, cert: string): Promise<void> {
  const there = await readFile(file, "utf8").catch(() => "");
  if (there !== cert) await write(file, cert, 0o644, true);
}

/**
 * Writes beside the file and then gives it its name, so that nobody reads half of it.
 * @param replaces false leaves a file that is there by then as it is
 */
async function write(file: string, text: string, mode: number, replaces: boolean): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  const handle = await open(draft, "wx", mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    if (replaces) await rename(draft, file);
    else await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
  }
}

function refuse(file: string, why: string, cause?: unknown): WsctlError {
  return new WsctlError(
    "WSCTL_EUSAGE",
    `the certificate authority ${file} cannot be used: ${why}`,
    {
      cause,
      hint: "remove the file, and a new one is made; whoever trusted the old one has to trust the new",
    },
  );
}
