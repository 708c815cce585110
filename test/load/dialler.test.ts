/** Shows what a worker learns from each dial, and that the first frame is counted once. */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { Dialler } from "../../src/load/dialler.js";
import { Fleet } from "../../src/load/fleet.js";
import { Meter } from "../../src/load/meter.js";
import { Rig } from "../../src/load/rig.js";
import { parseMetricSelector } from "../../src/metrics/metric-selector.js";
import { checkTagValues } from "../../src/metrics/tag-values.js";
import type { LoadFlags } from "../../src/scenario/from-flags.js";
import { cut } from "../../src/scenario/shard.js";
import { refusingPort, startRaw, switching, valueOf } from "../dial/raw-server.js";
import { makeCertificates } from "../support/certificates.js";
import { planOf, texts, usualFlags } from "../scenario/flags.js";
import { frame, openLink, ServerEar, until } from "./pair.js";

function diallerTo(
  urls: readonly string[],
  flags: Partial<LoadFlags> = {},
  signal = new AbortController().signal,
): { dialler: Dialler; rig: Rig; fleet: Fleet } {
  const plan = planOf({ targets: urls, ...flags });
  const rig = new Rig(plan, new Meter(0), (link) => fleet.ended(link));
  const fleet = new Fleet(plan.connections, rig);
  return { dialler: new Dialler(plan, "run-7", rig.meter, signal), rig, fleet };
}

const countersOf = (rig: Rig): Record<string, number> => ({
  ...rig.meter.cut(1, 1000, {}).counters,
});

test("a frame that comes with the 101 is counted once, and so is a part of one", async () => {
  const greeting = Buffer.concat([frame(1, "hello"), frame(1, "again")]);
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(Buffer.concat([Buffer.from(switching(head)), greeting.subarray(0, 9)]));
      setImmediate(() => socket.write(greeting.subarray(9)));
    },
  });
  const { dialler, rig } = diallerTo([server.target.url]);
  await openLink(dialler, rig, 0);
  await until(() => rig.meter.hot.ws_msgs_received === 2);
  expect(rig.meter.hot.ws_bytes_received).toBe(greeting.length);
  expect(rig.meter.hot).toMatchObject({ ws_payload_received: 10, ws_msg_unmatched: 2 });
});

test("a close frame that comes with the 101 is obeyed: no first message follows", async () => {
  const ear = new ServerEar();
  const server = await startRaw({
    answer: (socket, head) => {
      socket.on("data", (bytes: Buffer) => ear.feed(bytes));
      socket.end(Buffer.concat([Buffer.from(switching(head)), frame(8, Buffer.of(3, 0xe9))]));
    },
  });
  const { dialler, rig } = diallerTo([server.target.url], { firstMessages: texts("hi") });
  const link = await openLink(dialler, rig, 0);
  await until(() => rig.meter.open === 0);
  expect(link!.open).toBe(false);
  await until(() => ear.said.length > 0);
  expect(ear.texts()).toEqual(["8:03e9"]);
  const counters = countersOf(rig);
  expect(counters).toMatchObject({ ws_sessions: 1, "ws_close{by:server,code:1001}": 1 });
  expect(counters["ws_msgs_sent"]).toBeUndefined();
});

test("first messages of different connections have different mask keys", async () => {
  const heard: Buffer[] = [];
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(switching(head));
      socket.once("data", (bytes: Buffer) => heard.push(bytes));
    },
  });
  const { dialler, rig } = diallerTo([server.target.url], { firstMessages: texts("join") });
  for (let index = 0; index < 8; index++) await openLink(dialler, rig, index);
  await until(() => heard.length === 8);
  const keys = heard.map((bytes) => bytes.toString("hex", 2, 6));
  expect(new Set(keys).size).toBe(8);
});

