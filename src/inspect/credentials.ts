/** Owns what of a request are credentials, and the request without them. */
import type { RequestOptions } from "../dial/request.js";
import type { Target } from "../dial/target.js";
import type { Header } from "../frame/upgrade.js";
import { isSecretName, isSecretParameter, redactSubprotocol } from "../scenario/redact.js";

/** Where credentials can be. */
export type CredentialPlace = "cookie" | "header" | "query" | "subprotocol";

/** Whether a header carries a credential, as far as its name tells. */
export function isCredential([name]: Header): boolean {
  return isSecretName(name) && !/^sec-websocket-/i.test(name);
}

/** The parameters of the target's query that look like credentials. */
export function secretParameters({ path }: Target): string[] {
  const at = path.indexOf("?");
  if (at < 0) return [];
  return [...new URLSearchParams(path.slice(at + 1)).keys()].filter(isSecretParameter);
}

/** Where the request carries credentials, as far as names tell. */
export function credentialsOf(target: Target, request: RequestOptions = {}): CredentialPlace[] {
  const { headers = [], cookie, authorization, subprotocols = [] } = request;
  const names = headers.filter(isCredential).map(([name]) => name.toLowerCase());
  const places: CredentialPlace[] = [];
  if (cookie !== undefined || names.includes("cookie")) places.push("cookie");
  if (
    authorization !== undefined ||
    target.authorization !== undefined ||
    names.some((name) => name !== "cookie")
  ) {
    places.push("header");
  }
  if (secretParameters(target).length > 0) places.push("query");
  if (subprotocols.some((name) => redactSubprotocol(name) !== name)) places.push("subprotocol");
  return places;
}

/** The target without user, password and parameters that look like credentials. */
export function anonymousTarget(target: Target): Target {
  const { path, url } = target;
  const at = path.indexOf("?");
  const secret = new Set(secretParameters(target));
  const rest = (at < 0 ? "" : path.slice(at + 1))
    .split("&")
    .filter((pair) => pair !== "" && !secret.has(parameterName(pair.split("=", 1)[0]!)));
  const base = at < 0 ? path : path.slice(0, at);
  const shown = rest.length === 0 ? base : `${base}?${rest.join("&")}`;
  const whole = url.endsWith(path) ? url.slice(0, url.length - path.length) + shown : url;
  return { ...target, path: shown, url: whole, href: whole, authorization: undefined };
}

/** The request without its credentials. */
export function anonymousRequest(request: RequestOptions = {}): RequestOptions {
  const { headers = [], subprotocols = [] } = request;
  return {
    ...request,
    cookie: undefined,
    authorization: undefined,
    headers: headers.filter((header) => !isCredential(header)),
    subprotocols: subprotocols.filter((name) => redactSubprotocol(name) === name),
  };
}

/** The name of a parameter without its percent-encoding. */
export function parameterName(name: string): string {
  return [...new URLSearchParams(`${name}=`).keys()][0] ?? "";
}
