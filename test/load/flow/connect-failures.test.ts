/** Shows that a user's connection that does not open is counted by its reason, and by that alone. */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../src/scenario/plan.js";
import { refusingPort, startRaw, switching, type RawOptions } from "../../dial/raw-server.js";
import { startWsEcho } from "../../support/servers.js";
import { play, send, text } from "./stage.js";

type Connection = Partial<Plan["connection"]>;

/** What became of one user whose connection fails. */
async function failing(url: string, connection: Connection = {}): Promise<string[]> {
  const { totals, finished } = await play({ url, connection, flow: [send(text("x"))] });
  expect(finished.flow!.users).toEqual({ begun: 1, completed: 0, lost: 1, dropped: 0 });
  expect(totals["ws_sessions"]).toBeUndefined();
  return Object.entries(totals).flatMap(([key, count]) =>
    key.startsWith("ws_connect_failed")
      ? [`${key.slice("ws_connect_failed".length)} ${count}`]
      : [],
  );
}

const raw = async (options: RawOptions): Promise<string> => (await startRaw(options)).target.url;
const answering =
  (head: string) =>
  (socket: Socket): void =>
    void socket.end(head);

describe("a connection that does not open", () => {
  test.each<[string, () => Promise<string[]>]>([
    ["{reason:refused} 1", async () => failing(`ws://127.0.0.1:${await refusingPort()}/`)],
    ["{reason:status,status:503} 1", async () => failing((await startWsEcho({ refuse: 503 })).url)],
    ["{reason:closed} 1", async () => failing(await raw({ answer: (socket) => socket.end() }))],
    [
      "{reason:reset} 1",
      async () => failing(await raw({ answer: (socket) => socket.resetAndDestroy() })),
    ],
    ["{reason:timeout} 1", async () => failing(await raw({}), { handshakeTimeout: 60 })],
    [
      "{reason:handshake} 1",
      async () =>
        failing(
          await raw({
            answer: (socket, head) =>
              void socket.write(switching(head).replace(/Accept: .*/, "Accept: wrong")),
          }),
        ),
    ],
    [
      "{reason:handshake} 1",
      async () => failing(await raw({ answer: answering("no HTTP at all\r\n\r\n") })),
    ],
    [
      "{reason:tls} 1",
      async () =>
        failing(
          await raw({
            scheme: "wss",
            connected: (socket) => socket.on("data", () => socket.end("plain text, alas")),
          }),
        ),
    ],
    // An address of nobody's own (RFC 5737): no port can be had there.
    [
      "{reason:ports} 1",
      async () => failing((await startWsEcho()).url, { localAddress: ["192.0.2.1"] }),
    ],
    [
      "{reason:proxy} 1",
      async () =>
        failing("ws://127.0.0.1:9/", {
          route: { proxies: [`http://127.0.0.1:${await refusingPort()}`] },
        }),
    ],
  ])("%s", async (counted, fail) => {
    expect(await fail()).toEqual([counted]);
  });
});

test("a request that cannot be made is a reason of its own, and nobody is dialled", async () => {
  const server = await startRaw({
    answer: (socket, head) => void socket.write(switching(head)),
  });
  const capture = {
    name: "c",
    kind: "capture",
    captures: [{ json: "$.token", as: "token" }],
  } as const;
  const { totals, finished } = await play({
    url: server.target.url,
    users: 2,
    connection: { headers: [["authorization", "Bearer {{ token }}"]] },
    flow: [capture],
    plan: { reconnect: { kind: "fixed", base: 5, attempts: 2 } },
  });
  expect(totals["ws_connect_failed{reason:request}"]).toBe(6);
  expect(finished.errors).toMatchObject([
    { what: "connection failed: its request", count: 6, example: "token has no value yet" },
  ]);
  expect(server.sockets).toHaveLength(0);
});
