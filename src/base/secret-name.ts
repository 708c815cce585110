/** Owns which names say that what goes by them is a secret: rather one too many. */

/** Names of headers and of URL parameters whose values are taken for secrets. */
const secretNames =
  /auth|bearer|cookie|token|key|secret|passw|passphrase|pwd|session|jwt|signature|credential|ticket/i;

/** The same of names that would be found within innocent ones: in passive, shipping, design. */
const wholeNames = /(?:^|[-_. ])(?:sig|pass|otp|pin)(?:[-_. ]|$)/i;

/** Names of parameters that hold a secret in a URL, though anywhere else they mean all sorts of things. */
const parameterNames = /^(?:code|access|pw)$|(?:^|[-_.])(?:sid|sess|hmac)$|sessid/i;

/** What stands in a secret's place. */
export const redacted = "[redacted]";

/** Whether what goes by that name is taken for a secret. */
export function isSecretName(name: string): boolean {
  if (secretNames.test(name) || wholeNames.test(name)) return true;
  // userPass
  return wholeNames.test(name.replace(/([a-z0-9])(?=[A-Z])/g, "$1_"));
}

/** Whether a parameter of a URL that goes by that name is taken for a secret. */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) || parameterNames.test(name);
}
