import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import { serialiseRequest } from "../../src/frame/http-head.js";
import type { Header } from "../../src/frame/upgrade.js";
import { curlOf, shownPath, shownValue } from "../../src/inspect/repro.js";
import { inspectionPages } from "../../src/report/inspection/pages.js";
import { startRaw } from "../e2e/raw-server.js";
import { inkOf } from "../report/inspection/inspections.js";
import { inspected } from "./real/inspecting.js";

describe("the command", () => {
  test("sends what was sent, in a POSIX shell", async () => {
    const server = await startRaw({ answer: () => "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n" });
    const headers: Header[] = [
      ["Host", `127.0.0.1:${server.port}`],
      ["Upgrade", 'it\'s "quoted" $HOME `id` \\ *'],
      ["X-Empty", ""],
      ["X-Twice", "1"],
      ["X-Twice", "2"],
    ];
    const target = "/a(b)[c]{d,e}?x=$(id)&y='z'";
    const request = serialiseRequest({ method: "POST", target, headers });
    const command = curlOf(request, parseTarget(server.url));
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { timeout: 10_000 });
    expect(stdout).toMatch(/^HTTP\/1\.1 400 No/);
    // curl puts Host first, and drops nothing else.
    expect(server.heads.map((head) => head.replace(/X-Empty:\r/, "X-Empty: \r"))).toEqual([
      request.bytes.toString("latin1"),
    ]);
  });

  test("leaves secrets out, and what curl would add", () => {
    const request = serialiseRequest({
      method: "GET",
      target: "/?token=abc&room=1",
      headers: [
        ["Host", "h"],
        ["Cookie", "sid=abc"],
        ["X-Api-Key", "abc"],
        ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
        ["Sec-WebSocket-Protocol", "chat, auth-token.abc"],
      ],
    });
    expect(curlOf(request, parseTarget("wss://h/"))).toBe(
      "curl -isS --max-time 5 --http1.1 -H User-Agent: -H Accept: -H 'Cookie: SECRET' -H 'X-Api-Key: SECRET' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -H 'Sec-WebSocket-Protocol: chat, SECRET' 'https://h/?token=SECRET&room=1'",
    );
  });

  test("names a target that is no path, and stays on one line", () => {
    const headers: Header[] = [["Host", "h"]];
    const whole = serialiseRequest({ method: "GET", target: "http://other/", headers });
    expect(curlOf(whole, parseTarget("ws://h"))).toContain(
      "--request-target http://other/ http://h/",
    );
    const broken = { method: "GET", target: "/", headers: [["X", "a\r\nb'\\"]] as const };
    const command = curlOf({ ...broken, bytes: Buffer.alloc(0) }, parseTarget("ws://h"));
    expect(command).toContain(String.raw`$'X: a\x0d\x0ab\x27\x5c'`);
  });
});

test.each([
  ["/?token=abc", "/?token=SECRET"],
  ["/?a=1&access_token=a=b&b=2", "/?a=1&access_token=SECRET&b=2"],
  ["/?tok%65n=abc", "/?tok%65n=SECRET"],
  ["/?x?token=abc", "/?x?token=SECRET"],
  ["GET /?token=abc HTTP/1.1", "GET /?token=SECRET HTTP/1.1"],
  ["/token=abc", "/token=abc"],
])("%s is shown as %s", (path, shown) => {
  expect(shownPath(path)).toBe(shown);
});

test("a long line costs no square of it", () => {
  // A square would take longer than a test may.
  for (const path of ["?".repeat(200_000), `/?${"a".repeat(200_000)}`, "?a".repeat(100_000)]) {
    expect(shownPath(path)).toBe(path);
  }
});

test.each([
  ["Cookie", "a=b", "SECRET"],
  ["X-Auth-Token", "a", "SECRET"],
  ["Sec-WebSocket-Key", "a", "a"],
  ["WWW-Authenticate", 'Bearer realm="x"', 'Bearer realm="x"'],
  ["Access-Control-Allow-Credentials", "true", "true"],
  ["Server", "nginx", "nginx"],
  ["Set-Cookie", "sid=abc; Secure; X=abc", "sid=SECRET; Secure"],
  ["Location", "https://a:b@h/?access_token=c&d=1", "https://SECRET@h/?access_token=SECRET&d=1"],
  ["Sec-WebSocket-Protocol", "access_token, hunter", "access_token, SECRET"],
])("%s: %s is shown as %s", (name, value, shown) => {
  expect(shownValue(name, value)).toBe(shown);
});

test.each<[string, string]>([
  [
    "is refused",
    "HTTP/1.1 302 No\r\nLocation: /?jwt=b&c=1\r\nSec-WebSocket-Protocol: token.zz9\r\n\r\n",
  ],
  ["breaks off", "HTTP/1.1"],
  ["breaks RFC 6455", "HTTP/1.1 101 X\r\n\r\n"],
])("where an exchange that %s came to its end, secrets are the same word", async (_how, answer) => {
  const server = await startRaw({ answer: () => answer, upgraded: (socket) => void socket.end() });
  const url = `${server.url}?room=1&token=s3cret-value`;
  const { inspection } = await inspected(url, { request: { subprotocols: ["chat", "bearer.x1"] } });
  expect(inspection.failure?.where[0]).toContain("GET /?room=1&token=SECRET on 127.0.0.1:");
  const judged = { inspection, failOn: "high" } as const;
  for (const kind of ["text", "json", "junit", "sarif", "markdown"] as const) {
    const page = inspectionPages[kind](judged, inkOf(100));
    expect(page, kind).not.toMatch(/redacted|s3cret|bearer\.x1|token\.zz9|jwt=b|token=…/);
    // What code scanners read is the findings alone.
    if (kind !== "sarif") expect(page, kind).toContain("SECRET");
  }
});

test("a header that the user calls secret is one, in a command as well", () => {
  const headers: Header[] = [["X-Ws", "blue"]];
  const request = serialiseRequest({ method: "GET", target: "/", headers });
  const secretHeaders = new Set(["x-ws"]);
  expect(curlOf(request, parseTarget("ws://h"), { secretHeaders })).toContain("-H 'X-Ws: SECRET'");
  expect(shownValue("x-WS", "blue", secretHeaders)).toBe("SECRET");
});
