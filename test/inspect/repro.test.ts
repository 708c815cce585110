import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { buildRequest } from "../../src/dial/request.js";
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
      "curl -isS --max-time 2 --http1.1 -H User-Agent: -H Accept: -H 'Cookie: sid=SECRET' -H 'X-Api-Key: SECRET' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' -H 'Sec-WebSocket-Protocol: chat, SECRET' 'https://h/?token=SECRET&room=1'",
    );
  });

  test.each([
    ["Cookie", "sid=abc; other=d e", "'Cookie: sid=SECRET; other=SECRET'"],
    ["Cookie", "abc", "'Cookie: SECRET'"],
    ["Cookie", "f3a9c1d07b5e48aa90b1c2d3e4f5a6b7=1", "'Cookie: SECRET'"],
    ["Authorization", "Bearer abc", "'Authorization: Bearer SECRET'"],
    ["authorization", "bAsic abc", "'authorization: bAsic SECRET'"],
    ["Authorization", "hunter2 is mine", "'Authorization: SECRET'"],
    ["Authorization", "Bearer", "'Authorization: SECRET'"],
  ])("%s: %s leaves only the secret to be put in", (name, value, shown) => {
    const request = serialiseRequest({ method: "GET", target: "/", headers: [[name, value]] });
    expect(curlOf(request, parseTarget("ws://h"))).toContain(`-H ${shown} http`);
  });

  test("sends what the shell looks up, and nothing of what a check has changed", async () => {
    const server = await startRaw({ answer: () => "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n" });
    const target = parseTarget(server.url);
    const given: Header[] = [
      ["Cookie", "sid=it's; b=2"],
      ["Authorization", "Bearer t0p"],
    ];
    const dial = { request: { headers: given } };
    const folder = mkdtempSync(join(tmpdir(), "wsctl-repro-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "my token");
    writeFileSync(file, "t0p\n");
    const kept = [
      { name: "Cookie", before: "", reference: "env:COOK" },
      { name: "Authorization", before: "Bearer ", reference: `@${file}` },
    ];
    const request = serialiseRequest(buildRequest(target, dial.request));
    const command = curlOf(request, target, { dial, kept });
    expect(command).toContain('-H "Cookie: $COOK"');
    expect(command).toContain(`-H "Authorization: Bearer $(cat '${file}')"`);
    const env = { PATH: process.env["PATH"], COOK: "sid=it's; b=2" };
    await promisify(execFile)("sh", ["-c", command], { env, timeout: 10_000 });
    expect(server.heads).toEqual([request.bytes.toString("latin1")]);
    const headers: Header[] = [["Cookie", "sid=other"]];
    const changed = serialiseRequest({ method: "GET", target: "/", headers });
    expect(curlOf(changed, target, { dial, kept })).toContain("-H 'Cookie: sid=SECRET'");
  });

  test("of user and password is curl's own flag, with the same header", async () => {
    const server = await startRaw({ answer: () => "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n" });
    const target = parseTarget(server.url);
    const headers: Header[] = [["Authorization", `Basic ${btoa("ann:pw")}`]];
    const dial = { request: { headers } };
    const kept = [{ name: "Authorization", before: undefined, reference: "env:WHO" }];
    const command = curlOf(serialiseRequest(buildRequest(target, dial.request)), target, {
      dial,
      kept,
    });
    expect(command).toContain('-u "$WHO"');
    const env = { PATH: process.env["PATH"], WHO: "ann:pw" };
    await promisify(execFile)("sh", ["-c", command], { env, timeout: 10_000 });
    expect(server.heads[0]).toContain(`\r\nAuthorization: Basic ${btoa("ann:pw")}\r\n`);
  });

  test("ends by itself where a WebSocket opens, and shows the head", async () => {
    const server = await startRaw();
    const target = parseTarget(server.url);
    const command = curlOf(serialiseRequest(buildRequest(target)), target);
    const ran = promisify(execFile)("sh", ["-c", command], { timeout: 10_000 });
    await expect(ran).rejects.toMatchObject({
      code: 28,
      stdout: expect.stringMatching(/^HTTP\/1\.1 101/),
    });
    expect(command).toContain("--max-time 2 ");
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

test.each([
  ["/c?a=1;token=abc", "/c?a=1;token=SECRET"],
  ["/c?a=1;token=abc;x=abc&b=2", "/c?a=1;token=SECRET&b=2"],
  ["/c?token=ab;c&b=2", "/c?token=SECRET&b=2"],
  ["/c?to=http://h/?token=abc", "/c?to=http://h/?token=SECRET"],
  ["/c?token=", "/c?token=SECRET"],
  ["/c?token&b=1;2", "/c?token&b=1;2"],
])("%s is shown as %s", (path, shown) => {
  expect(shownPath(path)).toBe(shown);
});

test.each([
  ["http://user:p@ss@host/", "http://SECRET@host/"],
  [`http://${"u".repeat(600)}:x@host/`, "http://SECRET@host/"],
  ["http://host/a@b", "http://host/a@b"],
  ["//a@b//c@d@e", "//SECRET@b//SECRET@e"],
])("%s loses its user: %s", (text, shown) => {
  expect(shownValue("Location", text)).toBe(shown);
});
