/** Owns the proxies that the tests of dial/ go through: HTTP CONNECT and SOCKS5, written by hand. */
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import tls from "node:tls";
import { afterEach } from "vitest";

/** A proxy on a free loopback port; closed after the test. */
export interface TestProxy {
  readonly port: number;
  /** What was asked for so far: heads of CONNECT as latin1, or `host:port` of SOCKS. */
  readonly asked: readonly string[];
  readonly sockets: readonly Socket[];
}

/** How an HTTP proxy behaves. */
export interface HttpProxyOptions {
  readonly tls?: tls.TlsOptions;
  /** The whole answer in place of a tunnel; "" to stay silent, undefined for the tunnel. */
  readonly answer?: (head: string) => string | undefined;
  /** Where every tunnel leads, whatever was asked for. */
  readonly to: number;
  /** Cuts the connection in place of an answer. */
  readonly cuts?: boolean;
}

const running: { server: net.Server; sockets: Socket[] }[] = [];

afterEach(async () => {
  for (const { server, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  }
});

async function listen(server: net.Server, sockets: Socket[]): Promise<number> {
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    sockets.push(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push({ server, sockets });
  return (server.address() as AddressInfo).port;
}

function join(client: Socket, port: number, sockets: Socket[], greeting: Buffer): void {
  const upstream = net.connect(port, "127.0.0.1");
  sockets.push(upstream);
  upstream.on("error", () => client.destroy());
  upstream.on("close", () => client.destroy());
  client.on("close", () => upstream.destroy());
  upstream.once("connect", () => {
    client.write(greeting);
    client.pipe(upstream);
    upstream.pipe(client);
  });
}

export async function startHttpProxy(options: HttpProxyOptions): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const onSocket = (client: Socket) => {
    client.on("error", () => client.destroy());
    let head = "";
    const onData = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      client.off("data", onData);
      asked.push(head);
      if (options.cuts) client.destroy();
      const answer = options.answer?.(head);
      if (answer !== undefined) client.write(answer);
      else join(client, options.to, sockets, Buffer.from("HTTP/1.1 200 OK\r\nVia: test\r\n\r\n"));
    };
    client.on("data", onData);
  };
  const server = options.tls
    ? tls.createServer(options.tls, onSocket).on("tlsClientError", () => {})
    : net.createServer(onSocket);
  return { port: await listen(server, sockets), asked, sockets };
}

/** How a SOCKS5 proxy behaves. */
export interface SocksProxyOptions {
  readonly to: number;
  /** `user:password` that it wants. */
  readonly wants?: string;
  /** REP of the answer (RFC 1928 §6); 0 unless told. */
  readonly reply?: number;
  /** Says nothing at all. */
  readonly silent?: boolean;
  /** Bytes that come in one piece with the answer, before the tunnel's own. */
  readonly glued?: string;
}

/** Collects bytes until there are enough, and hands them out. */
async function* piecewise(socket: Socket): AsyncGenerator<Buffer, void, number> {
  let kept: Buffer = Buffer.alloc(0);
  let wanted = yield kept;
  for (;;) {
    while (kept.length < wanted) {
      const chunk = socket.read() as Buffer | null;
      if (chunk) kept = Buffer.concat([kept, chunk]);
      else await once(socket, "readable");
      if (socket.destroyed) return;
    }
    const piece = kept.subarray(0, wanted);
    kept = kept.subarray(wanted);
    wanted = yield piece;
  }
}

async function serveSocks(
  client: Socket,
  options: SocksProxyOptions,
  asked: string[],
  sockets: Socket[],
): Promise<void> {
  const pieces = piecewise(client);
  await pieces.next(0);
  const read = async (length: number): Promise<Buffer> =>
    (await pieces.next(length)).value ?? Buffer.alloc(length);
  const [, methodCount = 0] = await read(2);
  const methods = await read(methodCount);
  if (options.silent) return;
  if (options.wants === undefined) {
    client.write(Buffer.from([5, 0]));
  } else if (methods.includes(2)) {
    client.write(Buffer.from([5, 2]));
    const [, userLength = 0] = await read(2);
    const user = (await read(userLength)).toString();
    const [passwordLength = 0] = await read(1);
    const password = (await read(passwordLength)).toString();
    const isRight = `${user}:${password}` === options.wants;
    client.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) return;
  } else {
    client.write(Buffer.from([5, 0xff]));
    return;
  }
  const [, , , kind = 0] = await read(4);
  let host = "";
  if (kind === 1) host = [...(await read(4))].join(".");
  else if (kind === 4) host = (await read(16)).toString("hex");
  else host = (await read((await read(1))[0] ?? 0)).toString();
  asked.push(`${host}:${(await read(2)).readUInt16BE()}`);
  const answer = Buffer.from([5, options.reply ?? 0, 0, 1, 127, 0, 0, 1, 0, 0]);
  if (options.reply) client.write(answer);
  else join(client, options.to, sockets, Buffer.concat([answer, Buffer.from(options.glued ?? "")]));
}

export async function startSocksProxy(options: SocksProxyOptions): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets: Socket[] = [];
  const server = net.createServer((client) => {
    serveSocks(client, options, asked, sockets).catch(() => client.destroy());
  });
  return { port: await listen(server, sockets), asked, sockets };
}
