/** Shows the upgrade against servers that answer well, badly, slowly or not at all. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dial, type DialOptions } from "../../src/dial/dial.js";
import { DialError } from "../../src/dial/dial-error.js";
import { open } from "../../src/dial/open.js";
import { UpgradeRefused } from "../../src/dial/refusal.js";
import { upgrade, UpgradeInvalid } from "../../src/dial/upgrade.js";
import type { Header } from "../../src/frame/upgrade.js";
import { receiveText, rejection, startRaw, switching } from "./raw-server.js";

/** What a dial fails with, at a server that answers so. */
async function failureAt(
  answer: string | ((head: string) => string),
  options: DialOptions = {},
  then: "end" | "stay" | "reset" = "end",
): Promise<DialError> {
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(Buffer.from(typeof answer === "string" ? answer : answer(head), "latin1"));
      if (then === "end") socket.end();
      if (then === "reset") setImmediate(() => socket.resetAndDestroy());
    },
  });
  const error = await rejection(dial(server.target, options));
  expect(error).toBeInstanceOf(DialError);
  return error as DialError;
}

describe.each(["sink", "stream"])("a right answer, to a %s,", (mode) => {
  const sink = mode === "sink" ? Buffer.alloc(65_536) : undefined;

  test("may be cut at every byte, with a frame glued to it that comes exactly once", async () => {
    const frame = "\x81\x02hi";
    const bytesOf = (head: string) => Buffer.from(switching(head) + frame, "latin1");
    let cut = 0;
    const server = await startRaw({
      answer: (socket, head) => {
        const bytes = bytesOf(head);
        const at = cut++;
        socket.write(bytes.subarray(0, at));
        setImmediate(() => {
          socket.write(bytes.subarray(at));
          socket.once("data", () => socket.end("\x88\x00", "latin1"));
        });
      },
    });
    const size = bytesOf("\r\nsec-websocket-key: x\r\n").length;
    const texts = new Set<string>();
    for (let from = 0; from < size; from++) {
      const { wire, upgrade: done } = await dial(server.target, { sink });
      expect(done.response.bytes.toString("latin1")).toBe(switching(server.heads.at(-1) ?? ""));
      wire.socket.write("x");
      texts.add(await receiveText(wire, 6));
    }
    expect(cut).toBe(size);
    expect([...texts]).toEqual([`${frame}\x88\0`]);
  });

  test("may drip byte by byte", async () => {
    const server = await startRaw({
      answer: (socket, head) => {
        const bytes = Buffer.from(switching(head));
        const drip = (at: number) => {
          socket.write(bytes.subarray(at, at + 1));
          if (at + 1 < bytes.length) setImmediate(drip, at + 1);
        };
        drip(0);
      },
    });
    const { wire, upgrade: done } = await dial(server.target, { sink });
    expect(done.response.status).toBe(101);
    expect(done.phases.upgrade).toBeGreaterThan(0);
    wire.destroy();
  });

  test("may follow interim answers", async () => {
    const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
    const server = await startRaw({
      answer: (socket, head) => socket.write(`${hints}${switching(head)}glued`),
    });
    const { wire, upgrade: done } = await dial(server.target, { sink });
    expect(done.response.status).toBe(101);
    expect(await receiveText(wire, 5)).toBe("glued");
    wire.destroy();
  });

  test("gives the glued bytes to who comes late, even after the end", async () => {
    const server = await startRaw({
      answer: (socket, head) => socket.end(`${switching(head)}glued`),
    });
    const { wire } = await dial(server.target, { sink });
    if (sink) {
      await new Promise((resolve) => {
        wire.onClose = resolve;
      });
    }
    expect(await receiveText(wire, 5)).toBe("glued");
  });
});

test("in stream mode whoever takes the socket gets the glued bytes", async () => {
  const server = await startRaw({
    answer: (socket, head) => socket.end(`${switching(head)}glued`),
  });
  const { wire } = await dial(server.target);
  let text = "";
  wire.socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => {
    wire.onClose = resolve;
  });
  expect(text).toBe("glued");
});

