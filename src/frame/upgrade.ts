/**
 * Owns the Upgrade: the HTTP exchange that turns a byte stream into a WebSocket, as plain data.
 * The exact bytes of both heads are kept, because a debugger must show what was really said.
 */

/** One header field as it stood on the wire: case, order and duplicates are kept by the list. */
export type Header = readonly [name: string, value: string];

/** The request head of an upgrade, as it was sent. */
export interface UpgradeRequest {
  readonly method: string;
  /** Request target: the path with its query. */
  readonly target: string;
  readonly headers: readonly Header[];
  /** Every byte of the head, the empty line included. */
  readonly bytes: Buffer;
}

/** The response head to an upgrade, as it came. */
export interface UpgradeResponse {
  /** Such as `1.1`. */
  readonly httpVersion: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  /** Every byte of the head, the empty line included. */
  readonly bytes: Buffer;
}

/** How long each phase of opening took, in milliseconds; 0 where a phase did not take place. */
export interface Phases {
  /** Look-up of the host name; 0 for an address, or when an earlier look-up was used again. */
  readonly dns: number;
  /** From the first SYN to the connected socket; the time spent on failed addresses included. */
  readonly tcp: number;
  /** From the socket connected to the proxy to the tunnel through it; missing without a proxy. The
   * phases before it are then those of the proxy. */
  readonly proxy?: number;
  readonly tls: number;
  /** From the last byte of the request written to the end of the response head. */
  readonly upgrade: number;
}

/** One address that was tried, in the order of trying. */
export interface Attempt {
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
  /** Milliseconds until it connected or failed. */
  readonly took: number;
  /** The system's error code, such as `ECONNREFUSED`; undefined for the one that worked. */
  readonly error: string | undefined;
}

/** What TLS negotiated. */
export interface TlsFacts {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** IANA name of the cipher suite. */
  readonly cipher: string;
  /** The protocol chosen by ALPN, undefined when none was. */
  readonly alpn: string | undefined;
  /** Whether the chain was verified against the trusted CAs and the server's name. */
  readonly authorized: boolean;
  /** Why not, as OpenSSL names it. */
  readonly authorizationError: string | undefined;
}

/** One whole exchange that opened a WebSocket. */
export interface Upgrade {
  readonly request: UpgradeRequest;
  readonly response: UpgradeResponse;
  readonly phases: Phases;
  readonly attempts: readonly Attempt[];
  readonly tls: TlsFacts | undefined;
  /** The subprotocol the server chose, if any. */
  readonly subprotocol: string | undefined;
  /** The value of Sec-WebSocket-Extensions in the response, if any. */
  readonly extensions: string | undefined;
}

/** The values of every field of that name (compared without case), in order. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  const wanted = name.toLowerCase();
  const values: string[] = [];
  for (const header of headers) if (isNamed(header, wanted)) values.push(header[1]);
  return values;
}

function isNamed([name]: Header, wanted: string): boolean {
  // Most differ in length: only the others are worth a copy in small letters.
  return name.length === wanted.length && name.toLowerCase() === wanted;
}

/** All values of a list-valued field joined as RFC 9110 §5.3 allows; undefined if absent. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  let joined: string | undefined;
  for (const header of headers) {
    if (isNamed(header, wanted))
      joined = joined === undefined ? header[1] : `${joined}, ${header[1]}`;
  }
  return joined;
}
