/** Owns the one look at a server's TLS that several checks share: what it negotiates, what it shows. */
import type { X509Certificate } from "node:crypto";
import { checkServerIdentity, type TLSSocket } from "node:tls";
import { DialError } from "../../dial/dial-error.js";
import { tlsFacts } from "../../dial/tls.js";
import type { TlsFacts } from "../../frame/upgrade.js";
import type { Reply } from "../reply.js";
import type { Subject } from "../subject.js";
import type { Observation } from "../check.js";
import { lenient, shake, unreached } from "./bare.js";

/** What was seen. */
export interface TlsLook {
  readonly facts: TlsFacts;
  /** The name that the certificate is to be for. */
  readonly name: string;
  /** Whether it is. */
  readonly isForName: boolean;
  /** What the server sent, its own certificate first. */
  readonly certificates: readonly X509Certificate[];
  /** Bits of the key exchange where it was a finite-field one; undefined for others. */
  readonly dhBits: number | undefined;
}

const mostCertificates = 10;

/** By which the checks that have the look of another are known. */
export const sharedLook = "look at TLS";

/** A look goes with the first exchange: all checks of an inspection have the same one. */
const looks = new WeakMap<Reply, TlsLook | DialError>();

/** Takes the certificates off the socket: Node hands them out once, and no others after them. */
function certificatesOf(socket: TLSSocket): X509Certificate[] {
  const certificates: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next && certificates.length < mostCertificates) {
    certificates.push(next);
    next = next.issuerCertificate;
  }
  return certificates;
}

/** Whether the certificate of the socket is for that name or address. */
export function isFor(socket: TLSSocket, name: string): boolean {
  try {
    return checkServerIdentity(name, socket.getPeerCertificate()) === undefined;
  } catch {
    // Names that Node cannot read are for nobody.
    return false;
  }
}

/** The name that the server's certificate is verified against. */
export function verifiedName({ target, options }: Subject): string {
  const name = options.tls?.servername ?? "";
  return name === "" ? target.host : name;
}

function dhBitsOf(socket: TLSSocket): number | undefined {
  const info = socket.getEphemeralKeyInfo();
  return info !== null && "type" in info && info.type === "DH" ? info.size : undefined;
}

/**
 * Looks with one lenient handshake, or takes the look that another check had.
 * @returns the error where no handshake came to stand
 */
export async function lookAtTls(subject: Subject): Promise<TlsLook | DialError> {
  const known = looks.get(subject.baseline);
  if (known) return known;
  const name = verifiedName(subject);
  // What is offered by ALPN changes nothing of the rest, and what is chosen is of use too.
  const offer = { ...lenient, alpn: ["h2", "http/1.1"] };
  const look = await shake(subject, offer, (socket): TlsLook => {
    return {
      facts: tlsFacts(socket),
      name,
      isForName: isFor(socket, name),
      // The last of them, see there.
      certificates: certificatesOf(socket),
      dhBits: dhBitsOf(socket),
    };
  });
  looks.set(subject.baseline, look);
  return look;
}

/** What a check says of the look; inconclusive where there was nothing to be seen. */
export async function judgeLook(
  subject: Subject,
  judge: (look: TlsLook) => readonly Observation[],
): Promise<readonly Observation[]> {
  const lack = unreached(subject);
  if (lack !== undefined) return [lack];
  const look = await lookAtTls(subject);
  if (look instanceof DialError) return [{ verdict: "inconclusive", message: look.message }];
  return judge(look);
}
