/** Owns plain requests, such as a page and what it is made of: they are streamed to their server. */
import {
  type ClientRequest,
  type IncomingMessage,
  request as ask,
  type ServerResponse,
} from "node:http";
import { pipeline } from "node:stream";
import { messageOf } from "../base/errors.js";
import type { Wire } from "../dial/wire.js";
import type { Header } from "../frame/upgrade.js";
import { requestFacts } from "../serve/roster.js";
import type { Context } from "./context.js";
import { type Destination, Nowhere } from "./destination.js";
import { endToEnd, lists, pairsOf, requestHeaders } from "./forwarded-head.js";
import { answerNo, type No, noFor } from "./say-no.js";

/** Bytes of an answer's head that are read, as for upgrades. */
const largestHead = 64 * 1024;

/** Relays one request; never rejects. */
export async function relayPlain(
  request: IncomingMessage,
  response: ServerResponse,
  destination: Destination,
  context: Context,
): Promise<void> {
  const begun = performance.now();
  context.tally.requests++;
  let leave = (): void => {};
  let isTold = false;
  const tell = (status: number): void => {
    if (isTold) return;
    isTold = true;
    leave();
    const { watcher } = context.options;
    const { target, path } = destination;
    watcher.tell({
      event: "request",
      remote: requestFacts(request).remote,
      method: request.method ?? "",
      target: `${target.secure ? "https" : "http"}://${target.authority}${path.split("?", 1)[0]!}`,
      status,
      took: performance.now() - begun,
    });
  };
  const refuse = (no: No): void => {
    tell(no.status);
    if (response.headersSent || response.destroyed) response.destroy();
    else answerNo(response, no);
  };
  const gone = new AbortController();
  response.once("close", () => {
    gone.abort();
    leave();
  });
  request.on("error", () => {});
  let wire: Wire;
  try {
    refuseCodings(request);
    leave = context.loops.enter(request);
    wire = await context.upstream.open(destination, gone.signal);
  } catch (error) {
    refuse(noFor(error));
    return;
  }
  response.once("close", () => wire.destroy());
  if (response.destroyed) {
    wire.destroy();
    return;
  }
  try {
    const outgoing = askAt(wire, request, destination);
    outgoing.on("error", (error) => {
      // Once the answer is on its way, it breaks off by itself.
      if (gone.signal.aborted || response.headersSent) return;
      refuse({ status: 502, error: `the server did not answer: ${messageOf(error)}` });
    });
    outgoing.once("upgrade", (_answer, socket) => {
      socket.destroy();
      refuse({ status: 502, error: "the server changed the protocol, which nobody asked it for" });
    });
    // Node tells of 100 twice, and closes the connection of whom it was not asked to tell it.
    outgoing.on("continue", () => response.writeContinue());
    outgoing.on("information", (interim) => passOnInterim(interim, request, response));
    outgoing.once("response", (answer) => {
      try {
        passOn(answer, request, response);
        tell(answer.statusCode ?? 0);
      } catch (error) {
        answer.destroy();
        refuse(noFor(error));
      }
    });
    // A client that waits for a word before it sends its body sends nothing that would take the head
    // along.
    if (request.headers.expect !== undefined) outgoing.flushHeaders();
    if (isChunked(request)) request.once("end", () => addTrailers(outgoing, request));
    // A server that refuses before it has read everything is listened to all the same.
    request.pipe(outgoing);
  } catch (error) {
    wire.destroy();
    refuse(noFor(error));
  }
}

/** @throws Nowhere for a body that is coded in a way that Node leaves on it, and does not tell */
function refuseCodings({ headers }: IncomingMessage): void {
  const coding = headers["transfer-encoding"];
  if (coding === undefined || coding.trim().toLowerCase() === "chunked") return;
  throw new Nowhere(501, "of transfer codings, only chunked is understood");
}

function isChunked({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined;
}

function askAt(wire: Wire, request: IncomingMessage, destination: Destination): ClientRequest {
  const headers: Header[] = requestHeaders(request.rawHeaders, destination);
  const given = pairsOf(request.rawHeaders);
  if (isChunked(request)) headers.push(["Transfer-Encoding", "chunked"], ...trailerOf(given));
  const takesTrailers = lists(given, "TE", "trailers");
  if (takesTrailers) headers.push(["TE", "trailers"]);
  headers.push(["Connection", takesTrailers ? "close, TE" : "close"]);
  return ask({
    method: request.method,
    path: destination.path,
    headers: headers.flat(),
    createConnection: () => wire.socket,
    maxHeaderSize: largestHead,
  });
}

/** Which trailers are announced. */
function trailerOf(headers: readonly Header[]): Header[] {
  return headers.filter(([name]) => name.toLowerCase() === "trailer");
}

function addTrailers(to: ClientRequest | ServerResponse, from: IncomingMessage): void {
  if (from.rawTrailers.length > 0)
    to.addTrailers(
      pairsOf(from.rawTrailers).map(([name, value]): [string, string] => [name, value]),
    );
}

/** What comes before the answer goes on before it; Node has no words for just any of it. */
function passOnInterim(
  interim: { readonly statusCode: number; readonly statusMessage: string; rawHeaders: string[] },
  { httpVersion }: IncomingMessage,
  response: ServerResponse,
): void {
  if (interim.statusCode === 100) return;
  // An answer that waits for the one before it has no socket yet.
  if (httpVersion !== "1.1" || response.headersSent || !response.socket) return;
  const lines = endToEnd(pairsOf(interim.rawHeaders)).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `HTTP/1.1 ${interim.statusCode} ${interim.statusMessage}\r\n${lines.join("")}\r\n`;
  response.socket.write(head, "latin1");
}

function passOn(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  const given = pairsOf(answer.rawHeaders);
  const headers = endToEnd(given);
  const status = answer.statusCode ?? 502;
  // What has to be spoken instead is said to whoever asks.
  if (status === 426 && answer.headers.upgrade !== undefined) {
    headers.push(["Upgrade", answer.headers.upgrade], ["Connection", "Upgrade"]);
  }
  if (isChunked(answer) && request.httpVersion === "1.1" && request.method !== "HEAD") {
    headers.push(...trailerOf(given));
    answer.once("end", () => addTrailers(response, answer));
  }
  response.writeHead(status, answer.statusMessage ?? "", headers.flat());
  // A body that breaks off breaks off for the client too.
  pipeline(answer, response, () => {});
}
