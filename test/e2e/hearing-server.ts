/** Owns an echo server that keeps what it hears, frame by frame as it stood on the wire. */
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { startWsEcho } from "../support/servers.js";
import { onFrames } from "./raw-server.js";

/** One connection, and what came on it so far; latin1. */
export interface Peer {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly frames: readonly (readonly [opcode: number, payload: string])[];
}

/** A server of `ws` that sends everything back; it goes with the test file. */
export interface HearingServer {
  readonly url: string;
  readonly port: number;
  /** Every connection so far, the newest last. */
  readonly peers: readonly Peer[];
}

/** Starts one; what is sent to it has to be shorter than 126 bytes. */
export async function startHearing(): Promise<HearingServer> {
  const { url, port, wss } = await startWsEcho();
  const peers: Peer[] = [];
  let frames: [number, string][] = [];
  // Before the server takes the socket, as it unmasks frames where they lie.
  wss.on("headers", (_lines, { socket }: IncomingMessage) => {
    frames = [];
    const heard = frames;
    onFrames(socket, (opcode, payload) => heard.push([opcode, payload.toString("latin1")]));
  });
  wss.on("connection", (socket, request: IncomingMessage) => {
    peers.push({ socket, request, frames });
  });
  return { url, port, peers };
}
