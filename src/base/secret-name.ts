/** Owns which names say that what goes by them is a secret: rather one too many. */

/** What a name is taken for a secret's by, wherever it stands in it: `apikey`, `PROXYAUTH`. Rather one too many. */
const secretNames =
  /auth|bearer|cookie|token|key|secret|passw|passphrase|passcode|pwd|session|jwt|signature|credential|ticket|samlresponse/i;

/** The same as words of their own: they would be found within passive, shipping, design. */
const secretWords = /^(?:sig|pass|otp|pin|creds?|psw)$/i;

/** Words that have one of the above in them by chance, or say how a thing is that is secret, and not what. */
const innocentWords =
  /^(?:(?:co)?author(?:s|ed|ing|ship|itative|ids?|names?)?|authentic|key(?:board|frame|note|pad|press|stroke|word)(?:s|es)?|key(?:up|down)|(?:mon|don|tur|joc|hoc|whis|turn)keys?|secretar(?:y|ies|ial|iat)|tokeni[sz](?:ers?|ation))$/i;

/** At the end of a name: how many of it there are, how large it may be or how long it lasts. */
const measures = /(?:counts?|length|limit|size|timeout|ttl)$/i;

/** Before the words of a name in camelCase but for the first. */
const wordBegins = /(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

/** Whether what goes by that name, or lies beneath it where it is a path, is taken for a secret. */
export function isSecretName(name: string): boolean {
  // HTTP/2's Host; elsewhere an authority may hold a password.
  if (name === ":authority") return false;
  // Nearly none is, and this is asked of every word of a message.
  if (!secretNames.test(name) && !/sig|pass|otp|pin|cred|psw/i.test(name)) return false;
  return name.split(/[^A-Za-z0-9_-]+/).some(isSecretStep);
}

/** The same of one step of a path. */
function isSecretStep(name: string): boolean {
  const parts = name.split(/[-_]+/).map((part) => part.split(wordBegins));
  return parts.some((part) => {
    const telling = part.filter((word) => !innocentWords.test(word));
    // Capitals may stand anywhere: ToKen.
    return telling.some((word) => secretWords.test(word)) || secretNames.test(telling.join(""));
  });
}

/**
 * Whether a number that goes by that name is none of a secret's, whatever else the name says:
 * `sessionCount`, `token_ttl`. Of a text nobody knows.
 */
export function isMeasureName(name: string): boolean {
  return measures.test(name);
}

/** Names of parameters that hold a secret in a URL, though anywhere else they mean all sorts of things. */
const parameterNames = /^(?:code|access|pw)$|(?:^|[-_.])(?:sid|sess|hmac)$|sessid/i;

/** What stands in a secret's place. */
export const redacted = "[redacted]";

/** Whether a parameter of a URL that goes by that name is taken for a secret. */
export function isSecretParameter(name: string): boolean {
  return isSecretName(name) || parameterNames.test(name);
}
