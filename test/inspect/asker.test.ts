import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { DialOptions } from "../../src/dial/dial.js";
import { parseTarget } from "../../src/dial/target.js";
import { Asker, type AskerBase } from "../../src/inspect/asker.js";
import type { Cost } from "../../src/inspect/check.js";
import { Pace } from "../../src/inspect/pace.js";
import { isOpen, type Reply, saidOf } from "../../src/inspect/reply.js";
import {
  closeInKind,
  frame,
  onFrames,
  type RawBehaviour,
  refusingPort,
  startRaw,
  switching,
} from "../e2e/raw-server.js";
import { makeCertificates } from "../support/certificates.js";
import { startRaw as startDialled, switching as dialSwitching } from "../dial/raw-server.js";
import { unmarked } from "../../src/inspect/their-words.js";

const closing: RawBehaviour = {
  upgraded: (socket) => onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload)),
};

function baseOf(url: string, options: DialOptions = {}, signal?: AbortSignal): AskerBase {
  return {
    target: parseTarget(url),
    options: { timeouts: { total: 3000 }, ...options },
    pace: new Pace(0),
    signal: signal ?? new AbortController().signal,
  };
}

function askerOf(url: string, cost: Partial<Cost> = {}, options: DialOptions = {}): Asker {
  return new Asker(baseOf(url, options), { handshakes: 20, ...cost });
}

function headOf(reply: Reply): string {
  return reply.request?.bytes.toString("latin1") ?? "";
}

describe("what comes back", () => {
  test("a valid 101, and what follows it but the answer to the goodbye", async () => {
    const server = await startRaw({
      answer: (head) => switching(head) + frame(1, "hello").toString("latin1"),
      upgraded: closing.upgraded!,
    });
    const asker = askerOf(server.url);
    const reply = await asker.ask({ watch: 50 });
    await asker.settle();
    expect(isOpen(reply)).toBe(true);
    expect(reply).toMatchObject({ kind: "answered", chain: [], tls: undefined });
    if (reply.kind !== "answered") return;
    expect(reply.heard?.messages.map(({ payload }) => payload.toString())).toEqual(["hello"]);
    expect(reply.heard?.glued).toBe(7);
    expect(reply.heard?.firstAt).toBeDefined();
    expect(reply.heard?.ended).toBeUndefined();
  });

  test("a refusal with its body", async () => {
    const server = await startRaw({
      answer: () => "HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nnope",
    });
    const reply = await askerOf(server.url).ask();
    expect(unmarked(saidOf(reply))).toBe("403 No");
    expect(reply).toMatchObject({ kind: "answered", body: Buffer.from("nope") });
  });

  test.each<[string, RawBehaviour, string]>([
    ["silence", { answer: () => undefined }, "no answer in time"],
    ["garbage", { answer: () => "SSH-2.0-OpenSSH\r\n" }, "the answer is not HTTP"],
    [
      "a megabyte of headers",
      { answer: () => `HTTP/1.1 101 X\r\n${`A: ${"b".repeat(998)}\r\n`.repeat(1000)}` },
      "the response head is larger than 65536 bytes",
    ],
  ])("%s is no answer", async (_what, behaviour, said) => {
    const server = await startRaw(behaviour);
    const asker = askerOf(server.url);
    expect(unmarked(saidOf(await asker.ask({ timeout: 200 })))).toBe(said);
  });

  test("a hang-up is told apart from a time-out", async () => {
    const server = await startDialled({ answer: (socket: Socket) => socket.end() });
    const asker = new Asker({ ...baseOf("ws://x"), target: server.target }, { handshakes: 1 });
    expect(saidOf(await asker.ask())).toBe("closed without an answer");
  });

  test("every address that refused is told", async () => {
    const port = await refusingPort();
    const reply = await askerOf(
      `ws://two.test:${port}`,
      {},
      {
        resolver: {
          resolve: async () => ({
            addresses: [
              { address: "127.0.0.1", family: 4 },
              { address: "127.0.0.2", family: 4 },
            ],
            fresh: true,
          }),
        },
      },
    ).ask();
    expect(reply.attempts).toMatchObject([
      { address: "127.0.0.1", port, error: "ECONNREFUSED" },
      { address: "127.0.0.2", port, error: "ECONNREFUSED" },
    ]);
  });
});