test("each dial sends the run's id and the plan's headers, and then the first messages", async () => {
  const ear = new ServerEar();
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(switching(head));
      socket.on("data", (bytes: Buffer) => ear.feed(bytes));
    },
  });
  const connection = { ...usualFlags.connection, headers: [["X-Tenant", "blue"]] as const };
  const { dialler, rig } = diallerTo([server.target.url], {
    connection,
    firstMessages: texts("hi"),
  });
  await openLink(dialler, rig, 0);
  await until(() => ear.said.length === 1);
  expect(ear.texts()).toEqual(["hi"]);
  const [head] = server.heads;
  expect([valueOf(head!, "wsctl-run"), valueOf(head!, "x-tenant")]).toEqual(["run-7", "blue"]);
  expect(dialler.opened).toBe(1);
  const { counters, gauges, trends } = rig.meter.cut(1, 1000, {});
  expect(counters).toMatchObject({ ws_sessions: 1, ws_msgs_sent: 1 });
  expect(gauges["ws_sessions_open"]).toBe(1);
  // An address needs no look-up, plain TCP no TLS: what did not take place is not recorded as 0.
  expect(Object.keys(trends).toSorted()).toEqual(["ws_connecting", "ws_tcp", "ws_upgrade"]);
});

test("what the first handshake said is kept, made harmless, as is the control address", async () => {
  const server = await startRaw({
    answer: (socket, head) => {
      const extra = "Server: evil\u009b2J\r\nWsctl-Control: http://127.0.0.1:9\r\n\r\n";
      socket.write(Buffer.from(switching(head).replace(/\r\n$/, extra), "latin1"));
    },
  });
  const { dialler, rig } = diallerTo([server.target.url]);
  await openLink(dialler, rig, 0);
  expect(dialler.controls).toEqual(["http://127.0.0.1:9"]);
  expect(dialler.handshake).toMatchObject({
    status: "HTTP/1.1 101 Switching Protocols",
    tls: undefined,
  });
  expect(dialler.handshake!.server).toMatch(/^evil/);
  expect(dialler.handshake!.server).not.toContain("\u009b");
});

test("credentials of an address go to that target, and to no other", async () => {
  const answer = (socket: Socket, head: string): void => void socket.write(switching(head));
  const servers = [await startRaw({ answer }), await startRaw({ answer })];
  const [secret, plain] = servers.map(({ target }) => target.url);
  const { dialler, rig } = diallerTo([secret!.replace("//", "//me:p%40ss@"), plain!]);
  for (const index of [0, 1, 2, 3]) await openLink(dialler, rig, index);
  const [own, others] = servers.map(({ heads }) =>
    heads.map((head) => valueOf(head, "authorization")),
  );
  expect(own).toEqual(Array.from({ length: 2 }, () => `Basic ${btoa("me:p@ss")}`));
  expect(others).toEqual(["", ""]);
});

test("connections take the targets in turn by their global index", async () => {
  const answer = (socket: Socket, head: string): void => void socket.write(switching(head));
  const servers = [await startRaw({ answer }), await startRaw({ answer })];
  const { dialler, rig } = diallerTo(servers.map(({ target }) => target.url));
  for (const index of [5, 6, 7]) await openLink(dialler, rig, index);
  expect(servers.map(({ heads }) => heads.length)).toEqual([1, 2]);
});

