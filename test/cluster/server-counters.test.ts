/** Shows that a server's own counts are asked for on this machine only, and that none can hurt us. */
import { once } from "node:events";
import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { isLoopback } from "../../src/dial/loopback.js";
import { resultOf, type RunEnd } from "../../src/cluster/result.js";
import { Gates } from "../../src/cluster/gates.js";
import { compareWithServers } from "../../src/cluster/server-counters.js";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { planOf } from "../scenario/flags.js";

const running: http.Server[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

/** A control port that answers like this; its address, and what was asked. */
async function controlPort(
  answer: RequestListener,
): Promise<{ control: string; asked: string[]; port: number }> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push(server);
  const { port } = server.address() as AddressInfo;
  return { control: `http://127.0.0.1:${port}`, asked, port };
}

const totals = { ws_msgs_sent: 100, ws_msgs_received: 99 };

const telling =
  (body: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };

test("both sides' counts are held against each other", async () => {
  const { control, asked } = await controlPort(telling({ messages: { received: 100, sent: 99 } }));
  expect(await compareWithServers([control], "run 1/ü", totals)).toEqual({
    source: `${control}/stats?run=run%201%2F%C3%BC`,
    sentByUs: 100,
    receivedByServer: 100,
    sentByServer: 99,
    receivedByUs: 99,
    equal: true,
  });
  expect(asked).toEqual(["/stats?run=run%201%2F%C3%BC"]);
});

test("of a fleet's nodes the counts are added up, and without one of them there is nothing to compare", async () => {
  const [a, b] = [
    await controlPort(telling({ messages: { received: 60, sent: 90 } })),
    await controlPort(telling({ messages: { received: 40, sent: 9, dropped: 1 } })),
  ];
  const both = [a.control, b.control];
  expect(await compareWithServers(both, "r", totals)).toMatchObject({
    source: `${a.control}/stats?run=r ${b.control}/stats?run=r`,
    receivedByServer: 100,
    sentByServer: 99,
    dropped: 1,
    equal: true,
  });
  const dead = await controlPort(telling({}, 500));
  expect(await compareWithServers([...both, dead.control], "r", totals)).toBeUndefined();
  // Some connections led to a server that names no control port.
  expect(await compareWithServers([...both, ""], "r", totals)).toBeUndefined();
  expect(await compareWithServers([], "r", totals)).toBeUndefined();
  const many = Array.from({ length: 17 }, () => a.control);
  expect(await compareWithServers(many, "r", totals)).toBeUndefined();
});

test.each([
  [101, 99],
  [100, 98],
  [0, 0],
])("a server that counted %d received and %d sent disagrees", async (received, sent) => {
  const { control } = await controlPort(telling({ messages: { received, sent } }));
  expect(await compareWithServers([control], "r", totals)).toMatchObject({ equal: false });
});

test("what was under way on connections that we cut is told of, and is no error", async () => {
  const { control } = await controlPort(telling({ messages: { received: 97, sent: 101 } }));
  const cut = {
    "ws_msg_unconfirmed{by:client,cause:dropped}": 3,
    "ws_close{by:client,cause:dropped,code:1006}": 2,
  };
  const compared = await compareWithServers([control], "r", { ...totals, ...cut });
  expect(compared).toMatchObject({ equal: false, explained: true });
  expect(compared!.detail).toMatch(
    /^3 of ours .* our own events and profiles\); 2 of the server's/,
  );
  expect(await compareWithServers([control], "r", totals)).toMatchObject({
    equal: false,
    explained: false,
    detail: undefined,
  });
});

test("a run that sent nothing agrees with a server that heard nothing", async () => {
  const { control } = await controlPort(telling({ messages: { received: 0, sent: 0 } }));
  expect(await compareWithServers([control], "r", {})).toMatchObject({ equal: true });
});

