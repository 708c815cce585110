/** Owns how the proxy itself refuses: a status, and a body of JSON that says what failed and why. */
import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { messageOf, WsctlError } from "../base/errors.js";
import { Nowhere } from "./destination.js";

/** A refusal of the proxy's own. */
export interface No {
  readonly status: number;
  readonly error: string;
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
}

/** So long may a refused client take to close its side, in ms. */
const lingering = 1000;

/** The refusal for what was thrown: 504 where time ran out, else 502, or as it was told. */
export function noFor(error: unknown): No {
  if (error instanceof Nowhere) return { status: error.status, error: error.message };
  if (!(error instanceof WsctlError)) return { status: 502, error: messageOf(error) };
  const { code, hint, message } = error;
  const status = code === "WSCTL_ETIMEOUT" ? 504 : code === "WSCTL_EUSAGE" ? 400 : 502;
  return { status, error: message, code, hint };
}

function bodyOf({ error, code, hint }: No): string {
  return `${JSON.stringify({ error, code, hint, by: "wsctl proxy" })}\n`;
}

/** Answers on a socket that has left HTTP, and ends it. */
export function sayNo(socket: Socket, no: No): void {
  const body = bodyOf(no);
  socket.on("error", () => {});
  // Unread, what the client still sends would turn the end into a reset, and lose the answer.
  socket.resume();
  const late = setTimeout(() => socket.destroy(), lingering).unref();
  socket.on("close", () => clearTimeout(late));
  socket.end(
    `HTTP/1.1 ${no.status} ${STATUS_CODES[no.status] ?? ""}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Answers a plain request. */
export function answerNo(response: ServerResponse, no: No): void {
  const body = bodyOf(no);
  response.writeHead(no.status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "close",
  });
  response.end(body);
}
