/** Owns what is told of a server that answered the upgrade with another status than 101. */
import { safeLine } from "../base/safe-text.js";
import { headerValue, type UpgradeRequest, type UpgradeResponse } from "../frame/upgrade.js";
import { bodyText } from "./body-text.js";
import { DialError } from "./dial-error.js";
import { requestLine } from "./exchange.js";
import type { Wire } from "./wire.js";

/** The server answered in HTTP, and did not upgrade. */
export class UpgradeRefused extends DialError {
  override readonly name: string = "UpgradeRefused";
  readonly request: UpgradeRequest;
  readonly response: UpgradeResponse;
  /** As it came, at most 64 KiB, still encoded where Content-Encoding says so. */
  readonly body: Buffer;

  constructor(
    wire: Pick<Wire, "address" | "tls">,
    request: UpgradeRequest,
    response: UpgradeResponse,
    body: Buffer,
  ) {
    const status = safeLine(`${response.status} ${response.reason}`.trim(), 100);
    super("WSCTL_EUPGRADE", "upgrade", "status", `the server refused the upgrade: ${status}`, {
      hint: hintFor(wire, request, response, body),
      where: [
        requestLine(request, wire),
        ...telling(response),
        ...(body.length === 0 ? [] : [`body: ${bodyText(response, body)}`]),
      ],
    });
    this.request = request;
    this.response = response;
    this.body = body;
  }
}

/** The headers that say why, or what to do, or by which the request is found in the server's log. */
const tellingHeaders =
  /^(?:location|(?:www|proxy)-authenticate|retry-after|upgrade|sec-websocket-.*|(?:x-)?(?:amzn-?)?(?:request|correlation|trace)-?id|x-amz-cf-id|traceparent|cf-ray)$/i;

/** A server that sends more of them does not mean to help. */
const mostTelling = 12;

function telling({ headers }: UpgradeResponse): string[] {
  return headers
    .filter(([name]) => tellingHeaders.test(name))
    .slice(0, mostTelling)
    .map(([name, value]) => `${safeLine(name, 60)}: ${safeLine(value)}`);
}

function hintFor(
  wire: Pick<Wire, "tls">,
  request: UpgradeRequest,
  response: UpgradeResponse,
  body: Buffer,
): string {
  const { status, headers } = response;
  if (status >= 300 && status < 400) return redirectHint(headerValue(headers, "Location"));
  const said = body.subarray(0, 2000).toString("latin1");
  // nginx, and others that terminate TLS, let everyone in and then answer in HTTP.
  if (wire.tls && (status === 400 || status === 403) && /(?:SSL|client) certificate/i.test(said)) {
    return "the server wants a client certificate that it trusts: hand one in with --cert and --key";
  }
  switch (status) {
    case 400:
      return !wire.tls && /HTTPS|SSL|TLS/i.test(said)
        ? "the port wants TLS: dial it with wss://"
        : "the server found the request malformed: is a header missing, or does a proxy on the way drop Upgrade?";
    case 401:
      return "the server wants credentials: --bearer, --user, --cookie, or -H with a header of its own";
    case 403: {
      const origin = headerValue(request.headers, "Origin");
      return origin === undefined
        ? "the server may want an Origin or credentials; try --origin https://app.example.com"
        : "the server may check Origin; try --origin https://app.example.com";
    }
    case 404:
      return "nothing upgrades on this path: is it right? /ws, /socket and /websocket are common";
    case 405:
      return "the path is there, yet does not upgrade: is it the WebSocket's?";
    case 407:
      return "a proxy on the way wants credentials";
    case 426:
      return upgradeHint(request, response);
    case 429:
    case 503: {
      const after = headerValue(headers, "Retry-After");
      return after === undefined
        ? status === 503
          ? "the server is busy or limits its clients, or a proxy has none to hand them to: try again later"
          : "the server limits its clients: try again later, or more slowly"
        : `the server asks to come back later: Retry-After ${safeLine(after, 60)}`;
    }
    case 502:
    case 504:
      return "a proxy could not reach the WebSocket server behind it";
    default:
      if (status < 300) {
        return "this path is no WebSocket endpoint, or a proxy on the way drops the Upgrade header";
      }
      return status < 500 ? "the server's log may say why" : "the server failed: see its log";
  }
}

/** For 426 (RFC 9110 §15.5.22), which a server of WebSocket also gives to what it takes for no upgrade. */
function upgradeHint(request: UpgradeRequest, { headers }: UpgradeResponse): string {
  const versions = headerValue(headers, "Sec-WebSocket-Version");
  const asked = headerValue(request.headers, "Sec-WebSocket-Version") ?? "";
  if (versions !== undefined && !versions.split(/[\s,]+/).includes(asked)) {
    return `the server speaks version ${safeLine(versions, 60)} of the protocol, the request asked for another one`;
  }
  const wanted = headerValue(headers, "Upgrade");
  if (wanted !== undefined && !/\bwebsocket\b/i.test(wanted)) {
    return "the server wants another protocol first: see its Upgrade header";
  }
  return "the server saw no request to upgrade: a proxy on the way may drop the headers Upgrade and Connection, or speak HTTP/1.0 to it";
}

function redirectHint(location: string | undefined): string {
  if (location === undefined) return "the server redirects, yet does not say where";
  const url = location.replace(/^http(?=s?:)/i, "ws");
  return `redirects are not followed: dial ${safeLine(url)} if that is right`;
}