describe("an answer that tells nothing is no answer", () => {
  test.each<[string, unknown]>([
    ["no JSON", "<html>"],
    ["nothing", ""],
    ["null", "null"],
    ["a number", "7"],
    ["a list", "[]"],
    ["other fields", { connections: 7 }],
    ["null for messages", { messages: null }],
    ["half of it", { messages: { received: 1 } }],
    ["text for numbers", { messages: { received: "100", sent: "99" } }],
    ["a prototype", '{"messages":{"__proto__":{"received":1,"sent":1}}}'],
  ])("%s", async (_what, body) => {
    const { control } = await controlPort(telling(body));
    expect(await compareWithServers([control], "r", totals)).toBeUndefined();
  });

  test.each([404, 500, 204, 301])("with status %d", async (status) => {
    const body = status === 204 ? "" : { messages: { received: 100, sent: 99 } };
    const { control } = await controlPort(telling(body, status));
    expect(await compareWithServers([control], "r", totals)).toBeUndefined();
  });

  test("cut off in the middle", async () => {
    const { control } = await controlPort((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"messages":');
      setImmediate(() => response.destroy());
    });
    expect(await compareWithServers([control], "r", totals)).toBeUndefined();
  });

  test("without an end: it is given up after a megabyte, not kept", async () => {
    let written = 0;
    const { control } = await controlPort((_request, response) => {
      response.on("error", () => {});
      const chunk = " ".repeat(64 * 1024);
      const more = (): void => {
        while (!response.destroyed && written < 500 * chunk.length) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
      };
      more();
    });
    expect(await compareWithServers([control], "r", totals)).toBeUndefined();
    expect(written).toBeLessThan(500 * 64 * 1024);
  });

  test("from nobody", async () => {
    const { control } = await controlPort(telling({}));
    const server = running.pop()!;
    server.close();
    await once(server, "close");
    expect(await compareWithServers([control], "r", totals)).toBeUndefined();
  });
});

test("an answer that trickles in for ever is not waited for", async () => {
  const timers: NodeJS.Timeout[] = [];
  const { control } = await controlPort((_request, response) => {
    response.on("error", () => {});
    response.writeHead(200);
    timers.push(setInterval(() => void response.write(" "), 50));
  });
  expect(await compareWithServers([control], "r", totals)).toBeUndefined();
  for (const timer of timers) clearInterval(timer);
});

describe("a server that names its control port", () => {
  const end = (targets: readonly string[], control: string): RunEnd => ({
    run: "r",
    scenario: undefined,
    plan: planOf({ targets }),
    pacing: { pacer: "timer" },
    env: { wsctl: "0", node: "20", os: "linux", cpu: "x", cores: 4 },
    startedAt: new Date(0),
    took: 1,
    workers: 1,
    merged: new Accumulator(),
    gates: new Gates([]),
    opened: [{ opened: 1, handshake: undefined, controls: [control], failure: undefined }],
    finished: [],
    lost: [],
    holes: 0,
    began: false,
    interrupted: false,
  });

  test("on this machine is asked", async () => {
    const { control } = await controlPort(telling({ messages: { received: 0, sent: 0 } }));
    const { conservation } = await resultOf(end(["ws://127.0.0.1:1/"], control));
    expect(conservation.server).toMatchObject({ equal: true });
  });

  test("beside others is not: each has counted a part only", async () => {
    const { control, asked } = await controlPort(telling({ messages: { received: 0, sent: 0 } }));
    const targets = ["ws://127.0.0.1:1/", "ws://127.0.0.1:2/"];
    const { conservation } = await resultOf(end(targets, control));
    expect([conservation.server, asked]).toEqual([undefined, []]);
  });

  test.each(["ws://example.test/", "wss://192.0.2.1/"])(
    "from elsewhere (%s) cannot send us to a port of this machine",
    async (target) => {
      const { control, asked } = await controlPort(telling({ messages: { received: 0, sent: 0 } }));
      const { conservation } = await resultOf(end([target], control));
      expect([conservation.server, asked]).toEqual([undefined, []]);
    },
  );
});

describe("only this machine is asked", () => {
  test.each([
    "http://192.0.2.1:80",
    "http://example.com",
    "http://127.0.0.1.example.com",
    "http://127.0.0.1@192.0.2.1",
    "http://0.0.0.0:1",
    "http://[::ffff:192.0.2.1]:80",
    "https://127.0.0.1:1",
    "file:///etc/passwd",
    "ftp://127.0.0.1/",
    "javascript:alert(1)//127.0.0.1",
    "",
    "127.0.0.1:80",
    "//127.0.0.1",
    "http://127.0.0.1:99999",
    "\u001b[2J",
  ])("%j is not", async (control) => {
    expect(await compareWithServers([control], "r", totals)).toBeUndefined();
  });

  test.each([
    ["127.0.0.1", true],
    ["127.8.9.1", true],
    ["localhost", true],
    ["::1", true],
    ["[::1]", true],
    ["128.0.0.1", false],
    ["localhost.example.com", false],
    ["127.0.0.1.nip.io", false],
    ["::ffff:127.0.0.1", false],
    ["", false],
  ])("%j is on this machine: %s", (host, here) => {
    expect(isLoopback(host)).toBe(here);
  });
});
