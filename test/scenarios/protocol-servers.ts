/** Owns the servers that the scenarios of protocols are played against. */
import { once } from "node:events";
import http from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { buildSchema as BuildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { startWsEcho, type WsEcho } from "../support/servers.js";

/** A server that listens. */
interface Listening extends AsyncDisposable {
  readonly url: string;
}

// The copy that graphql-ws itself is given by Node: a schema of another copy is refused.
const { buildSchema } = createRequire(import.meta.url)("graphql") as {
  buildSchema: typeof BuildSchema;
};

/** The server of graphql-ws, with a query, and a subscription that counts; it pings whoever comes. */
export async function startGraphql(): Promise<Listening> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const schema = buildSchema("type Query { hello: String } type Subscription { count: Int }");
  const subscription = {
    async *count() {
      for (let count = 1; count <= 3; count++) yield await Promise.resolve({ count });
    },
  };
  const service = useServer(
    { schema, roots: { query: { hello: () => "hi" }, subscription } },
    server,
  );
  // Either side may ping, at any time.
  server.on("connection", (socket) => socket.send('{"type":"ping"}'));
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/graphql`,
    [Symbol.asyncDispose]: async () => {
      await service.dispose();
    },
  };
}

/** A server of Socket.IO. */
export interface SocketIo extends Listening {
  /** Why it hung up on clients. */
  readonly lost: readonly string[];
}

/** The server of socket.io, which answers sums with what `sum` says, and pings often. */
export async function startSocketIo(sum: (a: number, b: number) => number): Promise<SocketIo> {
  const server = http.createServer();
  const io = new Server(server, { pingInterval: 200, pingTimeout: 5000 });
  const lost: string[] = [];
  io.on("connection", (socket) => {
    socket.on("sum", (a: number, b: number, done: (sum: number) => void) => done(sum(a, b)));
    socket.on("message", (text: string) => socket.emit("message", text));
    socket.on("disconnect", (reason) => {
      if (reason === "ping timeout" || reason === "parse error") lost.push(reason);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
    lost,
    [Symbol.asyncDispose]: async () => {
      await io.close();
    },
  };
}

/** A server with members. */
export interface Members extends WsEcho {
  /** Who logged in, in that order. */
  readonly welcomed: readonly string[];
}

/** A server that lets in who knows the password, and then listens to the token it gave alone. */
export async function startMembers(passwords: ReadonlyMap<string, string>): Promise<Members> {
  const server = await startWsEcho();
  const welcomed: string[] = [];
  server.wss.on("connection", (socket) => {
    socket.removeAllListeners("message");
    let expected: string | undefined;
    socket.on("message", (data) => {
      const request = JSON.parse((data as Buffer).toString()) as Record<string, string>;
      const { id, op, user = "", password, token, topic } = request;
      const say = (reply: object): void => socket.send(JSON.stringify(reply));
      if (op === "login" && passwords.get(user) === password) {
        welcomed.push(user);
        expected = `${user}:${Math.random()}`;
        say({ id, op: "welcome", token: expected });
      } else if (op === "login" || token === undefined || token !== expected) {
        say({ id, op: "denied" });
      } else if (op === "subscribe") {
        say({ id, op: "subscribed" });
        say({ op: "news", topic, text: "something happened" });
      } else {
        say({ id, op: "published" });
      }
    });
  });
  return { ...server, welcomed };
}
