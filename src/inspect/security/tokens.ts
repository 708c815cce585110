/** Owns the tokens of a request: where they stand, and the same request with others in their place. */
import type { RequestHead } from "../../frame/http-head.js";
import type { Header } from "../../frame/upgrade.js";
import { queryParts } from "../../base/query-parts.js";
import { isCredential, type SecretHeaders } from "../credentials.js";
import { subprotocolsIn, tokensAmong } from "../subprotocols.js";
import type { Given } from "../subject.js";
import { jwtIn } from "./jwt.js";

/** Makes another token of one; undefined takes it away. */
export type Change = (token: string) => string | undefined;

/** Schemes of Authorization that carry no token but a password, or a proof of one. */
const passwords = /^(?:basic|digest|negotiate|ntlm)$/i;

/** Another one in the token's place; what stands around a JWT is kept. */
function changed(value: string, change: Change): string | undefined {
  const jwt = jwtIn(value);
  if (jwt === undefined) return change(value);
  const other = change(jwt);
  return other === undefined ? undefined : value.replace(jwt, () => other);
}

function changedList(
  parts: readonly string[],
  one: (part: string) => string | undefined,
  glue: string,
): string | undefined {
  const kept = parts.map(one).filter((part) => part !== undefined);
  return kept.length === 0 ? undefined : kept.join(glue);
}

/** The value of a header with its tokens changed; undefined when nothing of it is left. */
function changedValue(
  [name, value]: Header,
  change: Change,
  secretHeaders: SecretHeaders | undefined,
): string | undefined {
  switch (name.toLowerCase()) {
    case "authorization": {
      const [, scheme = "", token = value] = /^(\S+) +(.*)$/.exec(value) ?? [];
      if (passwords.test(scheme)) return value;
      const other = changed(token, change);
      return other === undefined ? undefined : `${scheme} ${other}`.trim();
    }
    case "cookie":
      // Only a JWT is known to be a token here; a session beside it stays as it is.
      return changedList(
        value.split(";").map((pair) => pair.trim()),
        (pair) => (jwtIn(pair) === undefined ? pair : changed(pair, change)),
        "; ",
      );
    case "sec-websocket-protocol":
      return changedList(
        subprotocolsIn(value),
        (part) => (tokensAmong(subprotocolsIn(value)).has(part) ? changed(part, change) : part),
        ", ",
      );
    default:
      return isCredential([name, value], secretHeaders) ? changed(value, change) : value;
  }
}

function changedPath(path: string, change: Change): string {
  const at = path.indexOf("?");
  if (at < 0) return path;
  const query = changedList(
    path.slice(at + 1).split("&"),
    (part) => {
      const { plain, secret } = queryParts(part)[0]!;
      if (!secret) return part;
      const other = changed(secret.value, change);
      if (other === undefined) return plain === "" ? undefined : plain;
      return plain + secret.before + other;
    },
    "&",
  );
  return query === undefined ? path.slice(0, at) : `${path.slice(0, at)}?${query}`;
}

type Request = Pick<RequestHead, "headers" | "target">;

function withTokens<Head extends Request>(
  head: Head,
  change: Change,
  secretHeaders: SecretHeaders | undefined,
): Head {
  const headers = head.headers.flatMap((header): Header[] => {
    const other = changedValue(header, change, secretHeaders);
    return other === undefined ? [] : [[header[0], other]];
  });
  return { ...head, headers, target: changedPath(head.target, change) };
}

/** What people say of the headers of their requests. */
type Said = Pick<Given, "secretHeaders">;

/** The head with that token changed, wherever it stands; all other credentials are kept. */
export function withToken<Head extends Request>(
  head: Head,
  token: string,
  change: Change,
  { secretHeaders }: Said,
): Head {
  return withTokens(head, (each) => (each === token ? change(each) : each), secretHeaders);
}

/** The tokens of a request, each once. */
export function tokensOf(head: Request, { secretHeaders }: Said): string[] {
  const tokens = new Set<string>();
  const note = (token: string): string => {
    tokens.add(token);
    return token;
  };
  withTokens(head, note, secretHeaders);
  return [...tokens];
}

/** The token that is looked at: a JWT, of which most is known, or else the first. */
export function mainTokenOf(head: Request, said: Said): string | undefined {
  const tokens = tokensOf(head, said);
  return tokens.find((token) => jwtIn(token) !== undefined) ?? tokens[0];
}
