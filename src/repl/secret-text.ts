/** Owns the guess what of a text is a secret: rather one too many. What it is called decides most. */
import { isSecretName, isSecretParameter, redacted } from "../base/secret-name.js";

/** A parameter of a URL or a form: what stands before it, its name, its value. */
const parameter = /([?&;#])([^\s=&;#?"'<>]{1,200})=([^\s&;#"'<>]+)/g;

/** A name and a value as in headers, JSON (also within a string of JSON), queries and forms. */
const named =
  /(?:\\*["']([^"'\\]{1,60})\\*["']|([\w.$-]{1,60}))\s*[:=]\s*(?!\\*["']?(?:true|false|null)\b)\\*["']?[^\s"'{},[\]\\]/g;

/** A user's name and password in a URL. */
const userinfo = /:\/\/[^/\s@]+@/;

/** A JSON Web Token. */
const jwt = /\beyJ[\w-]{8,}\.[\w.-]+/;

const carriers: readonly RegExp[] = [/\b(?:bearer|basic)\s+[\w.~+/-]{6,}/i, jwt, userinfo];

/** As much as can be decoded. */
function decoded(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
}

function hasSecret(text: string): boolean {
  if (carriers.some((carrier) => carrier.test(text))) return true;
  for (const [, , name = ""] of text.matchAll(parameter)) if (isSecretParameter(name)) return true;
  for (const [, quoted, bare] of text.matchAll(named)) {
    if (isSecretName(quoted ?? bare ?? "")) return true;
  }
  const [, variable] = /^\/(?:set|alias)\s+(\S+)\s+\S/.exec(text) ?? [];
  return variable !== undefined && isSecretName(variable);
}

/**
 * Whether a line that was typed seems to hold a secret; a variable in its place, `{{ token }}`, is
 * none. The work grows with the line's length only.
 */
export function isSecretLine(line: string): boolean {
  const typed = line.replace(/\{\{[^{}]*\}\}/g, "");
  return hasSecret(typed) || (typed.includes("%") && hasSecret(decoded(typed)));
}

/** The text with what seems to be secret in the URLs of it replaced. */
export function withoutSecrets(text: string): string {
  return text
    .replace(new RegExp(userinfo, "g"), `://${redacted}@`)
    .replace(new RegExp(jwt, "g"), redacted)
    .replace(parameter, (whole, mark: string, name: string) =>
      isSecretParameter(decoded(name)) ? `${mark}${name}=${redacted}` : whole,
    );
}
