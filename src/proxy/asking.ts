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
   * The final head has come; unlike the interim ones, it is still to be passed on.
   * @param took milliseconds
   * @param rest what came behind it
   */
  readonly answered: (response: UpgradeResponse, took: number, rest: Buffer) => void;
  /** It is no HTTP that is understood, or ended within the head; `rest` is still to be passed on. */
  readonly garbled: (why: string, rest: Buffer) => void;
  /** Nothing came. */
  readonly failed: (no: No) => void;
  /** The client is gone. */
  readonly left: () => void;
}

/** Writes the request, and waits. */
export function ask(options: AskingOptions): void {
  const { client, relay, watch, request, patience } = options;
  const { socket: server } = options.wire;
  /** Of the final head. */
  let kept: Buffer[] = [];
  const late = setTimeout(() => {
    settle();
    const what = "the head of the answer did not come to its end";
    if (watch.hasBegun) options.garbled(what, Buffer.concat(kept));
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
    if (watch.hasBegun) options.garbled(what, Buffer.concat(kept));
    else options.failed({ status: 502, error: what });
  };
  const answer = (chunk: Buffer): void => {
    kept.push(chunk);
    let end: number;
    try {
      end = watch.feed(chunk);
    } catch (error) {
      settle();
      // The client is to see what it would have seen.
      options.garbled(messageOf(error), Buffer.concat(kept));
      return;
    }
    const { interimEnd, response } = watch;
    if (interimEnd > 0) {
      kept[kept.length - 1] = chunk.subarray(0, interimEnd);
      relay.in.take(Buffer.concat(kept));
      kept = [chunk.subarray(interimEnd)];
    }
    if (!response) return;
    const took = performance.now() - written;
    settle();
    options.answered(response, took, chunk.subarray(end));
  };
  client.on("close", leave);
  server.on("data", answer);
  server.on("close", lost);
  server.on("end", lost);
  server.write(request.bytes);
  const written = performance.now();
}
