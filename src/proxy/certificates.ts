/**
 * Owns the certificates that a proxy shows: one for each host, signed by its authority when it is
 * first asked for, and kept while it is in use.
 */
import { isIP } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
} from "@peculiar/x509";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Certificate } from "../serve/certificate.js";
import type { Authority } from "./authority.js";
import { mint } from "./mint.js";

const day = 86_400_000;
/** Browsers take no longer ones: 398 days are the most. */
const validDays = 90;
/** A certificate that ends so soon is made anew. */
const spareDays = 1;
/** So many hosts are kept at once. */
const mostKept = 500;
/** So many are made at once: who asks for many names makes the others wait no longer than that. */
const mostUnderWay = 50;

/** A name as it may stand in a certificate: labels of letters, digits, hyphens (RFC 1123 §2.1). */
const hostName =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

interface Kept {
  readonly context: Promise<SecureContext>;
  readonly until: number;
}

/** Makes certificates, and keeps those asked for last. */
export class Certificates {
  readonly #authority: Authority;
  /** In the order of their last use. */
  readonly #kept = new Map<string, Kept>();
  #underWay = 0;

  constructor(authority: Authority) {
    this.#authority = authority;
  }

  /**
   * What to show for a host, its chain with it.
   * @param host name or address; a name in any case
   * @throws WsctlError WSCTL_ETLS for what is no host, or when too many are asked for at once
   */
  async contextFor(host: string): Promise<SecureContext> {
    const name = checkedHost(host);
    const known = this.#kept.get(name);
    this.#kept.delete(name);
    const isGood = known !== undefined && known.until > Date.now();
    const kept = isGood ? known : this.#make(name);
    this.#kept.set(name, kept);
    if (this.#kept.size > mostKept) this.#kept.delete(this.#kept.keys().next().value!);
    try {
      return await kept.context;
    } catch (error) {
      if (this.#kept.get(name) === kept) this.#kept.delete(name);
      throw error;
    }
  }

  #make(host: string): Kept {
    if (this.#underWay >= mostUnderWay) {
      throw new WsctlError("WSCTL_ETLS", "too many certificates are asked for at once");
    }
    this.#underWay++;
    const made = mintCertificate(this.#authority, host).finally(() => this.#underWay--);
    return {
      context: made.then(({ cert, key }) => createSecureContext({ cert, key })),
      until: Date.now() + (validDays - spareDays) * day,
    };
  }
}

/**
 * The host in small letters and without a final dot.
 * @throws WsctlError WSCTL_ETLS for what is neither name nor address
 */
function checkedHost(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, "");
  // The scope of an address is of no use in a certificate.
  if ((isIP(name) !== 0 && !name.includes("%")) || hostName.test(name)) return name;
  throw new WsctlError(
    "WSCTL_ETLS",
    `"${safeLine(host, 80)}" is no host to make a certificate for`,
  );
}

/**
 * A certificate for a host and its key; the authority's certificate stands behind it.
 * @throws WsctlError WSCTL_ETLS for what is neither name nor address
 */
export async function mintCertificate(authority: Authority, host: string): Promise<Certificate> {
  const name = checkedHost(host);
  const names: JsonGeneralNames = [{ type: isIP(name) === 0 ? "dns" : "ip", value: name }];
  if (name === "localhost") {
    names.push({ type: "ip", value: "127.0.0.1" }, { type: "ip", value: "::1" });
  }
  const { cert, key } = await mint({
    // The subject's name holds 64 characters; it is the alternative name that counts.
    name: name.length <= 64 ? name : "wsctl proxy",
    validFor: validDays * day,
    issuer: authority.certificate,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
    ],
  });
  return { cert: `${cert}${authority.certificate.cert}`, key };
}