describe("the request", () => {
  test("stands on the wire byte for byte", async () => {
    const server = await startRaw({
      answer: (socket, head) => socket.write(switching(head)),
    });
    const headers: Header[] = [
      ["X-b", "2"],
      ["hOST", "a"],
      ["x-B", " 1"],
      ["X-b", "2"],
      ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ];
    const wire = await open(server.target);
    const done = await upgrade(wire, { method: "GET", target: "/raw?x", headers });
    expect(server.heads).toEqual([
      "GET /raw?x HTTP/1.1\r\nX-b: 2\r\nhOST: a\r\nx-B:  1\r\nX-b: 2\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    ]);
    expect(done.request.bytes.toString("latin1")).toBe(server.heads[0]);
    wire.destroy();
  });

  test("that cannot be written is a mistake of usage, before anything is opened", async () => {
    const server = await startRaw();
    const request = { headers: [["X", "a\r\nb"]] as const };
    const error = await rejection(dial(server.target, { request }));
    expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
    expect(server.sockets).toHaveLength(0);
  });
});

describe("a refusal", () => {
  test("carries the status, the headers and the body", async () => {
    const head = "HTTP/1.1 403 Forbidden\r\nX-Why: a\r\nContent-Length: 26\r\n\r\n";
    const body = '{"error":"not your \x1b[2Jone"}';
    const error = await failureAt(
      head + body,
      { request: { origin: "http://evil.example" } },
      "stay",
    );
    expect(error).toBeInstanceOf(UpgradeRefused);
    expect(error).toMatchObject({
      code: "WSCTL_EUPGRADE",
      phase: "upgrade",
      reason: "status",
      message: "the server refused the upgrade: 403 Forbidden",
      response: { status: 403, reason: "Forbidden", headers: [["X-Why", "a"], expect.anything()] },
      hint: expect.stringContaining("--origin"),
    });
    expect((error as UpgradeRefused).body.toString()).toBe(body.slice(0, 26));
    expect(error.where[0]).toMatch(
      /^GET \/chat\?a=… on 127\.0\.0\.1:\d+, Origin: http:\/\/evil\.example$/,
    );
    expect(error.where.at(-1)).toBe('body: {"error":"not your ␛[2Jone');
  });

  test.each([
    ["chunked", "Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n1\r\n!\r\n0\r\n\r\n", "stay"],
    ["to the close", "\r\nno!", "end"],
    ["cut by a reset", "Content-Length: 100\r\n\r\nno!", "reset"],
  ] as const)("with a body %s", async (_what, rest, then) => {
    const error = await failureAt(`HTTP/1.1 500 Oops\r\n${rest}`, {}, then);
    expect((error as UpgradeRefused).body.toString()).toBe("no!");
  });

  test("with an endless body is cut at 64 KiB", async () => {
    const server = await startRaw({
      answer: (socket) => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.write(Buffer.alloc(1024 * 1024, "x"));
      },
    });
    const error = (await rejection(dial(server.target))) as UpgradeRefused;
    expect(error.body).toHaveLength(65_536);
    expect(error.where.join("").length).toBeLessThan(1000);
  });

  test("with a body that never ends stays a refusal when time runs out", async () => {
    const answer = "HTTP/1.1 503 Busy\r\nContent-Length: 9\r\nRetry-After: 7\r\n\r\nwait";
    const error = await failureAt(answer, { timeouts: { total: 500 } }, "stay");
    expect(error).toMatchObject({
      reason: "status",
      hint: expect.stringContaining("Retry-After 7"),
    });
    expect((error as UpgradeRefused).body.toString()).toBe("wait");
  });

  test("with a packed body is not shown as text", async () => {
    const error = await failureAt("HTTP/1.1 500 X\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08");
    expect(error.where.at(-1)).toBe("body: 3 bytes of gzip");
  });

  test.each([
    ["200 OK\r\n", /no WebSocket endpoint, or a proxy .* drops the Upgrade/],
    ["301 Moved\r\nLocation: https://a.example/x\r\n", /dial wss:\/\/a\.example\/x/],
    ["302 Found\r\n", /does not say where/],
    ["400 Bad Request\r\n", /malformed/],
    ["400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port", /wss:\/\//],
    ["401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n", /--bearer/],
    ["403 Forbidden\r\n", /Origin or credentials/],
    ["404 Not Found\r\n", /path/],
    ["405 Method Not Allowed\r\n", /does not upgrade/],
    ["407 Proxy Authentication Required\r\n", /proxy/],
    ["418 Teapot\r\n", /log/],
    ["426 Upgrade Required\r\nSec-WebSocket-Version: 8, 7\r\n", /version 8, 7/],
    ["426 Upgrade Required\r\nUpgrade: h2c\r\n", /another protocol/],
    ["426 Upgrade Required\r\n", /saw no request to upgrade.*proxy/],
    ["426 Upgrade Required\r\nUpgrade: websocket\r\n", /saw no request to upgrade/],
    ["426 Upgrade Required\r\nSec-WebSocket-Version: 8, 13\r\n", /saw no request to upgrade/],
    ["429 Too Many\r\nRetry-After: 30\r\n", /Retry-After 30/],
    ["500 Oops\r\n", /failed/],
    ["502 Bad Gateway\r\n", /behind it/],
    ["503 Busy\r\n", /busy/],
  ])("%j has a hint", async (answer, hint) => {
    const error = await failureAt(`HTTP/1.1 ${answer}\r\n`);
    expect(error).toMatchObject({ code: "WSCTL_EUPGRADE", reason: "status" });
    expect(error.hint).toMatch(hint);
  });
});

describe("an invalid 101", () => {
  test("is refused with its problems", async () => {
    const error = await failureAt(
      "HTTP/1.1 101 Sure\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: nope\r\n\r\n",
      { request: { key: "dGhlIHNhbXBsZSBub25jZQ==" } },
    );
    expect(error).toBeInstanceOf(UpgradeInvalid);
    expect(error).toMatchObject({
      code: "WSCTL_EHANDSHAKE",
      reason: "handshake",
      response: { status: 101 },
      problems: [{ kind: "accept" }],
    });
    expect(error.where[1]).toContain("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  test.each<[string, (head: string) => string]>([
    [
      "with a subprotocol",
      (head) => head.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: a\r\n\r\n"),
    ],
    [
      "with an extension",
      (head) => head.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x\r\n\r\n"),
    ],
    ["without Upgrade", (head) => head.replace("Upgrade: websocket\r\n", "")],
  ])("%s is refused", async (_what, spoil) => {
    const error = await failureAt((head) => spoil(switching(head)), {}, "stay");
    expect(error).toMatchObject({ reason: "handshake", problems: [expect.anything()] });
  });
});

describe("no answer that can be understood", () => {
  test.each([
    ["garbage", "\x00\xff\x1b]0;x\x07 garbage here", /not HTTP/],
    ["another protocol's banner", "SSH-2.0-OpenSSH_9.2\r\n", /not HTTP/],
    ["an endless head", `HTTP/1.1 101 X\r\n${"A: b\r\n".repeat(200_000)}`, /more|larger/],
    ["a megabyte in one header", `HTTP/1.1 101 X\r\nA: ${"b".repeat(1e6)}`, /larger than 65536/],
  ])("%s", async (_what, answer, message) => {
    const error = await failureAt(answer, {}, "stay");
    expect(error).toMatchObject({ code: "WSCTL_EHANDSHAKE", reason: "handshake" });
    expect(error.message).toMatch(message);
    expect(error.where[0]).toMatch(/^GET \/chat/);
  });

  test("a close before it, and in the midst of it", async () => {
    const error = await failureAt("");
    expect(error).toMatchObject({ code: "WSCTL_ECLOSED", phase: "upgrade", reason: "closed" });
    expect(error.hint).toMatch(/^if the server speaks TLS/);
    const asking = await failureAt("", { request: { subprotocols: ["mqtt5"] } });
    expect(asking.hint).toMatch(/the subprotocol mqtt5\?.*wss:/);
    const midst = await failureAt("HTTP/1.1 101 Swi");
    expect(midst.reason).toBe("closed");
    expect(midst.where.at(-1)).toBe('received 16 bytes: "HTTP/1.1 101 Swi"');
  });

  test("a reset", async () => {
    const error = await failureAt("", {}, "reset");
    expect(error).toMatchObject({ code: "WSCTL_ECLOSED", reason: "reset" });
    expect(error.where.at(-1)).toBe("ECONNRESET");
  });

  test("silence runs out of time, or of patience", async () => {
    const late = await failureAt("HTTP/1.1 ", { timeouts: { upgrade: 300 } }, "stay");
    expect(late).toMatchObject({ code: "WSCTL_ETIMEOUT", phase: "upgrade", reason: "timeout" });
    expect(late.where.at(-1)).toBe('received 9 bytes: "HTTP/1.1 "');
    const controller = new AbortController();
    const server = await startRaw({ answer: () => controller.abort() });
    const error = await rejection(dial(server.target, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "WSCTL_EABORTED", phase: "upgrade", reason: "aborted" });
  });

  test("whatever the bytes, the dial ends with an error of its own", async () => {
    let noise: Uint8Array = new Uint8Array();
    const server = await startRaw({ answer: (socket) => socket.end(noise) });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 60 }), async (isHttp, bytes) => {
        noise = isHttp ? Buffer.concat([Buffer.from("HTTP/1.1 4"), bytes]) : bytes;
        expect(await rejection(dial(server.target))).toBeInstanceOf(DialError);
      }),
      { numRuns: 60 },
    );
  });
});
