/** Owns the list of the checks of credentials, transport and what is said, in catalogue order. */
import type { Check } from "../check.js";
import { leaks } from "./leaks.js";
import { logoutCheck } from "./logout.js";
import { plainText } from "./plain-text.js";
import { tokenChecked } from "./token-checked.js";
import { tokenInSubprotocol } from "./token-in-subprotocol.js";
import { tokenInUrl } from "./token-in-url.js";

/** Milliseconds that a server has to close what a session had open once it has ended. */
const logoutPatience = 5000;

/** AU-1 to AU-4, TR-1 and PS. */
export const securityChecks: readonly Check[] = [
  tokenChecked,
  tokenInUrl,
  tokenInSubprotocol,
  logoutCheck(logoutPatience),
  plainText,
  leaks,
];
