/** Owns the app that the tests of origins attack: it knows a cookie, and looks at Origin as it is told. */
import {
  closeInKind,
  frame,
  onFrames,
  type RawServer,
  startRaw,
  switching,
} from "../../e2e/raw-server.js";

/** How the app is made. */
export interface CookieApp {
  /** Whether an Origin is let in; undefined for none. Everybody unless told. */
  readonly allows?: (origin: string | undefined, head: string) => boolean;
  /** Who is logged in; whoever has the session's cookie unless told. */
  readonly knows?: (head: string) => boolean;
  /** Further header lines of the 101. */
  readonly lines?: readonly string[];
  /** Refuses after the 101, with this close code. */
  readonly late?: number;
  /** Sends a message before the late refusal. */
  readonly talks?: boolean;
}

/** The values of a header in a head. */
export function valuesOf(head: string, name: string): string[] {
  return head
    .split("\r\n")
    .filter((line) => line.toLowerCase().startsWith(`${name}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

const forbidden = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

function hasSession(head: string): boolean {
  return valuesOf(head, "cookie").join().includes("sid=alice");
}

/** Starts the app. Its session cookie is sid=alice. */
export async function startCookieApp(app: CookieApp = {}): Promise<RawServer> {
  const { allows = () => true, knows = hasSession, lines = [], late, talks = false } = app;
  let isLate = false;
  return startRaw({
    answer: (head) => {
      const origins = valuesOf(head, "origin");
      const origin = origins.length === 0 ? undefined : origins.join(", ");
      const isAllowed = knows(head) && allows(origin, head);
      isLate = !isAllowed && late !== undefined;
      return isAllowed || isLate ? switching(head, ...lines) : forbidden;
    },
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
      if (!isLate) return;
      if (talks) socket.write(frame(1, '{"balance":100}'));
      const code = Buffer.alloc(2);
      code.writeUInt16BE(late ?? 1008);
      socket.end(frame(8, code));
    },
  });
}