test("every pair of target and local address is used evenly, by the global index alone", async () => {
  const from = ["127.0.0.1-127.0.0.2", "127.0.0.3"];
  const froms = async (targets: number, workers: number): Promise<string[]> => {
    const servers = await Promise.all(Array.from({ length: targets }, () => startRaw({ answer })));
    const connection = { ...usualFlags.connection, localAddress: from };
    const { dialler, rig } = diallerTo(
      servers.map(({ target }) => target.url),
      { connection },
    );
    const pairs: string[] = [];
    for (const { from: first, to } of cut(4 * 3 * targets, workers)) {
      for (let index = first; index < to; index++) {
        const link = await dialler.dial(index, rig.meter);
        const { localAddress, remotePort } = link!.socket;
        const target = servers.findIndex((one) => one.target.port === remotePort);
        pairs.push(`${index}: ${localAddress} to ${target}`);
        link!.destroy();
      }
    }
    return pairs;
  };
  const answer = (socket: Socket, head: string): void => void socket.write(switching(head));
  for (const targets of [1, 2, 3]) {
    const pairs = await froms(targets, 1);
    const counts = new Map<string, number>();
    for (const pair of pairs.map((each) => each.replace(/^\d+: /, ""))) {
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    expect(counts.size).toBe(3 * targets);
    expect([...counts.values()].every((count) => count === 4)).toBe(true);
    // In whatever shards.
    expect(await froms(targets, 5)).toEqual(pairs);
  }
});

test("over TLS a server that never finishes the closing handshake is cut as well", async () => {
  const { ca, server: own } = await makeCertificates();
  const server = await startRaw({
    tls: { cert: own.cert, key: own.key },
    answer: (socket, head) => void socket.write(switching(head)),
  });
  const connection = { ...usualFlags.connection, tls: { ca: ca.cert } };
  const { dialler, rig, fleet } = diallerTo([server.target.url], { connection });
  fleet.links[0] = await openLink(dialler, rig, 0);
  expect(rig.meter.open).toBe(1);
  expect(dialler.handshake!.tls).toMatch(/^TLSv1/);
  await fleet.close(1);
  await until(() => rig.meter.open === 0);
  expect(countersOf(rig)).toMatchObject({ "ws_close{by:client,cause:timeout,code:1006}": 1 });
});

describe("a dial that fails is counted by its cause", () => {
  test("refused by nobody listening", async () => {
    const { dialler, rig } = diallerTo([`ws://127.0.0.1:${await refusingPort()}/`]);
    expect(await openLink(dialler, rig, 0)).toBeUndefined();
    expect(await openLink(dialler, rig, 1)).toBeUndefined();
    expect(countersOf(rig)).toEqual({ "ws_connect_failed{reason:refused}": 2 });
    expect(dialler).toMatchObject({ opened: 0, failure: { code: "WSCTL_EREFUSED" } });
    expect(rig.meter.errors()).toMatchObject([{ what: "connection failed: refused", count: 2 }]);
  });

  test("refused by the server, with the status", async () => {
    const server = await startRaw({
      answer: (socket) => socket.end("HTTP/1.1 403 Nope\r\nContent-Length: 0\r\n\r\n"),
    });
    const { dialler, rig } = diallerTo([server.target.url]);
    await openLink(dialler, rig, 0);
    const [key] = Object.keys(countersOf(rig));
    expect(key).toMatch(/^ws_connect_failed\{reason:[\w-]+,status:403\}$/);
    expect(dialler.failure!.code).toBe("WSCTL_EUPGRADE");
    expect(rig.meter.errors()).toMatchObject([{ what: "connection failed: status 403", count: 1 }]);
    // It has to travel between processes.
    expect(structuredClone(dialler.failure)).toEqual(dialler.failure);
  });

  test("but not when the run was stopped meanwhile: that is neither opened nor failed", async () => {
    const stop = new AbortController();
    const server = await startRaw({ answer: () => stop.abort() });
    const { dialler, rig } = diallerTo([server.target.url], {}, stop.signal);
    expect(await openLink(dialler, rig, 0)).toBeUndefined();
    expect(countersOf(rig)).toEqual({});
    expect(dialler.failure).toBeUndefined();
  });
});

test.each(["099", "204", "503", "999"])(
  "the status %s is counted as it came, and can be asked for",
  async (status) => {
    const server = await startRaw({
      answer: (socket) => socket.end(`HTTP/1.1 ${status} Whatever\r\ncontent-length: 0\r\n\r\n`),
    });
    const { dialler, rig } = diallerTo([server.target.url]);
    expect(await openLink(dialler, rig, 0)).toBeUndefined();
    const key = Object.keys(countersOf(rig)).find((each) => each.includes("connect_failed"));
    expect(key).toBe(`ws_connect_failed{reason:status,status:${status}}`);
    const { metric, tags } = parseMetricSelector(key!);
    expect(() => checkTagValues(metric, tags)).not.toThrow();
  },
);
