/** Shows that a wire can be read in pieces, and not at all for a time, in either mode. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { open } from "../../src/dial/open.js";
import type { Wire } from "../../src/dial/wire.js";
import { startRaw } from "./raw-server.js";

const wires: Wire[] = [];
afterEach(() => {
  for (const wire of wires.splice(0)) wire.destroy();
});

/** A wire that reads in pieces, what came piece by piece, and the other end. */
async function inPieces(mode: "sink" | "stream", piece: number, takes: (wire: Wire) => void) {
  const server = await startRaw();
  const sink = mode === "sink" ? Buffer.alloc(4096) : undefined;
  const wire = await open(server.target, { sink, piece });
  wires.push(wire);
  await vi.waitFor(() => expect(server.sockets).toHaveLength(1));
  const pieces: string[] = [];
  wire.receive((bytes, start, end) => {
    pieces.push(bytes.toString("latin1", start, end));
    takes(wire);
  });
  return { wire, pieces, other: server.sockets[0]! };
}

describe.each(["sink", "stream"] as const)("as a %s, a wire", (mode) => {
  test("brings no more at once than it is to", async () => {
    const { pieces, other } = await inPieces(mode, 4, () => {});
    other.write("abcdefghij");
    await vi.waitFor(() => expect(pieces.join("")).toBe("abcdefghij"));
    expect(Math.max(...pieces.map(({ length }) => length))).toBe(4);
  });

  test("that is paused in the midst of a read brings nothing before it is resumed", async () => {
    const { wire, pieces, other } = await inPieces(mode, 4, (one) => one.pause());
    other.write("abcdefghij");
    await vi.waitFor(() => expect(pieces).toEqual(["abcd"]));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(pieces).toEqual(["abcd"]);
    wire.resume();
    await vi.waitFor(() => expect(pieces).toEqual(["abcd", "efgh"]));
    wire.resume();
    await vi.waitFor(() => expect(pieces).toEqual(["abcd", "efgh", "ij"]));
    wire.resume();
    other.write("klm");
    await vi.waitFor(() => expect(pieces).toEqual(["abcd", "efgh", "ij", "klm"]));
  });

  test("lets what is not read fill the buffers, so that the other side feels it", async () => {
    const { pieces, other } = await inPieces(mode, 1000, (one) => one.pause());
    const part = Buffer.alloc(1 << 20);
    for (let i = 0; i < 64 && other.writableLength < 2 * part.length; i++) {
      other.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(other.writableLength).toBeGreaterThan(0);
    await vi.waitFor(() => expect(pieces).toHaveLength(1));
  });

  test("that has been widened brings as much as may be", async () => {
    const { wire, pieces, other } = await inPieces(mode, 4, () => {});
    other.write("a");
    await vi.waitFor(() => expect(pieces).toEqual(["a"]));
    wire.widen();
    wire.pause();
    other.write("x".repeat(3000));
    await new Promise((resolve) => setTimeout(resolve, 30));
    wire.resume();
    await vi.waitFor(() => expect(pieces.join("")).toHaveLength(3001));
    expect(pieces.length).toBeLessThan(10);
  });
});
