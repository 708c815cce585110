/**
 * Owns the wait for a server's answer to an upgrade: its bytes are passed on as they come, and it is
 * told once what became of it.
 */
import type { Socket } from "node:net";
import { messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Wire } from "../dial/wire.js";
import type { UpgradeRequest, UpgradeResponse } from "../frame/upgrade.js";
import type { AnswerWatch } from "./answer-watch.js";
import type { Relay } from "./relay.js";
import type { No } from "./say-no.js";

/** What is asked, and who is told what came of it: just one of the four, once. */
export interface AskingOptions {
  readonly client: Socket;
  readonly wire: Wire;
  readonly relay: Relay;
  readonly watch: AnswerWatch;
  readonly request: UpgradeRequest;
  /** Milliseconds that the server may take. */
  readonly patience: number;
  /**
   * The head has come, and was passed on.
   * @param took milliseconds
   * @param rest what came behind it
   */
  readonly answered: (response: UpgradeResponse, took: number, rest: Buffer) => void;
  /** It is no HTTP, or ended within the head; `rest` is still to be passed on. */
  readonly garbled: (why: string, rest: Buffer) => void;
  /** Nothing came. */
  readonly failed: (no: No) => void;
  /** The client is gone. */
  readonly left: () => void;
}

const nothing = Buffer.alloc(0);

/** Writes the request, and waits. */
export function ask(options: AskingOptions): void {
  const { client, relay, watch, request, patience } = options;
  const { socket: server } = options.wire;
  const late = setTimeout(() => {
    settle();
    if (watch.hasBegun) options.garbled("the head of the answer did not come to its end", nothing);
    else options.failed({ status: 504, error: "the server did not answer the upgrade in time" });
  }, patience);
  const settle = (): void => {
    clearTimeout(late);
    client.off("close", leave);
    server.off("data", answer);
    server.off("close", lost);
    server.off("end", lost);
  };
  const leave = (): void => {
    settle();
    options.left();
  };
  const lost = (): void => {
    settle();
    const { errored } = server;
    const how = errored ? `: ${safeLine(messageOf(errored))}` : "";
    const what = `the server closed before it answered the upgrade${how}`;
    if (watch.hasBegun) options.garbled(what, nothing);
    else options.failed({ status: 502, error: what });
  };
  const answer = (chunk: Buffer): void => {
    let end: number;
    try {
      end = watch.feed(chunk);
    } catch (error) {
      settle();
      // The client is to see what it would have seen.
      options.garbled(messageOf(error), chunk);
      return;
    }
    const took = performance.now() - written;
    if (watch.response) settle();
    relay.in.take(chunk.subarray(0, end));
    if (watch.response) options.answered(watch.response, took, chunk.subarray(end));
  };
  client.on("close", leave);
  server.on("data", answer);
  server.on("close", lost);
  server.on("end", lost);
  server.write(request.bytes);
  const written = performance.now();
}
