/** Shows that warming up is short, and leaves nothing behind. */
import net from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { warmUp } from "../../src/inspect/warm-up.js";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What is open in this process: sockets and listeners. */
function openHandles(): number {
  const kinds = new Set(["TCPSocketWrap", "TCPServerWrap", "TCPWRAP", "TCPSERVERWRAP"]);
  return process.getActiveResourcesInfo().filter((kind) => kinds.has(kind)).length;
}

test.each([false, true])(
  "secure %s: one connection to this machine, and none is left",
  async (secure) => {
    const before = openHandles();
    const connect = vi.spyOn(net.Socket.prototype, "connect");
    await warmUp(secure);
    expect(connect).toHaveBeenCalledTimes(1);
    await vi.waitFor(() => expect(openHandles()).toBe(before));
  },
);

test("many at once do no harm", async () => {
  await expect(
    Promise.all(Array.from({ length: 20 }, async () => warmUp(false))),
  ).resolves.toHaveLength(20);
});

test("where nobody may listen it is over at once", async () => {
  vi.spyOn(net.Server.prototype, "listen").mockImplementation(function (this: net.Server) {
    queueMicrotask(() => this.emit("error", new Error("EPERM")));
    return this;
  });
  await expect(warmUp(false)).resolves.toBeUndefined();
});

test("where listening comes to nothing it is given up", async () => {
  vi.spyOn(net.Server.prototype, "listen").mockImplementation(function (this: net.Server) {
    return this;
  });
  await expect(warmUp(true)).resolves.toBeUndefined();
});
