/** Owns the servers that the tests of the program misbehave with: sockets, and bytes by hand. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { afterEach } from "vitest";

/** A server on a free loopback port, or on a socket file, and then of no port and URL; closed after the test. */
export interface RawServer {
  readonly url: string;
  readonly port: number;
  /** The request heads so far, as latin1. */
  readonly heads: readonly string[];
}

/** What a server does with a client. */
export interface RawBehaviour {
  /** What it answers the upgrade with, one byte a character; a right 101 unless told, nothing for undefined. */
  readonly answer?: (head: string) => string | undefined;
  /** Called once the answer is written. */
  readonly upgraded?: (socket: Socket) => void;
  /** The address it listens on, 127.0.0.1 unless told; or the path of a socket file. */
  readonly at?: string;
}

const running: { server: net.Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
});

/** Starts a server that reads a request head, answers it, and then does as it is told. */
export async function startRaw(behaviour: RawBehaviour = {}): Promise<RawServer> {
  const { answer = switching, upgraded, at = "127.0.0.1" } = behaviour;
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    let head = "";
    const read = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n") + 4;
      if (end < 4) return;
      socket.off("data", read);
      heads.push(head.slice(0, end));
      const answered = answer(head.slice(0, end));
      if (answered === undefined) return;
      socket.write(answered, "latin1");
      upgraded?.(socket);
      if (head.length > end) socket.emit("data", Buffer.from(head.slice(end), "latin1"));
    };
    socket.on("data", read);
  });
  if (at.startsWith("/")) server.listen(at);
  else server.listen(0, at);
  await once(server, "listening");
  running.push({ server, sockets });
  const address = server.address();
  const port = typeof address === "object" ? address!.port : 0;
  return { url: `ws://127.0.0.1:${port}/`, port, heads };
}

/** The head of a right 101 to that request, with further header lines. */
export function switching(head: string, ...further: readonly string[]): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? "";
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept.digest("base64")}`,
    ...further,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** An unmasked frame as a server sends it; the payload has at most 125 bytes. */
export function frame(opcode: number, payload: string | Buffer = ""): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.of(0x80 | opcode, bytes.length), bytes]);
}

/** Calls `message` for each whole masked frame of a client, all shorter than 126 bytes. */
export function onFrames(socket: Socket, message: (opcode: number, payload: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 6) {
      const end = 6 + (rest[1]! & 0x7f);
      if (rest.length < end) return;
      const mask = rest.subarray(2, 6);
      message(
        rest[0]! & 0x0f,
        Buffer.from(rest.subarray(6, end).map((byte, i) => byte ^ mask[i % 4]!)),
      );
      rest = rest.subarray(end);
    }
  });
}

/** Answers a close frame in kind and closes TCP, as a server should. */
export function closeInKind(socket: Socket, opcode: number, payload: Buffer): boolean {
  if (opcode !== 8) return false;
  socket.end(frame(8, payload.subarray(0, 2)));
  return true;
}

/** A port that nothing listens on. */
export async function refusingPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
