/** Owns the check that versions of TLS which are no longer safe are refused. */
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { codeOf, type DialError } from "../../dial/dial-error.js";
import { probeTimeout } from "../check-timeout.js";
import type { Check, Observation } from "../check.js";
import type { Subject } from "../subject.js";
import { isVerified, isWithoutHttp1, lackOfTls, lenient, shake, unreached } from "./bare.js";

function codeBehind({ cause, message }: DialError): string {
  return cause instanceof Error ? codeOf(cause) : message;
}

/** What a verification says: the handshake itself had come to its end then. */
const verification =
  /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|ERR_TLS_CERT|INVALID_|HOSTNAME|(?:EE|CA)_)/;

/** Whether the server is known to speak a newer version. */
function speaksNewer(subject: Subject): boolean {
  const { baseline } = subject;
  // What is spoken is chosen after the version.
  if (isVerified(subject) || isWithoutHttp1(subject)) return true;
  return baseline.kind === "unanswered" && verification.test(codeBehind(baseline.error));
}

function refusal(error: DialError, subject: Subject): Observation {
  const code = codeBehind(error);
  const told = safeLine(code);
  if (/NO_PROTOCOLS_AVAILABLE|NO_CIPHERS|NO_SUITABLE|INTERNAL_ERROR/.test(code)) {
    const message = `this machine's OpenSSL offers no TLS 1.0 or 1.1 to try: ${told}`;
    return { verdict: "inconclusive", message };
  }
  if (error.reason === "timeout") {
    return { verdict: "inconclusive", message: "TLS 1.0 and 1.1 offered: no answer in time" };
  }
  if (error.phase !== "tls") return { verdict: "inconclusive", message: error.message };
  if (!speaksNewer(subject)) {
    const message = `neither TLS 1.0 and 1.1 nor the first exchange came to a handshake: ${told}`;
    return { verdict: "inconclusive", message };
  }
  return {
    verdict: "pass",
    message: "TLS 1.0 and 1.1 are refused",
    evidence: [`only TLS 1.0 and 1.1 offered: ${told}`],
  };
}

/** TLS-2. */
export const versions: Check = {
  rule: {
    id: "TLS-2",
    title: "TLS 1.0 and 1.1 are refused",
    severity: "medium",
    source: "RFC 8996 §4 and §5",
    why: "Both rest on MD5 and SHA-1 and must not be negotiated any more: who can tamper with the network may talk clients down to them.",
    fix: "allow TLS 1.2 and 1.3 only: nginx ssl_protocols TLSv1.2 TLSv1.3; HAProxy ssl-min-ver TLSv1.2; Node minVersion: 'TLSv1.2'",
    cwe: 327,
  },
  tier: "default",
  needs: "nothing",
  cost: { handshakes: 1 },
  lack: lackOfTls,
  run: async (subject) => {
    const lack = unreached(subject);
    if (lack !== undefined) return [lack];
    const old = { ...lenient, maxVersion: "TLSv1.1" } as const;
    const seen = await shake(
      subject,
      old,
      (socket) => `${socket.getProtocol() ?? "?"}, ${socket.getCipher().standardName}`,
      probeTimeout,
    );
    if (seen instanceof WsctlError) return [refusal(seen, subject)];
    const version = seen.startsWith("TLSv1.1") ? "TLS 1.1" : "TLS 1.0";
    return [
      {
        case: version,
        verdict: "fail",
        message: `${version} is still accepted`,
        evidence: [`only TLS 1.0 and 1.1 offered: the server took ${seen}`],
      },
    ];
  },
};
