/** Holds the lens graphql against the server of graphql-ws, through a client that only knows WebSocket. */
import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { buildSchema as BuildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { afterEach, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { graphql } from "../../src/lens/graphql.js";
import { Watched } from "./watched.js";

// The copy that graphql-ws itself is given by Node: a schema of another copy is refused.
const { buildSchema } = createRequire(import.meta.url)("graphql") as {
  buildSchema: typeof BuildSchema;
};

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const schema = buildSchema(`
  type Query { hello(name: String): String, boom: String }
  type Subscription { count: Int }
`);

const roots = {
  query: {
    hello: ({ name }: { name?: string }) => `hi ${name ?? "you"}`,
    boom: () => {
      throw new Error("boom");
    },
  },
  subscription: {
    async *count() {
      for (let count = 1; count <= 3; count++) yield await Promise.resolve({ count });
    },
  },
};

async function connected(): Promise<Watched> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const service = useServer({ schema, roots }, server, 50);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new Watched(graphql, `ws://127.0.0.1:${port}/`);
  closing.push(async () => {
    client.close();
    await service.dispose();
  });
  await client.opened();
  client.say("connection_init");
  expect(await client.seen("← connection_ack")).toMatchObject({ reply: { to: "connection_init" } });
  return client;
}

test("asks with variables and matches the result", async () => {
  const client = await connected();
  client.say('query Hi($n: String) { hello(name: $n) } {"n":"Ada"}');
  expect(await client.seen("← next #1")).toMatchObject({
    kind: "response",
    reply: { to: "subscribe #1" },
    body: { data: { hello: "hi Ada" } },
  });
  expect(await client.seen("← complete #1")).toMatchObject({ reply: { to: "subscribe #1" } });
});

test("matches every result of a subscription", async () => {
  const client = await connected();
  client.say("subscription { count }");
  for (const count of [1, 2, 3]) {
    expect((await client.seen("← next #1")).body).toEqual({ data: { count } });
  }
  expect(await client.seen("← complete #1")).toMatchObject({ kind: "control" });
});

test("tells both kinds of errors", async () => {
  const client = await connected();
  client.say("{ nope }");
  expect(await client.seen("← error #1: Cannot query field")).toMatchObject({ kind: "error" });
  client.say("{ boom }");
  expect(await client.seen("← next #2 with 1 error: boom")).toMatchObject({
    kind: "error",
    body: { data: { boom: null } },
  });
});

test("times the ping of the protocol", async () => {
  const client = await connected();
  client.say("ping");
  expect(await client.seen("← pong")).toMatchObject({ reply: { to: "ping" } });
});
