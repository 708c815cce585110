/** Shows when a wire says that it is failing, and that it says so once. */
import { describe, expect, test, vi } from "vitest";
import { open } from "../../src/dial/open.js";
import type { Wire } from "../../src/dial/wire.js";
import { startRaw } from "./raw-server.js";

/** A wire, what it has told in order, and the server's end of it. */
async function watched(mode: "sink" | "stream") {
  const server = await startRaw();
  const wire = await open(server.target, mode === "sink" ? { sink: Buffer.alloc(1024) } : {});
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  const told: string[] = [];
  const closed = new Promise<void>((resolve) => {
    wire.onFail = () => told.push(`fails, ${wire.closed ? "closed" : "not closed yet"}`);
    wire.onClose = (error) => {
      told.push(`closed ${error && "code" in error ? String(error.code) : error?.message}`);
      resolve();
    };
  });
  wire.receive(() => {});
  return { wire, told, closed, other: server.sockets[0]! };
}

describe.each(["sink", "stream"] as const)("as a %s, a wire", (mode) => {
  test("that an error ends says so once, before it is closed", async () => {
    const { told, closed, other } = await watched(mode);
    other.resetAndDestroy();
    await closed;
    expect(told).toEqual(["fails, not closed yet", "closed ECONNRESET"]);
  });

  test("still has its queue then", async () => {
    const { wire, closed, other } = await watched(mode);
    let queued = 0;
    wire.onFail = () => (queued = wire.socket.writableLength);
    other.pause();
    const part = Buffer.alloc(1 << 20);
    for (let i = 0; i < 64 && wire.socket.writableLength < 2 * part.length; i++) {
      wire.socket.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(wire.socket.writableLength).toBeGreaterThan(0);
    other.resetAndDestroy();
    await closed;
    expect(queued).toBeGreaterThan(0);
  });

  test("says nothing of what follows from the first error, which is the one that is told", async () => {
    const { wire, told, closed } = await watched(mode);
    wire.socket.emit("error", new Error("first"));
    wire.socket.emit("error", new Error("second"));
    wire.socket.destroy(new Error("third"));
    await closed;
    expect(told).toEqual(["fails, not closed yet", "closed first"]);
  });

  test.each<[string, (wire: Wire, other: { end(): void }) => void]>([
    ["the other side's FIN", (_wire, other) => other.end()],
    ["our own cutting", (wire) => wire.destroy()],
    ["our own FIN", (wire, other) => (wire.socket.end(), other.end())],
  ])("that ends by %s does not fail", async (_what, end) => {
    const { wire, told, closed, other } = await watched(mode);
    end(wire, other);
    await closed;
    expect(told).toEqual(["closed undefined"]);
  });

  test("does not say it again to who comes later", async () => {
    const { wire, closed } = await watched(mode);
    const late = vi.fn<() => void>();
    wire.socket.destroy(new Error("gone"));
    await closed;
    wire.onFail = late;
    await new Promise((resolve) => setImmediate(resolve));
    expect(late).not.toHaveBeenCalled();
  });
});
