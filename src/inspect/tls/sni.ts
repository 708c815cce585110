/** Owns the check of what a server shows to those who ask for no name. */
import { isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { WsctlError } from "../../base/errors.js";
import { probeTimeout } from "../check-timeout.js";
import type { Check } from "../check.js";
import { lackOfTls, lenient, shake, unreached } from "./bare.js";
import { isFor, verifiedName } from "./look.js";
import { shownName, shownNames } from "./trust.js";

const mostNames = 5;

function namesOf(socket: TLSSocket): string {
  const certificate = socket.getPeerX509Certificate();
  const names = shownNames(certificate);
  if (names.length > 0) return names.slice(0, mostNames).join(", ");
  return certificate ? shownName(certificate.subject) : "nobody";
}

/** TLS-4. */
export const sni: Check = {
  rule: {
    id: "TLS-4",
    title: "The certificate without a name asked for (SNI)",
    severity: "info",
    source: "RFC 6066 §3",
    why: "Old clients, health checks and load balancers often ask for no name, and then see another certificate than browsers do.",
    fix: "where such clients matter, make this name the default one: nginx listen 443 ssl default_server; HAProxy: the first certificate of crt",
  },
  tier: "default",
  needs: "nothing",
  cost: { handshakes: 1 },
  lack: (place) => {
    const { options, target } = place;
    const asked = options.tls?.servername ?? target.host;
    if (target.secure && (asked === "" || isIP(asked) !== 0)) {
      return "no name is asked for anyway: the server was dialled by its address";
    }
    return lackOfTls(place);
  },
  run: async (subject) => {
    const lack = unreached(subject);
    if (lack !== undefined) return [lack];
    const name = verifiedName(subject);
    // Who shows itself under no name may be another server: the client does not say who it is.
    const nameless = { ...lenient, servername: "", cert: undefined, key: undefined };
    const seen = await shake(
      subject,
      nameless,
      (socket) => ({ isForName: isFor(socket, name), names: namesOf(socket) }),
      probeTimeout,
    );
    if (seen instanceof WsctlError) {
      if (seen.phase !== "tls" || seen.reason === "timeout") {
        return [{ verdict: "inconclusive", message: `without a name: ${seen.message}` }];
      }
      const message = "without a name asked for, the server refuses the handshake";
      return [{ verdict: "info", message, evidence: [seen.message, ...seen.where] }];
    }
    if (seen.isForName) {
      const message = `without a name asked for, the certificate is valid for ${name} as well`;
      return [{ verdict: "pass", message }];
    }
    const message = `without a name asked for, the certificate is another one: for ${seen.names}`;
    return [{ verdict: "info", message, evidence: [`asked for by name: ${name}`] }];
  },
};
