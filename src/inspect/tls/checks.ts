/** Owns the list of the checks of TLS. */
import type { Check } from "../check.js";
import { alpn } from "./alpn.js";
import { certificate } from "./certificate.js";
import { cipher } from "./cipher.js";
import { sni } from "./sni.js";
import { versions } from "./versions.js";

/** The checks of TLS, in the order of the catalogue. */
export const tlsChecks: readonly Check[] = [certificate, versions, cipher, sni, alpn];
