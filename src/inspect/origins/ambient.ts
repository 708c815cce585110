/**
 * Owns which of the given credentials a browser sends by itself, whoever asked it to connect. What a
 * foreign page has to know first (a bearer token, a ticket in the URL) is no use to it.
 */
import type { RequestHead } from "../../frame/http-head.js";
import { type Header, headerValues } from "../../frame/upgrade.js";
import { anonymousTarget, isCredential, secretParameters, withoutTokens } from "../credentials.js";
import { subprotocolsIn, tokensAmong } from "../subprotocols.js";
import type { Answered } from "../reply.js";
import type { Subject } from "../subject.js";

/** Schemes of Authorization that browsers answer by themselves once the user has logged in. */
const ambientScheme = /^(?:basic|digest|negotiate|ntlm)(?: |$)/i;

/** What the given request has by way of credentials. */
export interface Credentials {
  /** Those that browsers send by themselves, in words. */
  readonly ambient: readonly string[];
  /** Those that a page has to know. */
  readonly known: readonly string[];
}

function isOwn(header: Header, { given }: Pick<Subject, "given">): boolean {
  const [name, value] = header;
  if (/^authorization$/i.test(name)) return !ambientScheme.test(value);
  return !/^cookie$/i.test(name) && isCredential(header, given.secretHeaders);
}

/** The credentials of the first exchange. */
export function credentialsIn({ request }: Answered, subject: Subject): Credentials {
  const { target, options } = subject;
  const { headers } = request;
  const ambient: string[] = [];
  const known: string[] = [];
  if (headerValues(headers, "Cookie").length > 0) ambient.push("cookie");
  const schemes = headerValues(headers, "Authorization");
  if (schemes.some((value) => ambientScheme.test(value))) ambient.push("HTTP authentication");
  if (target.secure && options.tls?.cert !== undefined) ambient.push("client certificate");
  for (const header of headers) {
    if (isOwn(header, subject)) known.push(`the header ${header[0]}`);
  }
  for (const name of secretParameters({ ...target, path: request.target })) {
    known.push(`the parameter ${name}`);
  }
  const offered = headerValues(headers, "Sec-WebSocket-Protocol").flatMap(subprotocolsIn);
  if (tokensAmong(offered).size > 0) known.push("a subprotocol");
  return { ambient, known };
}

/** The head with those credentials alone that a browser sends by itself. */
export function asForeignPage(head: RequestHead, subject: Subject): RequestHead {
  const { target } = subject;
  const headers = head.headers.flatMap((header): Header[] => {
    const [name, value] = header;
    if (isOwn(header, subject)) return [];
    if (!/^sec-websocket-protocol$/i.test(name)) return [header];
    const plain = withoutTokens(value);
    return plain === undefined ? [] : [[name, plain]];
  });
  return { ...head, headers, target: anonymousTarget({ ...target, path: head.target }).path };
}

/**
 * Whether browsers keep the given cookies from what other sites open: `kept` when the answer sets
 * each of them as SameSite=Lax or Strict, `sent` when it sets one as None, else not known.
 */
export function sameSiteOf({ request, response }: Answered): "kept" | "sent" | "unknown" {
  const names = headerValues(request.headers, "Cookie")
    .flatMap((value) => value.split(";"))
    .map((pair) => pair.split("=", 1)[0]!.trim());
  const modes = new Map<string, string>();
  for (const line of headerValues(response.headers, "Set-Cookie")) {
    const [pair = "", ...attributes] = line.split(";");
    const mode = attributes.map((each) => each.trim()).find((each) => /^samesite=/i.test(each));
    modes.set(pair.split("=", 1)[0]!.trim(), mode?.slice("samesite=".length).toLowerCase() ?? "");
  }
  const found = names.map((name) => modes.get(name));
  if (found.includes("none")) return "sent";
  return found.length > 0 && found.every((mode) => mode === "lax" || mode === "strict")
    ? "kept"
    : "unknown";
}
