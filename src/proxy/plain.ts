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
import type { Destination } from "./destination.js";
import { endToEnd, pairsOf, requestHeaders } from "./forwarded-head.js";
import { answerNo, type No, noFor } from "./say-no.js";

/** Relays one request; never rejects. */
export async function relayPlain(
  request: IncomingMessage,
  response: ServerResponse,
  destination: Destination,
  context: Context,
): Promise<void> {
  const begun = performance.now();
  context.tally.requests++;
  const tell = (status: number): void => {
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
  response.once("close", () => gone.abort());
  request.on("error", () => {});
  let wire: Wire;
  try {
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
    outgoing.once("response", (answer) => {
      try {
        passOn(answer, response);
        tell(answer.statusCode ?? 0);
      } catch (error) {
        answer.destroy();
        refuse(noFor(error));
      }
    });
    // A server that refuses before it has read everything is listened to all the same.
    request.pipe(outgoing);
  } catch (error) {
    wire.destroy();
    refuse(noFor(error));
  }
}

function askAt(wire: Wire, request: IncomingMessage, destination: Destination): ClientRequest {
  const headers: Header[] = requestHeaders(request.rawHeaders, destination);
  if (request.headers["transfer-encoding"] !== undefined) {
    headers.push(["Transfer-Encoding", "chunked"]);
  }
  headers.push(["Connection", "close"]);
  return ask({
    method: request.method,
    path: destination.path,
    headers: headers.flat(),
    createConnection: () => wire.socket,
  });
}

function passOn(answer: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  const headers = endToEnd(pairsOf(answer.rawHeaders)).flat();
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage ?? "", headers);
  // A body that breaks off breaks off for the client too.
  pipeline(answer, response, () => {});
}
