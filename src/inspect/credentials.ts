/** Owns what of a request are credentials, and the request without them. */
import type { RequestOptions } from "../dial/request.js";
import type { Target } from "../dial/target.js";
import type { Header } from "../frame/upgrade.js";
import { queryParts } from "../base/query-parts.js";
import { isSecretName } from "../base/secret-name.js";
import { subprotocolsIn, tokensAmong } from "./subprotocols.js";

/** Names of headers, in small letters, that carry secrets though they are not called so. */
export type SecretHeaders = ReadonlySet<string>;

const noHeaders: SecretHeaders = new Set();

/** Whether a header carries a credential, as far as its name tells, or the user. */
export function isCredential([name]: Header, secretHeaders: SecretHeaders = noHeaders): boolean {
  if (/^sec-websocket-/i.test(name)) return false;
  return isSecretName(name) || secretHeaders.has(name.toLowerCase());
}

/** A value of Sec-WebSocket-Protocol without the tokens in it; undefined when nothing is left. */
export function withoutTokens(value: string): string | undefined {
  const offered = subprotocolsIn(value);
  const tokens = tokensAmong(offered);
  const kept = offered.filter((name) => !tokens.has(name));
  return kept.length === 0 ? undefined : kept.join(", ");
}

/** The parameters of the target's query that look like credentials. */
export function secretParameters({ path }: Pick<Target, "path">): string[] {
  const at = path.indexOf("?");
  if (at < 0) return [];
  return queryParts(path.slice(at + 1)).flatMap(({ secret }) => (secret ? [secret.name] : []));
}

/** The target without user, password and parameters that look like credentials. */
export function anonymousTarget(target: Target): Target {
  const { path, url } = target;
  const at = path.indexOf("?");
  const rest = queryParts(at < 0 ? "" : path.slice(at + 1))
    .map(({ plain }) => plain)
    .filter((plain) => plain !== "");
  const base = at < 0 ? path : path.slice(0, at);
  const shown = rest.length === 0 ? base : `${base}?${rest.join("&")}`;
  const whole = url.endsWith(path) ? url.slice(0, url.length - path.length) + shown : url;
  return { ...target, path: shown, url: whole, href: whole, authorization: undefined };
}

function anonymousHeader(header: Header, secretHeaders?: SecretHeaders): Header[] {
  const [name, value] = header;
  if (isCredential(header, secretHeaders)) return [];
  if (!/^sec-websocket-protocol$/i.test(name)) return [header];
  const kept = withoutTokens(value);
  return kept === undefined ? [] : [[name, kept]];
}

/** The request without its credentials. */
export function anonymousRequest(
  request: RequestOptions = {},
  secretHeaders?: SecretHeaders,
): RequestOptions {
  const { headers = [], subprotocols = [] } = request;
  const tokens = tokensAmong(subprotocols);
  return {
    ...request,
    cookie: undefined,
    authorization: undefined,
    headers: headers.flatMap((header) => anonymousHeader(header, secretHeaders)),
    subprotocols: subprotocols.filter((name) => !tokens.has(name)),
  };
}

/** What of the user's own headers may go to where nothing secret may. */
const bareHeader =
  /^(?:host|upgrade|connection|origin|user-agent|sec-websocket-(?:key|version|extensions|protocol))$/i;

/**
 * The request with nothing but what every handshake says: for a connection that others can read, or
 * that leads elsewhere. Which of the user's own headers is a secret, nobody knows.
 */
export function bareRequest(
  request: RequestOptions,
  isElsewhere: boolean,
  secretHeaders?: SecretHeaders,
): RequestOptions {
  const anonymous = anonymousRequest(request, secretHeaders);
  const headers = (anonymous.headers ?? []).filter(
    ([name]) => bareHeader.test(name) && !(isElsewhere && /^host$/i.test(name)),
  );
  return { ...anonymous, headers };
}

/** The target with the names of its parameters alone, and without user and password. */
export function bareTarget(target: Target): Target {
  const { path, ...rest } = anonymousTarget(target);
  const at = path.indexOf("?");
  if (at < 0) return { ...rest, path };
  // Without a name it is a value.
  const names = path
    .slice(at + 1)
    .split(/[&;]/)
    .filter((pair) => pair.includes("="))
    .map((pair) => pair.slice(0, pair.indexOf("=") + 1));
  const bare = path.slice(0, at) + (names.length === 0 ? "" : `?${names.join("&")}`);
  const url = rest.url.slice(0, rest.url.length - path.length) + bare;
  return { ...rest, path: bare, url, href: url };
}
