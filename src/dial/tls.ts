/** Owns TLS as a dial uses it: what is sent, what was negotiated, and what a failure means. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import {
  checkServerIdentity,
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type SecureVersion,
  type TLSSocket,
} from "node:tls";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { TlsFacts } from "../frame/upgrade.js";
import { codeOf, DialError, type DialPhase } from "./dial-error.js";
import type { Target } from "./target.js";

/**
 * How to speak TLS. Hand in the same object for all dials that share it: what is expensive about
 * it is prepared once per object.
 */
export interface TlsOptions {
  /** PEM of the CAs to trust, instead of the well-known ones. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /** PEM of the client's certificate chain. */
  readonly cert?: string | Buffer | undefined;
  /** PEM of the client's private key. */
  readonly key?: string | Buffer | undefined;
  /** For the private key. */
  readonly passphrase?: string | undefined;
  /** Name to ask for (SNI) and to verify, instead of the target's host; empty to ask for none. */
  readonly servername?: string | undefined;
  /** Accept any certificate. What is wrong with it still stands in the facts. */
  readonly insecure?: boolean | undefined;
  readonly minVersion?: SecureVersion | undefined;
  readonly maxVersion?: SecureVersion | undefined;
  /** Cipher suites as OpenSSL writes a list of them; those of Node unless told. */
  readonly ciphers?: string | undefined;
  /** What to offer by ALPN (RFC 7301), the most wanted first; `http/1.1` unless told. */
  readonly alpn?: readonly string[] | undefined;
}

const plainOptions: TlsOptions = {};
const contexts = new WeakMap<TlsOptions, SecureContext>();

/** @throws Error when it is no certificate */
function readCertificate(pem: string | Buffer): X509Certificate {
  return new X509Certificate(pem);
}

function contextOf(options: TlsOptions): SecureContext {
  const known = contexts.get(options);
  if (known) return known;
  const { ca, cert, key, passphrase, minVersion, maxVersion, ciphers } = options;
  try {
    // Node passes over a CA that it cannot read, and then trusts nobody without saying why.
    if (ca !== undefined) [ca].flat().forEach(readCertificate);
    const context = createSecureContext({
      ...(ca === undefined
        ? {}
        : { ca: typeof ca === "string" || Buffer.isBuffer(ca) ? ca : [...ca] }),
      cert,
      key,
      passphrase,
      minVersion,
      maxVersion,
      ciphers,
    });
    contexts.set(options, context);
    return context;
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `certificate or key cannot be used: ${messageOf(cause)}`, {
      hint: "--ca, --cert and --key want PEM files, and an encrypted key wants --passphrase",
      cause,
    });
  }
}

/**
 * The options of tls.connect for a target, but for where to connect.
 * @throws WsctlError WSCTL_EUSAGE if certificate or key cannot be used
 */
export function tlsSettings(target: Target, options: TlsOptions = plainOptions): ConnectionOptions {
  const name = options.servername ?? target.host;
  // An address is no name to ask for (RFC 6066 §3).
  const servername = isIP(name) === 0 ? name : "";
  const settings: ConnectionOptions = {
    secureContext: contextOf(options),
    servername,
    rejectUnauthorized: options.insecure !== true,
    ALPNProtocols: [...(options.alpn ?? ["http/1.1"])],
  };
  if (servername === "") {
    // Without a name Node would verify against the address that happened to be connected.
    const verified = name === "" ? target.host : name;
    settings.checkServerIdentity = (_, certificate) => checkServerIdentity(verified, certificate);
  }
  return settings;
}

/** What was negotiated on a socket whose handshake is over. */
export function tlsFacts(socket: TLSSocket): TlsFacts {
  const reason: unknown = socket.authorizationError;
  return {
    protocol: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().standardName,
    alpn: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : undefined,
    authorized: socket.authorized,
    authorizationError:
      reason === undefined || reason === null ? undefined : safeLine(messageOf(reason)),
  };
}

interface Explanation {
  /** The codes of Node and OpenSSL that it explains. */
  readonly codes: RegExp;
  readonly what: string;
  readonly hint: string;
}

const explanations: readonly Explanation[] = [
  {
    codes: /SELF_SIGNED_CERT/,
    what: "the certificate is self-signed",
    hint: "trust it with --ca FILE, or accept any certificate with --insecure",
  },
  {
    codes: /^UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)/,
    what: "the issuer of the certificate is not known",
    hint: "a private CA is trusted with --ca FILE; a public one means that the server does not send its whole chain",
  },
  {
    codes: /^CERT_HAS_EXPIRED$/,
    what: "the certificate has expired",
    hint: "renew it on the server, or look past it with --insecure",
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    what: "the certificate is not valid yet",
    hint: "compare the clocks of this machine and the server",
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    what: "the certificate is for another name",
    hint: "dial the name that it is for, or say which name to expect with --servername",
  },
  {
    codes: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE/,
    what: "the server does not speak TLS on this port",
    hint: "dial it with ws://",
  },
  {
    codes: /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|UNKNOWN_CA/,
    what: "the server does not accept the client's certificate",
    hint: "hand one in that it trusts with --cert and --key",
  },
  {
    codes: /UNRECOGNIZED_NAME/,
    what: "the server has nothing under this name",
    hint: "say which name to ask for with --servername",
  },
  {
    codes: /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/,
    what: "client and server share no version of TLS",
    hint: "the server may only speak a version that is no longer safe",
  },
  {
    codes: /NO_APPLICATION_PROTOCOL/,
    what: "the server does not offer HTTP/1.1 by ALPN",
    hint: "ask for a listener that speaks HTTP/1.1",
  },
  {
    codes: /HANDSHAKE_FAILURE/,
    what: "client and server share no cipher suite, or a client certificate is missing",
    hint: "hand in a client certificate with --cert and --key if the server wants one",
  },
];

/** Whether an error comes from TLS itself rather than from the connection below it. */
export function isTlsError(error: Error): boolean {
  return /^ERR_(?:SSL|TLS)_|^EPROTO$/.test(codeOf(error));
}

/**
 * The error for a handshake, or a certificate, that did not hold.
 *
 * @param server what was dialled, for people
 * @param address what is connected, for people
 */
export function tlsError(
  error: Error,
  server: string,
  address: string,
  phase: DialPhase = "tls",
): DialError {
  const code = codeOf(error);
  const known = explanations.find(({ codes }) => codes.test(code));
  const what = known?.what ?? safeLine(error.message);
  // Node says which names the certificate is for. OpenSSL adds where in its source it was: the code
  // says as much to whoever looks it up.
  const isNodes = code.startsWith("ERR_TLS_");
  const detail = known ? [isNodes ? safeLine(`${code}: ${error.message}`, 300) : code] : [];
  return new DialError(
    "WSCTL_ETLS",
    phase,
    "tls",
    `the TLS handshake with ${server} failed: ${what}`,
    { hint: known?.hint, cause: error, where: [`connected to ${address}`, ...detail] },
  );
}
