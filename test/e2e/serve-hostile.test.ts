/**
 * Throws what it can at a server in a process of its own, and sees that others are served all the
 * while and that it has no more memory to show for it afterwards. WSCTL_LONG=1 throws 10⁵ strings.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Random, seedOf } from "../../src/base/random.js";
import { startWsctl } from "../support/wsctl.js";

const strings = process.env["WSCTL_LONG"] ? 100_000 : 3000;
const batch = 50;
const mostGrowth = 64 * 1024;

const upgrade =
  "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/** Memory of a process in KiB. */
function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** Sends bytes; resolves when the other side has ended it, or soon. */
function thrown(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect({ host: "127.0.0.1", port });
    const late = setTimeout(() => socket.destroy(), 100);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(late);
      resolve();
    });
    socket.resume();
    socket.end(bytes);
  });
}

function randomBytes(random: Random): Buffer {
  const bytes = Buffer.alloc(random.int(1, 300));
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.int(0, 255);
  return bytes;
}

/** Something that begins well. */
function forControl(random: Random): Buffer {
  const bytes = randomBytes(random);
  const beginnings = [
    "",
    "GET /",
    "POST /cut HTTP/1.1\r\nHost: localhost\r\n",
    "GET /stats HTTP/1.1\r\nHost: ",
    "DELETE /faults/",
    "POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n",
  ];
  return Buffer.concat([Buffer.from(beginnings[random.int(0, beginnings.length - 1)]!), bytes]);
}

function forServer(random: Random): Buffer {
  const bytes = randomBytes(random);
  const beginnings = [upgrade, upgrade.slice(0, random.int(1, upgrade.length)), `${upgrade}\u0081`];
  const beginning = beginnings[random.int(0, beginnings.length - 1)]!;
  return Buffer.concat([Buffer.from(beginning, "latin1"), bytes]);
}

describe.skipIf(process.platform !== "linux")("a server under fire", () => {
  test.each([
    ["at the control port", "control", forControl],
    ["at the WebSocket port", "url", forServer],
  ] as const)(
    "%s serves the others, and gives back what it took",
    async (_where, port, make) => {
      await using child = startWsctl(["serve", "--port", "0", "--json"]);
      const server = JSON.parse((await child.nextLine()) ?? "") as Record<string, string>;
      const good = new WebSocket(server["url"]!);
      await once(good, "open");
      const random = new Random(seedOf("hostile", port));
      const target = Number(new URL(server[port]!).port);
      const fire = async (count: number): Promise<void> => {
        for (let sent = 0; sent < count; sent += batch) {
          await Promise.all(Array.from({ length: batch }, () => thrown(target, make(random))));
          const answer = once(good, "message");
          good.send(String(sent));
          expect(String((await answer)[0])).toBe(String(sent));
        }
      };
      // What every server needs once is no growth.
      await fire(500);
      const before = memoryOf(child.pid);
      await fire(strings);
      const growth = memoryOf(child.pid) - before;
      expect(growth).toBeLessThan(mostGrowth);
      const { connections } = (await (await fetch(`${server["control"]}/stats`)).json()) as {
        connections: { open: number };
      };
      expect(connections.open).toBeLessThan(batch + 2);
      good.terminate();
    },
    strings * 10 + 30_000,
  );
});