describe("the budget", () => {
  test("of handshakes ends in an error, and it is known", async () => {
    const server = await startRaw(closing);
    const asker = askerOf(server.url, { handshakes: 2 });
    await asker.ask();
    await asker.ask();
    expect(asker.isOverspent).toBe(false);
    await expect(asker.ask()).rejects.toThrow("the budget of 2 handshakes is spent");
    expect(asker.isOverspent).toBe(true);
    await asker.settle();
    expect(server.heads).toHaveLength(2);
  });

  test("of connections holds for those asked for all at once", async () => {
    let open = 0;
    let most = 0;
    const server = net.createServer((socket) => {
      most = Math.max(most, ++open);
      socket.on("close", () => open--);
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.end("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const asker = askerOf(`ws://127.0.0.1:${port}`, { connections: 2 });
    const replies = await Promise.all(Array.from({ length: 8 }, () => asker.ask()));
    await asker.settle();
    server.close();
    expect(replies.map((reply) => unmarked(saidOf(reply)))).toEqual(
      Array.from({ length: 8 }, () => "400 No"),
    );
    // The server hears of the end of one a moment later than the client.
    expect(most).toBeLessThan(8);
  });

  test("of connections counts those that are kept, until they are gone", async () => {
    const server = await startRaw(closing);
    const asker = askerOf(server.url);
    const reply = await asker.ask({ keep: true });
    if (!isOpen(reply)) throw new Error("it is not open");
    await expect(asker.ask()).rejects.toThrow("the budget of 1 connection at once is spent");
    await reply.socket?.close();
    expect(isOpen(await asker.ask())).toBe(true);
    await asker.settle();
  });

  test("of bytes is held before they are sent", async () => {
    const server = await startRaw(closing);
    const asker = askerOf(server.url, { bytes: 20 });
    const reply = await asker.ask({ keep: true });
    if (!isOpen(reply)) throw new Error("it is not open");
    expect(reply.socket?.send({ opcode: 1 }, Buffer.from("fits"))).toBe(true);
    expect(() => reply.socket?.send({ opcode: 1 }, Buffer.alloc(30))).toThrow(/20 bytes is spent/);
    await asker.settle();
  });

  test("what was kept and forgotten is cut when all is settled", async () => {
    const gone: Promise<unknown>[] = [];
    const server = await startRaw({
      upgraded: (socket) => gone.push(once(socket, "close")) && socket.resume(),
    });
    const asker = askerOf(server.url, { connections: 3 });
    await asker.ask({ keep: true });
    const wire = await asker.open();
    await asker.settle();
    await Promise.all(gone);
    expect(gone).toHaveLength(1);
    expect(wire.socket.destroyed).toBe(true);
  });
});

describe("an end", () => {
  test("by the signal is an error of its own, before and while asking", async () => {
    const server = await startRaw({ answer: () => undefined });
    const abort = new AbortController();
    const asker = new Asker(baseOf(server.url, {}, abort.signal), { handshakes: 5 });
    const asked = asker.ask();
    setImmediate(() => abort.abort());
    await expect(asked).rejects.toMatchObject({ code: "WSCTL_EABORTED" });
    await expect(asker.ask()).rejects.toMatchObject({ code: "WSCTL_EABORTED" });
    await expect(asker.open()).rejects.toMatchObject({ code: "WSCTL_EABORTED" });
    await asker.settle();
  });

  test("that the server never makes adds up to little", async () => {
    const server = await startRaw({ upgraded: (socket) => void socket.resume() });
    const base = baseOf(server.url);
    const asker = new Asker(base, { handshakes: 20 });
    const before = base.pace.patience;
    await asker.ask();
    await asker.settle();
    expect(base.pace.patience).toBeLessThanOrEqual(before / 10);
    for (let asked = 1; asked < 20; asked++) await asker.ask();
    await asker.settle();
    expect(server.heads).toHaveLength(20);
  });
});

test("bodies that the server never ends add up to little", async () => {
  const server = await startRaw({ answer: () => "HTTP/1.1 400 No\r\n\r\nsome" });
  const base = baseOf(server.url);
  const asker = new Asker(base, { handshakes: 20 });
  const before = base.pace.bodyPatience;
  const first = await asker.ask();
  expect(first).toMatchObject({ kind: "answered", body: Buffer.from("some") });
  for (let asked = 1; asked < 10; asked++) await asker.ask();
  expect(base.pace.bodyPatience).toBeLessThanOrEqual(before / 10);
});

describe("a server that is rude to a client that listens", () => {
  test("pings without end and never reads: the answers are bounded", async () => {
    const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(9, "x".repeat(125))));
    const server = await startRaw({
      upgraded: (socket) => {
        socket.pause();
        const more = (): void => {
          if (!socket.destroyed && socket.writableLength < 1_000_000) socket.write(pings, more);
        };
        more();
      },
    });
    const asker = askerOf(server.url);
    const reply = await asker.ask({ watch: 600, keep: true });
    if (!isOpen(reply)) throw new Error("it is not open");
    expect(reply.heard?.pings).toBeGreaterThan(500);
    expect(reply.socket?.wire.socket.writableLength).toBeLessThan(200_000);
    reply.socket?.destroy();
    await asker.settle();
  });
});

describe("credentials", () => {
  const options: DialOptions = {
    request: {
      cookie: "sid=c00kie",
      authorization: "Bearer t0ken",
      headers: [["X-Api-Key", "k3y"]],
    },
  };

  test("go along unless they are not to", async () => {
    const server = await startRaw(closing);
    const asker = askerOf(`${server.url}?a=1&token=qu3ry`, {}, options);
    const given = headOf(await asker.ask());
    for (const secret of ["c00kie", "t0ken", "k3y", "qu3ry"]) expect(given).toContain(secret);
    const anonymous = headOf(await asker.ask({ anonymous: true }));
    for (const secret of ["c00kie", "t0ken", "k3y", "qu3ry"]) {
      expect(anonymous).not.toContain(secret);
    }
    expect(anonymous).toContain("GET /?a=1 HTTP/1.1");
    await asker.settle();
  });

  test("never go over a connection that is less safe than the user's own", async () => {
    const { ca, server: own } = await makeCertificates();
    const server = await startDialled({
      tls: { cert: own.cert, key: own.key },
      name: "localhost",
      answer: (socket, head) => socket.write(dialSwitching(head)),
    });
    const base = {
      ...baseOf("ws://x", { ...options, tls: { ca: ca.cert } }),
      target: server.target,
    };
    const asker = new Asker(base, { handshakes: 5 });
    const safe = await asker.ask();
    expect(headOf(safe)).toContain("t0ken");
    expect(safe.chain.map(({ subject }) => subject)).toEqual(["CN=localhost"]);
    expect(headOf(await asker.ask({ tls: { insecure: true } }))).not.toContain("t0ken");
    const plain = await startRaw(closing);
    const lower = await asker.ask({ target: parseTarget(plain.url) });
    expect(headOf(lower)).toMatch(/^GET \/ HTTP/);
    expect(headOf(lower)).not.toMatch(/t0ken|c00kie|k3y/);
    await asker.settle();
  });
});
