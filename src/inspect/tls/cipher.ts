/** Owns the check of what is negotiated: the version of TLS and the cipher suite. */
import type { Check, Observation } from "../check.js";
import { lackOfTls } from "./bare.js";
import { judgeLook, sharedLook, type TlsLook } from "./look.js";

/** What is weak about what was negotiated. */
function weaknessesOf({ facts: { protocol, cipher: suite }, dhBits }: TlsLook): Observation[] {
  const found: Observation[] = [];
  const evidence = [`negotiated: ${protocol}, ${suite}`];
  if (/^(?:SSLv|TLSv1(?:\.1)?$)/.test(protocol)) {
    found.push({
      case: "version",
      verdict: "fail",
      severity: "high",
      message: `the best version that the server speaks is ${protocol}`,
      evidence,
      why: "Browsers and current TLS libraries do not speak it any more: they do not connect.",
    });
  }
  if (/_(?:NULL|anon|EXPORT|RC4|DES|DES40|3DES|RC2)_/.test(suite)) {
    found.push({
      case: "broken cipher",
      verdict: "fail",
      severity: "high",
      message: `the cipher suite is broken: ${suite}`,
      evidence,
      why: "What is said can be read by others.",
    });
    return found;
  }
  if (/^TLS_(?:RSA|DH|ECDH|PSK|RSA_PSK)_/.test(suite)) {
    found.push({
      case: "forward secrecy",
      verdict: "warn",
      severity: "medium",
      message: `the cipher suite has no forward secrecy: ${suite}`,
      evidence,
      why: "Whoever records the traffic and gets hold of the server's key one day can read all of it.",
    });
  }
  if (/_CBC_/.test(suite)) {
    found.push({
      case: "CBC",
      verdict: "warn",
      severity: "low",
      message: `the cipher suite encrypts in CBC mode: ${suite}`,
      evidence,
      why: "CBC in TLS has been attacked time and again (Lucky Thirteen and others); ciphers that authenticate what they encrypt have not.",
    });
  }
  if (dhBits !== undefined && dhBits < 2048) {
    found.push({
      case: "key exchange",
      verdict: "warn",
      severity: "medium",
      message: `the key exchange has ${dhBits} bits, where at least 2048 are asked for`,
      evidence,
      why: "A finite-field exchange that short can be computed (Logjam), and newer clients refuse it.",
    });
  }
  return found;
}

/** TLS-3. */
export const cipher: Check = {
  rule: {
    id: "TLS-3",
    title: "TLS 1.2 or later with forward secrecy and authenticated encryption is negotiated",
    severity: "medium",
    source: "RFC 9325 §4",
    why: "What is negotiated decides who can read the traffic, now and later.",
    fix: "allow ECDHE with AES-GCM or ChaCha20 only: nginx ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20; (HAProxy: ssl-default-bind-ciphers)",
    cwe: 327,
  },
  tier: "default",
  needs: "nothing",
  cost: { handshakes: 1 },
  shares: sharedLook,
  lack: lackOfTls,
  run: (subject) =>
    judgeLook(subject, (look) => {
      const weak = weaknessesOf(look);
      if (weak.length > 0) return weak;
      const { protocol, cipher: suite } = look.facts;
      return [{ verdict: "pass", message: `negotiated: ${protocol}, ${suite}` }];
    }),
};
