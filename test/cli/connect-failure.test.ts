/** Shows what is told of a connection that cannot be opened, and of how one was opened and closed. */
import { describe, expect, test } from "vitest";
import { frame, onFrames, startRaw, switching } from "../e2e/raw-server.js";
import { wsctl } from "./fake-host.js";

type Facts = Record<string, unknown>;

function events(stdout: string): Facts[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Facts);
}

const refusal = (body: string, ...headers: readonly string[]): string =>
  [
    "HTTP/1.1 401 Unauthorized",
    "WWW-Authenticate: Bearer realm=x",
    "X-Request-Id: r-1",
    "Set-Cookie: sid=c4n4ry",
    "X-Secret-Thing: c4n4ry",
    "Server: \x1b[2Jevil",
    "Location: /login?token=c4n4ry&a=1",
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");

describe("a refused upgrade", () => {
  test("shows the headers that matter, and all of them with -v", async () => {
    const { url } = await startRaw({ answer: () => refusal("no") });
    const brief = await wsctl(["connect", url]);
    expect(brief).toMatchObject({ code: 4, stdout: "" });
    expect(brief.stderr).toContain("  WWW-Authenticate: Bearer realm=x\n");
    expect(brief.stderr).toContain("  X-Request-Id: r-1\n");
    expect(brief.stderr).not.toMatch(/Set-Cookie|Server:/);
    const full = await wsctl(["connect", url, "-v"]);
    expect(full.code).toBe(4);
    expect(full.stderr).toContain("  HTTP/1.1 401 Unauthorized\n");
    expect(full.stderr).toContain("  Server: ␛[2Jevil\n");
    expect(full.stderr).toContain("  Set-Cookie: [redacted]\n");
    expect(full.stderr).toContain("  Location: /login?token=redacted&a=1\n");
    expect(full.stderr).toContain("  body: no\n");
    expect(full.stderr).not.toContain("c4n4ry");
  });

  test("is told by --json in fields", async () => {
    const { url } = await startRaw({ answer: () => refusal('{"e":1}', "X-Two: a", "x-two: b") });
    const { stdout } = await wsctl(["connect", url, "--json"]);
    expect(events(stdout).at(-1)).toMatchObject({
      event: "error",
      code: "WSCTL_EUPGRADE",
      status: 401,
      phase: "upgrade",
      body: '{"e":1}',
      headers: {
        "www-authenticate": "Bearer realm=x",
        "x-two": "a, b",
        "set-cookie": "[redacted]",
        "x-secret-thing": "[redacted]",
      },
    });
  });

  test("with a body that is no text has it as bytes; nothing listening has a phase alone", async () => {
    const { url } = await startRaw({
      answer: () => "HTTP/1.1 500 X\r\nContent-Length: 2\r\n\r\n\xff\xfe",
    });
    const refused = events((await wsctl(["connect", url, "--json"])).stdout).at(-1);
    expect(refused).toMatchObject({ status: 500, bodyB64: "//4=" });
    expect(refused).not.toHaveProperty("body");
    const none = events((await wsctl(["connect", "ws://127.0.0.1:1/", "--json"])).stdout).at(-1);
    expect(none).toMatchObject({ code: "WSCTL_EREFUSED", phase: "tcp" });
    expect(none).not.toHaveProperty("status");
  });

  test("by a 101 that is none shows its headers with -v, and why", async () => {
    const answer = () => "HTTP/1.1 101 Sure\r\nX-A: b\r\n\r\n";
    const { url } = await startRaw({ answer });
    const { code, stderr } = await wsctl(["connect", url, "-v"]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/ {2}X-A: b\n[^]*RFC 6455/);
    const { stdout } = await wsctl(["connect", url, "--json"]);
    expect(events(stdout).at(-1)).toMatchObject({ status: 101, headers: { "x-a": "b" } });
  });
});

test("that --reconnect does not help at first is said, where it was given", async () => {
  const plain = await wsctl(["connect", "ws://127.0.0.1:1/"]);
  expect(plain.stderr).not.toContain("--reconnect");
  const { code, stderr } = await wsctl(["connect", "ws://127.0.0.1:1/", "--reconnect"]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^hint: .*--reconnect begins when a connection has stood/m);
});

test("--no-reconnect ends with the connection, whatever is configured", async () => {
  const { url, heads } = await startRaw({ upgraded: (socket) => void socket.destroy() });
  const env = { WSCTL_RECONNECT: "exponential,base=1ms,attempts=2" };
  const args = ["connect", url, "--wait", "5"];
  expect((await wsctl([...args, "--no-reconnect"], { env })).code).toBe(5);
  expect(heads).toHaveLength(1);
  await wsctl(args, { env });
  expect(heads.length).toBeGreaterThan(1);
});

describe("a connection", () => {
  const closing = (code: number, reason: string) => {
    const payload = Buffer.concat([Buffer.of(code >> 8, code & 255), Buffer.from(reason)]);
    return startRaw({
      upgraded: (socket) => {
        socket.write(frame(8, payload));
        onFrames(socket, () => void socket.end());
      },
    });
  };

  test("that is closed is told with its code, what that is called, and the reason", async () => {
    const { url } = await closing(1000, "purpose bye");
    const { stderr } = await wsctl(["connect", url, "-v"]);
    expect(stderr).toContain('closed by the server: 1000 (Normal Closure), reason "purpose bye"\n');
    const silent = await closing(4001, "");
    const { stderr: told } = await wsctl(["connect", silent.url, "-v"]);
    expect(told).toContain("closed by the server: 4001 (private use)\n");
  });

  test("tells its phases to the microsecond, and of TLS only where there is any", async () => {
    const { url } = await closing(1000, "");
    const { stdout } = await wsctl(["connect", url, "--json"]);
    const { phases } = events(stdout).find(({ event }) => event === "open")!;
    expect(Object.keys(phases as Facts)).toEqual(["dns", "tcp", "upgrade"]);
    for (const ms of Object.values(phases as Record<string, number>)) {
      expect(ms).toBe(Math.round(ms * 1000) / 1000);
    }
  });

  test("whose server ignores the subprotocols says so", async () => {
    const { url } = await closing(1000, "");
    const token = "x".repeat(60);
    const offer = ["-s", "chat.v2", "-s", token];
    const { stderr } = await wsctl(["connect", url, "-v", ...offer]);
    expect(stderr).toContain("subprotocol: the server took none of chat.v2, [redacted]\n");
    const { stdout } = await wsctl(["connect", url, "--json", ...offer]);
    expect(events(stdout).find(({ event }) => event === "open")).toMatchObject({
      ignoredSubprotocols: ["chat.v2", "[redacted]"],
    });
    const taking = await startRaw({
      answer: (head) => switching(head, "Sec-WebSocket-Protocol: chat.v2"),
      upgraded: (socket) => void socket.end(),
    });
    const taken = await wsctl(["connect", taking.url, "--json", "-s", "chat.v2"]);
    const open = events(taken.stdout).find(({ event }) => event === "open");
    expect(open).toMatchObject({ subprotocol: "chat.v2" });
    expect(open).not.toHaveProperty("ignoredSubprotocols");
  });
});

test("the body of a curl command is to be sent with -x", async () => {
  const { code, stderr } = await wsctl(["connect", "--curl", "curl ws://127.0.0.1:1/ -d foo"]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^hint: .*message with -x$/m)]);
});
