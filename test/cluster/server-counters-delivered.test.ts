/** Shows what is made of a server's own counters, whatever it answers. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { compareWithServers } from "../../src/cluster/server-counters.js";

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A control port that answers with this. */
async function control(body: string, status = 200): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  closers.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ours = { ws_msgs_sent: 10, ws_msgs_received: 8 };

test("what was received is held against what really left", async () => {
  const stats = { messages: { received: 10, sent: 10, delivered: 8 } };
  expect(await compareWithServers([await control(JSON.stringify(stats))], "r", ours)).toMatchObject(
    {
      receivedByServer: 10,
      sentByServer: 8,
      equal: true,
    },
  );
});

test("a server that tells no deliveries is held to what it sent", async () => {
  const stats = { messages: { received: 10, sent: 9 } };
  expect(await compareWithServers([await control(JSON.stringify(stats))], "r", ours)).toMatchObject(
    {
      sentByServer: 9,
      equal: false,
    },
  );
});

test.each([
  ["", 200],
  ["null", 200],
  ["{}", 200],
  ['{"messages":null}', 200],
  ['{"messages":{"received":"10","sent":8}}', 200],
  ['{"messages":{"received":10,"sent":10,"delivered":"8"}}', 200],
  ['{"messages":{"received":10,"sent":8}}', 404],
])("%s with status %i says nothing", async (body, status) => {
  expect(await compareWithServers([await control(body, status)], "r", ours)).toBeUndefined();
});
