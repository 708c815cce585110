/** Owns the server that the tests of tokens ask: it lets in what its guard says. */
import { createHmac } from "node:crypto";
import {
  closeInKind,
  frame,
  onFrames,
  type RawServer,
  startRaw,
  switching,
} from "../../e2e/raw-server.js";

/** What a guard says of a head: in, out with that status, 101 and then 1008, or nothing at all. */
export type Sentence = "in" | "late" | "hang" | number;

/** Starts the server; `lines` are further ones of the 101. */
export async function startGuarded(
  guard: (head: string) => Sentence,
  lines: (head: string) => readonly string[] = () => [],
): Promise<RawServer> {
  let isLate = false;
  return startRaw({
    answer: (head) => {
      const sentence = guard(head);
      isLate = sentence === "late";
      if (sentence === "hang") return undefined;
      if (typeof sentence === "number") {
        return `HTTP/1.1 ${sentence} No\r\nContent-Length: 0\r\n\r\n`;
      }
      return switching(head, ...lines(head));
    },
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
      if (isLate) socket.end(frame(8, Buffer.from([0x03, 0xf0])));
    },
  });
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signatureOf(signed: string): string {
  return createHmac("sha256", "the key of the tests").update(signed).digest("base64url");
}

/** A token of alice, signed; expired where that is wanted. */
export function tokenOf({ isExpired = false } = {}): string {
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "alice", exp: isExpired ? 1 : 4e9 })}`;
  return `${signed}.${signatureOf(signed)}`;
}

/** What is looked at in a token. */
export interface Verifying {
  readonly signature?: boolean;
  readonly expiry?: boolean;
  /** Takes a token that says it is not signed. */
  readonly none?: boolean;
}

/** Whether a token passes; all of it is looked at unless told. */
export function verifies(
  token: string | undefined,
  { signature = true, expiry = true, none = false }: Verifying = {},
): boolean {
  const [header = "", payload = "", given = ""] = token?.split(".") ?? [];
  try {
    const { alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as { alg: string };
    const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { exp: number };
    if (expiry && exp * 1000 < Date.now()) return false;
    if (none && alg === "none") return true;
    return !signature || given === signatureOf(`${header}.${payload}`);
  } catch {
    return false;
  }
}
