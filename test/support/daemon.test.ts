/** Shows that servers are started on ports that are free, and that one that does not start says why. */
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type Daemon, type Place, startDaemon } from "./daemon.js";

/** Starts a program of Node that is its own configuration. */
async function startScript(ports: number, script: (place: Place) => string): Promise<Daemon> {
  return startDaemon({
    command: process.execPath,
    args: (_place, config) => [config],
    config: script,
    ports,
    ready: /ready/,
    busy: /EADDRINUSE/,
  });
}

/** Listens on one port, and says so; a stack trace with its source does not. */
const listening = (port: number | undefined): string =>
  `require("node:net").createServer((socket) => socket.end("mine")).listen(${port}, "127.0.0.1", () => console.error("rea" + "dy"));`;

test("a port that was taken meanwhile is left for another", async () => {
  const other = net.createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  try {
    const tried: number[] = [];
    const { ports } = await startScript(2, ({ ports: [first, second] }) => {
      expect(first).not.toBe(second);
      tried.push(first!);
      return listening(tried.length === 1 ? (other.address() as AddressInfo).port : first);
    });
    expect(tried).toHaveLength(2);
    expect(ports[0]).toBe(tried[1]);
    const [said] = await once(net.connect(ports[0]!, "127.0.0.1"), "data");
    expect(String(said)).toBe("mine");
  } finally {
    other.close();
  }
});

test("one that cannot start is not tried again, and what it wrote is told", async () => {
  let tries = 0;
  const broken = startScript(1, () => {
    tries++;
    return `console.log("no such directive"); process.exit(1);`;
  });
  await expect(broken).rejects.toThrow("no such directive");
  expect(tries).toBe(1);
});
