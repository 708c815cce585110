/** Owns the tunnel of an HTTP proxy: CONNECT (RFC 9110 §9.3.6) on an open connection to it. */
import { safeLine } from "../base/safe-text.js";
import { serialiseRequest } from "../frame/http-head.js";
import { headerValue, type Header } from "../frame/upgrade.js";
import type { Deadline } from "./deadline.js";
import { exchange, readBody } from "./exchange.js";
import type { Proxy } from "./proxy.js";
import { connectHint, tunnelRefused } from "./proxy-error.js";
import { type Endpoint, hostPort } from "./target.js";
import type { Wire } from "./wire.js";

/** The headers that say why, and what to do. */
const tellingHeaders = ["Proxy-Authenticate", "Proxy-Status", "X-Squid-Error", "Via"];

/** Basic (RFC 7617), as most proxies want it: in UTF-8. */
function credentials({ user = "", password = "" }: Proxy): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/**
 * Asks for a tunnel; the bytes that follow belong to whoever is at its other end.
 * @throws DialError
 */
export async function httpConnect(
  wire: Wire,
  to: Endpoint,
  proxy: Proxy,
  deadline: Deadline,
): Promise<void> {
  const authority = hostPort(to.host, to.port);
  const headers: Header[] = [["Host", authority]];
  if (proxy.user !== undefined || proxy.password !== undefined) {
    headers.push(["Proxy-Authorization", credentials(proxy)]);
  }
  const request = serialiseRequest({ method: "CONNECT", target: authority, headers });
  const { response } = await exchange(wire, request, deadline);
  const { status, reason } = response;
  if (status >= 200 && status < 300) return;
  const body = await readBody(wire, request, response, deadline);
  const telling = tellingHeaders.flatMap((name) => {
    const value = headerValue(response.headers, name);
    return value === undefined ? [] : [`${name}: ${safeLine(value)}`];
  });
  const said = safeLine(body.subarray(0, 1000).toString().trim(), 200);
  throw tunnelRefused(
    proxy,
    authority,
    safeLine(`${status} ${reason}`.trim(), 100),
    connectHint(response, proxy),
    [`CONNECT ${authority} on ${wire.address}`, ...telling, ...(said ? [`body: ${said}`] : [])],
  );
}
