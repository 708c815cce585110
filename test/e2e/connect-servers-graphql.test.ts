/** Shows `wsctl connect --lens graphql` against the server of graphql-ws. */
import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { buildSchema as BuildSchema } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { runWsctl } from "../support/wsctl.js";
import { eventsOf, typed } from "./connect-run.js";

// The copy that graphql-ws itself is given by Node: a schema of another copy is refused.
const { buildSchema } = createRequire(import.meta.url)("graphql") as {
  buildSchema: typeof BuildSchema;
};

const schema = buildSchema(`
  type Query { hello(name: String): String }
  type Subscription { count(to: Int!): Int }
`);

const roots = {
  query: { hello: ({ name }: { name: string }) => `hi ${name}` },
  subscription: {
    async *count({ to }: { to: number }) {
      for (let count = 1; count <= to; count++) yield await Promise.resolve({ count });
    },
  },
};

let url = "";
let service: ReturnType<typeof useServer>;
beforeAll(async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  service = useServer({ schema, roots }, server);
  await once(server, "listening");
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => service.dispose());

const flags = (): string[] => [url, "-s", "graphql-transport-ws", "--lens", "graphql"];

/** A subscription may only follow the acknowledgement. */
const subscribing = [
  "-x",
  'connection_init {"token":"t"}',
  "--auto-reply",
  '$.type == "connection_ack" => subscription { count(to: 2) }',
  "--until",
  '$.type == "complete"',
];

test("a pipe initialises, subscribes once it may, and ends with the subscription", async () => {
  const args = ["connect", ...flags(), ...subscribing, "--json"];
  const { code, stdout, stderr } = await runWsctl(args);
  expect([code, stderr]).toEqual([0, ""]);
  const events = eventsOf({ stdout });
  expect(events[1]).toMatchObject({ event: "open", subprotocol: "graphql-transport-ws" });
  const messages = events.filter(({ event }) => event === "message");
  expect(messages.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
  const views = messages.map(({ lens }) => lens as { kind: string; title: string; body: unknown });
  expect(views.map(({ title }) => title.replace(/ \(.*s\)$/, ""))).toEqual([
    "→ connection_init",
    "← connection_ack",
    "→ subscribe #1 subscription { count(to: 2) }",
    "← next #1",
    "← next #1",
    "← complete #1",
  ]);
  expect(views[1]!.title).toMatch(/ \(.*s\)$/);
  expect(views).toMatchObject([
    { kind: "request", body: { token: "t" } },
    { kind: "response" },
    { kind: "request", body: { query: "subscription { count(to: 2) }" } },
    { kind: "response", body: { data: { count: 1 } } },
    { kind: "response", body: { data: { count: 2 } } },
    { kind: "control" },
  ]);
});

test("without --json whole results come out, and the end, and nothing else", async () => {
  const { code, stdout } = await runWsctl(["connect", ...flags(), ...subscribing]);
  expect(code).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { id: "1", type: "next", payload: { data: { count: 1 } } },
    { id: "1", type: "next", payload: { data: { count: 2 } } },
    { id: "1", type: "complete" },
  ]);
});

test("one who asks before the server has agreed is told of the close code", async () => {
  const args = ["connect", ...flags(), "-x", "{ hello }"];
  const { code, stderr } = await runWsctl(args);
  expect([code, stderr]).toEqual([5, expect.stringMatching(/4401[^]*Unauthorized/)]);
});

test("at the prompt the lens comes with the subprotocol, and answers are matched", async () => {
  const { code, stdout } = await typed(
    [url, "-s", "graphql-transport-ws", "--no-history"],
    [
      [/ open /, "connection_init\r"],
      [/← connection_ack \(/, 'query Hi($n: String) { hello(name: $n) } {"n":"Ada"}\r'],
      [/← complete #1/, "\x04"],
    ],
  );
  expect(code).toBe(0);
  expect(stdout).toContain("→ subscribe #1");
  expect(stdout).toContain("← next #1 (");
  expect(stdout).toContain("hi Ada");
});
