/** Owns the list of the checks of the opening handshake, in the order of the catalogue. */
import type { Check } from "../check.js";
import { acceptCheck, freshAcceptCheck } from "./accept.js";
import { challengeCheck } from "./challenge.js";
import { cookieCheck } from "./cookies.js";
import { elsewhereCheck } from "./elsewhere.js";
import { exchangeCheck } from "./exchange.js";
import { extensionCheck } from "./extension.js";
import { gluedCheck } from "./glued.js";
import { grammarCheck } from "./grammar.js";
import { keyCheck } from "./key.js";
import { openingCheck } from "./opening.js";
import { redirectCheck } from "./redirect.js";
import { stayingCheck } from "./staying.js";
import { subprotocolCheck } from "./subprotocol.js";
import { connectionCheck, upgradeCheck } from "./upgrade-headers.js";
import { versionCheck } from "./version.js";

/** HS-01 to HS-18, but for compression (HS-13). */
export const handshakeChecks: readonly Check[] = [
  exchangeCheck,
  grammarCheck,
  upgradeCheck,
  connectionCheck,
  acceptCheck,
  freshAcceptCheck,
  versionCheck,
  keyCheck,
  openingCheck,
  elsewhereCheck,
  subprotocolCheck,
  extensionCheck,
  redirectCheck,
  challengeCheck,
  cookieCheck,
  gluedCheck,
  stayingCheck,
];
