/**
 * Owns which of the given credentials a browser sends by itself, whoever asked it to connect. What a
 * foreign page has to know first (a bearer token, a ticket in the URL) is no use to it.
 */
import type { RequestHead } from "../../frame/http-head.js";
import { type Header, headerValues } from "../../frame/upgrade.js";
import { isSecretName, redactSubprotocol } from "../../scenario/redact.js";
import { anonymousTarget, secretParameters } from "../credentials.js";
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

function isOwn([name, value]: Header): boolean {
  if (/^authorization$/i.test(name)) return !ambientScheme.test(value);
  return isSecretName(name) && !/^(?:cookie$|sec-websocket-)/i.test(name);
}

function subprotocolsOf(value: string): string[] {
  return value.split(",").map((part) => part.trim());
}

function isTokenLike(subprotocol: string): boolean {
  return redactSubprotocol(subprotocol) !== subprotocol;
}

/** The credentials of the first exchange. */
export function credentialsIn({ request }: Answered, { target, options }: Subject): Credentials {
  const { headers } = request;
  const ambient: string[] = [];
  const known: string[] = [];
  if (headerValues(headers, "Cookie").length > 0) ambient.push("cookie");
  const schemes = headerValues(headers, "Authorization");
  if (schemes.some((value) => ambientScheme.test(value))) ambient.push("HTTP authentication");
  if (target.secure && options.tls?.cert !== undefined) ambient.push("client certificate");
  for (const header of headers) if (isOwn(header)) known.push(`the header ${header[0]}`);
  for (const name of secretParameters({ ...target, path: request.target })) {
    known.push(`the parameter ${name}`);
  }
  const offered = headerValues(headers, "Sec-WebSocket-Protocol").flatMap(subprotocolsOf);
  if (offered.some(isTokenLike)) known.push("a subprotocol");
  return { ambient, known };
}

/** The head with those credentials alone that a browser sends by itself. */
export function asForeignPage(head: RequestHead, { target }: Subject): RequestHead {
  const headers = head.headers.flatMap((header): Header[] => {
    const [name, value] = header;
    if (isOwn(header)) return [];
    if (!/^sec-websocket-protocol$/i.test(name)) return [header];
    const plain = subprotocolsOf(value).filter((each) => !isTokenLike(each));
    return plain.length === 0 ? [] : [[name, plain.join(", ")]];
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
