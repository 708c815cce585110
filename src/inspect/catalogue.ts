/** Owns the catalogue: every check there is, in the order in which they are listed and run. */
import { stillThere } from "./aftermath.js";
import type { Check } from "./check.js";
import { deflateChecks } from "./deflate/checks.js";
import { fingerprintChecks } from "./fingerprint/checks.js";
import { handshakeChecks } from "./handshake/checks.js";
import { http2Checks } from "./http2/checks.js";
import { limitChecks } from "./limits/checks.js";
import { originChecks } from "./origins/checks.js";
import { securityChecks } from "./security/checks.js";
import { tlsChecks } from "./tls/checks.js";

/** The opening handshake, with compression (HS-13) in its place; ids have two digits. */
const opening = [...handshakeChecks, ...deflateChecks].toSorted((a, b) =>
  a.rule.id < b.rule.id ? -1 : 1,
);

/** Every check. */
export const catalogue: readonly Check[] = [
  ...opening,
  ...tlsChecks,
  ...http2Checks,
  ...fingerprintChecks,
  ...originChecks,
  ...securityChecks,
  ...limitChecks,
  // Of the family of the handshake, and asked when all else is done.
  stillThere,
];
