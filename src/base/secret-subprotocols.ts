/** Owns which of the subprotocols that are offered are tokens, as they are shown and kept. */
import { isSecretName, redacted } from "./secret-name.js";
import { announced, isCarrier, isRandomLooking } from "./token-like.js";

/** The subprotocol, unless it looks like the carrier of a secret. */
export function redactSubprotocol(name: string): string {
  return isRandomLooking(name) || isSecretName(name) ? redacted : name;
}

/** Of subprotocols that are offered together, those that are tokens, or hold one. */
function tokensAmong(offered: readonly string[]): ReadonlySet<string> {
  const tokens = announced(offered);
  for (const name of offered) {
    if (redactSubprotocol(name) !== name && !isCarrier(name)) tokens.add(name);
  }
  return tokens;
}

/** Subprotocols that are offered together, without the tokens among them. */
export function redactSubprotocols(offered: readonly string[]): string[] {
  const tokens = tokensAmong(offered);
  return offered.map((name) => (tokens.has(name) ? redacted : name));
}
