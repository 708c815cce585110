/** Shows how connections open: each address in turn, each failure told by phase, reason and place. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { DialError } from "../../src/dial/dial-error.js";
import { open, type OpenOptions } from "../../src/dial/open.js";
import type { Resolver } from "../../src/dial/resolver.js";
import { parseTarget } from "../../src/dial/target.js";
import { startBlackHole } from "./black-hole.js";
import { refusingPort, rejection, startRaw } from "./raw-server.js";

/** A resolver that knows one answer. */
function knows(addresses: readonly string[], fresh = true): Resolver {
  return {
    resolve: async () => ({
      addresses: addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      fresh,
    }),
  };
}

const failing: Resolver = {
  resolve: async () => {
    throw Object.assign(new Error("getaddrinfo ENOTFOUND a"), { code: "ENOTFOUND" });
  },
};

const silent: Resolver = { resolve: async () => new Promise(() => {}) };

async function failureOf(url: string, options: OpenOptions = {}): Promise<DialError> {
  const error = await rejection(open(parseTarget(url), options));
  expect(error).toBeInstanceOf(DialError);
  return error as DialError;
}

describe("an open connection", () => {
  test.each(["sink", "stream"])("has its facts, as a %s", async (mode) => {
    const server = await startRaw();
    const sink = mode === "sink" ? Buffer.alloc(1024) : undefined;
    const wire = await open(server.target, { sink });
    expect(wire.attempts).toEqual([
      {
        address: "127.0.0.1",
        family: 4,
        port: server.port,
        took: expect.any(Number),
        error: undefined,
      },
    ]);
    expect(wire.phases).toEqual({ dns: 0, tcp: expect.any(Number), tls: 0, upgrade: 0 });
    expect(wire.phases.tcp).toBeGreaterThan(0);
    expect(wire.tls).toBeUndefined();
    expect(wire.address).toBe(`127.0.0.1:${server.port}`);
    wire.destroy();
  });

  test("counts only real look-ups as time spent on DNS", async () => {
    const server = await startRaw();
    const target = parseTarget(`ws://name.example:${server.port}`);
    const fresh = await open(target, { resolver: knows(["127.0.0.1"]) });
    const used = await open(target, { resolver: knows(["127.0.0.1"], false) });
    expect(fresh.phases.dns).toBeGreaterThan(0);
    expect(used.phases.dns).toBe(0);
    fresh.destroy();
    used.destroy();
  });

  test("goes from one address to the next, and keeps what each said", async () => {
    const server = await startRaw();
    const wire = await open(parseTarget(`ws://name.example:${server.port}`), {
      resolver: knows(["127.0.0.2", "::1", "127.0.0.1"]),
    });
    expect(wire.attempts.map(({ address, error }) => [address, error])).toEqual([
      ["127.0.0.2", "ECONNREFUSED"],
      ["::1", expect.any(String)],
      ["127.0.0.1", undefined],
    ]);
    wire.destroy();
  });

  test("is of the family asked for, and from the local address asked for", async () => {
    const server = await startRaw();
    const wire = await open(parseTarget(`ws://name.example:${server.port}`), {
      resolver: knows(["::1", "127.0.0.1"]),
      family: 4,
      localAddress: "127.0.0.3",
    });
    expect(wire.attempts).toHaveLength(1);
    expect(wire.socket.localAddress).toBe("127.0.0.3");
    wire.destroy();
  });
});

describe("a name", () => {
  test("that cannot be resolved is said to be so", async () => {
    expect(await failureOf("ws://a.invalid", { resolver: failing })).toMatchObject({
      code: "WSCTL_EDNS",
      phase: "dns",
      reason: "dns",
      message: "could not resolve host a.invalid",
      where: ["ENOTFOUND"],
      hint: expect.stringContaining("spelling"),
    });
  });

  test("without an address of the family asked for fails the look-up", async () => {
    const error = await failureOf("ws://a", { resolver: knows(["127.0.0.1"]), family: 6 });
    expect(error).toMatchObject({ code: "WSCTL_EDNS", message: "a has no IPv6 address" });
    expect((await failureOf("ws://127.0.0.1:1", { family: 6 })).reason).toBe("dns");
    expect((await failureOf("ws://a", { resolver: knows([]) })).reason).toBe("dns");
  });

  test("that is never answered runs out of time, or of patience", async () => {
    const late = { resolver: silent, timeouts: { dns: 20 } };
    expect(await failureOf("ws://a", late)).toMatchObject({
      code: "WSCTL_ETIMEOUT",
      phase: "dns",
      reason: "timeout",
      message: "time ran out looking up a: 20.0 ms",
    });
    const controller = new AbortController();
    const given = failureOf("ws://a", { resolver: silent, signal: controller.signal });
    controller.abort(new Error("enough"));
    expect(await given).toMatchObject({
      code: "WSCTL_EABORTED",
      phase: "dns",
      reason: "aborted",
      cause: expect.objectContaining({ message: "enough" }),
    });
  });
});

