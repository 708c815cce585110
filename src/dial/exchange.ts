/**
 * Owns one raw HTTP exchange on an open Wire: a request head out as it was given, a response head
 * back, nothing judged. Bytes that follow the head stay with the wire.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { type HeadLimits, type ResponseHead, ResponseHeadReader } from "../frame/http-head.js";
import { headerValue, type UpgradeRequest, type UpgradeResponse } from "../frame/upgrade.js";
import type { UsualAnswer } from "../frame/usual-answer.js";
import { BodyReader } from "./body.js";
import type { Deadline, Ending } from "./deadline.js";
import { codeOf, DialError } from "./dial-error.js";
import { isTlsError, tlsError } from "./tls.js";
import type { Wire } from "./wire.js";

/** What came back. */
export interface Answer {
  readonly response: UpgradeResponse;
  /** Milliseconds from the last byte of the request written to the end of the response head. */
  readonly took: number;
  /** Whether it is the usual answer, which was judged when it was learned. */
  readonly isUsual: boolean;
}

/** The most bytes of a body that are kept. */
const bodyLimit = 65_536;

/** How long a body is waited for, in milliseconds. */
const bodyPatience = 2000;

/** How many interim responses (RFC 9110 §15.2) are passed over. */
const maxInterim = 10;

/** The request in one line, for people; what the query says may be secret, so only its names are. */
export function requestLine(request: UpgradeRequest, wire: Pick<Wire, "address">): string {
  const target = request.target.replace(/=[^&]*/g, "=…");
  const origin = headerValue(request.headers, "Origin");
  const line = `${request.method} ${target} on ${wire.address}`;
  return safeLine(origin === undefined ? line : `${line}, Origin: ${origin}`, 300);
}

/** What came of an answer that never came to its end. */
function partial(received: Buffer | undefined): string[] {
  if (received === undefined || received.length === 0) return [];
  return [`received ${received.length} bytes: "${safeLine(received.toString("latin1"), 100)}"`];
}

function cut(
  error: Error | undefined,
  where: readonly string[],
  wire: Wire,
  request: UpgradeRequest,
): DialError {
  // With TLS 1.3 a server tells only now that it does not like the client's certificate.
  if (error && isTlsError(error)) return tlsError(error, wire.address, wire.address, "upgrade");
  const [reason, what] = error
    ? (["reset", "the connection was cut before the server answered the upgrade"] as const)
    : (["closed", "the server closed the connection before it answered the upgrade"] as const);
  return new DialError("WSCTL_ECLOSED", "upgrade", reason, what, {
    cause: error,
    where: error ? [...where, codeOf(error)] : where,
    hint: cutHint(wire, request),
  });
}

function cutHint(wire: Wire, { headers }: UpgradeRequest): string {
  // Servers that stand on libwebsockets hang up on a subprotocol that they do not know.
  const subprotocol = headerValue(headers, "Sec-WebSocket-Protocol");
  if (wire.tls) {
    const what = subprotocol === undefined ? "client, path" : "client, subprotocol, path";
    return `the server, or a proxy before it, may refuse this ${what} or rate: see its log`;
  }
  return subprotocol === undefined
    ? "if the server speaks TLS on this port, dial it with wss://; otherwise see its log"
    : `does the server know the subprotocol ${safeLine(subprotocol, 60)}? if it speaks TLS on this port, dial it with wss://; otherwise see its log`;
}

/** What the reader of the head threw, as a failed dial. */
function broken(error: unknown, line: string): unknown {
  if (!(error instanceof WsctlError)) return error;
  return new DialError(error.code, "upgrade", "handshake", error.message, {
    hint: error.hint,
    cause: error,
    where: [line, ...error.where],
  });
}

/**
 * Sends the request and reads the response head; interim responses but 101 are passed over. On
 * failure the wire is left to the caller.
 *
 * @param usual what is usually answered to such requests: recognised, it is not read again
 * @throws DialError of the phase upgrade: WSCTL_EHANDSHAKE, WSCTL_ECLOSED, WSCTL_ETIMEOUT
 */
export function exchange(
  wire: Wire,
  request: UpgradeRequest,
  deadline: Deadline,
  limits?: HeadLimits,
  usual?: UsualAnswer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // Made when something comes that is to be read.
    let reader: ResponseHeadReader | undefined;
    let interim = 0;
    const finish = () => {
      wire.receive(undefined);
      wire.onClose = undefined;
      deadline.onEnd = undefined;
    };
    const fail = (errorAt: (where: readonly string[]) => unknown) => {
      finish();
      reject(errorAt([requestLine(request, wire), ...partial(reader?.received)]));
    };
    const next = (bytes: Buffer, start: number, end: number): ResponseHead | undefined => {
      for (let from = start; ;) {
        reader ??= new ResponseHeadReader(limits);
        const head = reader.push(bytes, from, end);
        const status = head?.response.status ?? 0;
        if (!head || status === 101 || status >= 200 || status < 100 || interim === maxInterim) {
          return head;
        }
        interim++;
        from = head.end;
        reader = new ResponseHeadReader(limits);
      }
    };
    const ended = (ending: Ending) => {
      fail((where) =>
        deadline.error(ending, "upgrade", "waiting for the answer to the upgrade", {
          hint: "the port accepts connections, yet no WebSocket server answers; is it stuck, or is more --timeout needed?",
          where,
        }),
      );
    };
    if (deadline.aborted) {
      ended("aborted");
      return;
    }
    deadline.onEnd = ended;
    wire.onClose = (error) => fail((where) => cut(error, where, wire, request));
    wire.socket.write(request.bytes);
    const written = performance.now();
    wire.receive((bytes, start, end) => {
      try {
        const known = reader ? undefined : usual?.recognise(request, bytes, start, end);
        const head = known
          ? { response: known, end: start + known.bytes.length }
          : next(bytes, start, end);
        if (!head) return;
        const took = performance.now() - written;
        finish();
        wire.unread(bytes, head.end, end);
        resolve({ response: head.response, took, isUsual: known !== undefined });
      } catch (error) {
        fail(([line = ""]) => broken(error, line));
      }
    });
  });
}

/**
 * Reads the body that follows a response head, as much of it as comes in time, at most 64 KiB.
 * Never fails: what cannot be had is left out.
 * @param patience milliseconds that it is waited for
 */
export function readBody(
  wire: Wire,
  request: UpgradeRequest,
  response: UpgradeResponse,
  deadline: Deadline,
  patience = bodyPatience,
): Promise<Buffer> {
  const reader = new BodyReader(response, request.method, bodyLimit);
  return new Promise((resolve) => {
    if (reader.done || deadline.aborted) {
      resolve(reader.bytes);
      return;
    }
    deadline.restrict(patience);
    const finish = () => {
      wire.receive(undefined);
      wire.onClose = undefined;
      deadline.onEnd = undefined;
      resolve(reader.bytes);
    };
    deadline.onEnd = finish;
    wire.onClose = finish;
    wire.receive((bytes, start, end) => {
      reader.push(bytes, start, end);
      if (reader.done) finish();
    });
  });
}
