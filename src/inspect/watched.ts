/** Owns how an open WebSocket is watched: what it says by itself, and how it takes a ping. */
import type { OpenSocket } from "./open-socket.js";

/** Milliseconds for what a server says by itself, before a ping asks it. */
const pingAfter = 150;
/** Milliseconds that the answer to a ping may be on its way, when the watch is over. */
const mostOnTheWay = 2000;

/** How to watch. */
interface Watch {
  readonly isPinged: boolean;
  /** For so many milliseconds. */
  readonly ms: number;
  /** Milliseconds that an answer of this server takes. */
  readonly late: number;
}

/** Listens for so long, or to the end; a ping goes out on the way. */
export async function watched(
  socket: OpenSocket,
  { isPinged, ms, late }: Watch,
  signal: AbortSignal,
): Promise<void> {
  const alone = isPinged ? Math.min(pingAfter, ms / 2) : 0;
  if (isPinged) {
    await socket.until(() => false, alone, signal);
    if (!signal.aborted) socket.ping();
  }
  await socket.until(() => false, ms - alone, signal);
  const { pingedAt, pongAt } = socket.heard;
  if (pingedAt === undefined || pongAt !== undefined) return;
  // Of a server far away the answer may be on its way still.
  await socket.until((heard) => heard.pongAt !== undefined, Math.min(late, mostOnTheWay), signal);
}