describe("a port", () => {
  test("that refuses is told with every address that was tried", async () => {
    const port = await refusingPort();
    const error = await failureOf(`ws://name.example:${port}`, {
      resolver: knows(["127.0.0.1", "127.0.0.2"]),
    });
    expect(error).toMatchObject({
      code: "WSCTL_EREFUSED",
      phase: "tcp",
      reason: "refused",
      message: `could not connect to name.example:${port}: connection refused`,
      hint: expect.stringContaining("nothing listens"),
    });
    expect(error.where).toEqual([
      expect.stringMatching(`^127\\.0\\.0\\.1:${port} ECONNREFUSED after `),
      expect.stringMatching(`^127\\.0\\.0\\.2:${port} ECONNREFUSED after `),
    ]);
  });

  test("that cannot be reached from a local address that is not ours is told", async () => {
    const server = await startRaw();
    const error = await failureOf(server.target.url, { localAddress: "192.0.2.1" });
    expect(error).toMatchObject({ code: "WSCTL_ETCP", phase: "tcp", reason: "ports" });
    const usage = await rejection(open(server.target, { localAddress: "here" }));
    expect(usage).toMatchObject({ code: "WSCTL_EUSAGE" });
  });

  test.runIf(process.platform === "linux")("that swallows everything", async () => {
    await using hole = await startBlackHole();
    const url = `ws://127.0.0.1:${hole.port}`;
    expect(await failureOf(url, { timeouts: { tcp: 40 } })).toMatchObject({
      code: "WSCTL_ETIMEOUT",
      phase: "tcp",
      reason: "timeout",
      message: `time ran out connecting to 127.0.0.1:${hole.port}: 40.0 ms`,
      where: [expect.stringContaining("ETIMEDOUT")],
    });
    expect((await failureOf(url, { timeouts: { total: 40 } })).reason).toBe("timeout");
    const controller = new AbortController();
    const given = failureOf(url, { signal: controller.signal });
    setImmediate(() => controller.abort());
    expect(await given).toMatchObject({ phase: "tcp", reason: "aborted" });
    // It does not use up the time of the address behind it.
    const next = await failureOf(`ws://name.example:${hole.port}`, {
      resolver: knows(["127.0.0.1", "127.0.0.2"]),
      timeouts: { tcp: 400 },
    });
    expect(next.reason).toBe("refused");
    expect(next.where[0]).toContain("ETIMEDOUT");
  });

  test("is not even tried once the signal is aborted", async () => {
    const server = await startRaw();
    const error = await failureOf(server.target.url, { signal: AbortSignal.abort() });
    expect(error).toMatchObject({ code: "WSCTL_EABORTED", reason: "aborted" });
    expect(server.sockets).toHaveLength(0);
  });
});

describe("the receive buffer", () => {
  test("takes what comes in place, and what came before anyone received is not lost", async () => {
    const server = await startRaw({ connected: (socket) => socket.write("early") });
    const sink = Buffer.alloc(1024);
    const wire = await open(server.target, { sink });
    const got: [string, boolean][] = [];
    const all = new Promise<void>((resolve) => {
      const take = () => {
        wire.receive((bytes, start, end) => {
          got.push([bytes.toString("latin1", start, end), bytes === sink]);
          if (bytes === sink) resolve();
          else server.sockets[0]?.write("late");
        });
      };
      // Only after the early bytes have been read and kept.
      const poll = () => {
        if (wire.socket.bytesRead < 5) setImmediate(poll);
        else take();
      };
      poll();
    });
    await all;
    expect(got).toEqual([
      ["early", false],
      ["late", true],
    ]);
    wire.destroy();
  });

  test.each(["sink", "stream"])("bounds what comes while nobody receives: %s", async (mode) => {
    const size = 32 * 1024 * 1024;
    const server = await startRaw({ connected: (socket) => socket.end(Buffer.alloc(size, 7)) });
    const wire = await open(server.target, mode === "sink" ? { sink: Buffer.alloc(65_536) } : {});
    const [peer] = server.sockets;
    // The kernel's queues fill up because nobody reads.
    let before = -1;
    for (let look = 0; look < 200 && (before <= 0 || wire.socket.bytesRead > before); look++) {
      before = wire.socket.bytesRead;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(wire.socket.bytesRead).toBeLessThan(1024 * 1024);
    expect(peer?.writableLength).toBeGreaterThan(0);
    let received = 0;
    const closed = new Promise((resolve) => {
      wire.onClose = resolve;
    });
    wire.receive((bytes, start, end) => {
      if (bytes[start] === 7 && bytes[end - 1] === 7) received += end - start;
    });
    expect(await closed).toBeUndefined();
    expect(received).toBe(size);
  });
});

describe("the end of a wire", () => {
  test("is told to its owner with the error, and a late error harms nobody", async () => {
    const server = await startRaw();
    const wire = await open(server.target, { sink: Buffer.alloc(64) });
    const closed = new Promise<Error | undefined>((resolve) => {
      wire.onClose = resolve;
    });
    if (server.sockets.length === 0) await once(wire.socket, "ready");
    wire.socket.destroy(new Error("late"));
    expect((await closed)?.message).toBe("late");
    expect(wire.closed).toBe(true);
    // Told again to an owner who comes afterwards.
    const again = await new Promise<Error | undefined>((resolve) => {
      wire.onClose = resolve;
    });
    expect(again?.message).toBe("late");
    expect(() => wire.socket.emit("error", new Error("later still"))).not.toThrow();
  });
});
