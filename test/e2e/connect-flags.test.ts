/** Shows what the flags of `wsctl connect` do, as the other side or the reader of the output sees it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { startWsEcho } from "../support/servers.js";
import { requireTmux, TmuxScreen } from "../support/tmux-screen.js";
import { runWsctl } from "../support/wsctl.js";
import { greeted, linesOf, startGreeter } from "./greeter.js";
import { closeInKind, frame, onFrames, startRaw, switching } from "./raw-server.js";

const directory = mkdtempSync(path.join(tmpdir(), "wsctl-flags-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const once = ["-x", "hello", "--count", "1"];

function file(name: string, content: string): string {
  const full = path.join(directory, name);
  writeFileSync(full, content, { mode: 0o600 });
  return full;
}

describe("the request", () => {
  test("has its headers in order, in their case and with duplicates, and what other flags add", async () => {
    const server = await startGreeter({
      answer: (head) => switching(head, "Sec-WebSocket-Protocol: chat.v1"),
    });
    const more = file("headers", "X-FILE: from a file\n\nx-Trace: 3\n");
    const own = ["x-Trace: 1", "X-tenant:  blue:green ", "X-TRACE: 2", `@${more}`];
    const usual = ["--cookie", "a=1; b=2", "--origin", "https://app.example", "--no-compress"];
    const asked = ["-s", "chat.v2", "--subprotocol", "chat.v1", "--user", "me:pass:word"];
    const headers = own.flatMap((line) => ["-H", line]);
    await greeted([`${server.url}chat?a=b`, ...headers, ...usual, ...asked]);
    expect(server.heads.map(linesOf)).toEqual([
      [
        "GET /chat?a=b HTTP/1.1",
        `Host: 127.0.0.1:${server.port}`,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Origin: https://app.example",
        "Sec-WebSocket-Protocol: chat.v2, chat.v1",
        "x-Trace: 1",
        "X-tenant: blue:green",
        "X-TRACE: 2",
        "X-FILE: from a file",
        "x-Trace: 3",
        `Authorization: Basic ${Buffer.from("me:pass:word").toString("base64")}`,
        "Cookie: a=1; b=2",
      ],
    ]);
  });

  test("carries secrets that are kept elsewhere", async () => {
    const server = await startGreeter();
    const env = { TOKEN: "t0ken", JAR: "sid=1" };
    const token = file("token", "t0ken-in-a-file\n");
    await Promise.all([
      greeted([server.url, "--bearer", "env:TOKEN", "--cookie", "env:JAR"], env),
      greeted([server.url, "--bearer", `@${token}`]),
    ]);
    const secrets = server.heads.map((head) =>
      linesOf(head)
        .filter((line) => /^(?:Authorization|Cookie):/.test(line))
        .join(", "),
    );
    expect(secrets.sort()).toEqual([
      "Authorization: Bearer t0ken, Cookie: sid=1",
      "Authorization: Bearer t0ken-in-a-file",
    ]);
  });

  test.each<[string[], string | undefined]>([
    [[], "permessage-deflate; client_max_window_bits"],
    [["--compress"], "permessage-deflate; client_max_window_bits"],
    [["--no-compress"], undefined],
    [
      ["--compress-params", "client_max_window_bits=10; server_no_context_takeover"],
      "permessage-deflate; server_no_context_takeover; client_max_window_bits=10",
    ],
  ])("offers compression as %j say", async (flags, offer) => {
    const server = await startGreeter();
    await greeted([server.url, ...flags]);
    const found = linesOf(server.heads[0]).find((line) => /^sec-websocket-ext/i.test(line));
    expect(found).toBe(offer && `Sec-WebSocket-Extensions: ${offer}`);
  });
});

describe("the session", () => {
  test("--serve-mode starts a server of that kind", async () => {
    const args = ["connect", "--serve-mode", "ticker", "-x", '{"op":"subscribe"}', "--count", "2"];
    const { code, stdout } = await runWsctl(args);
    const ops = stdout.match(/^\{"op":"\w+"/gm);
    expect([code, ops]).toEqual([0, ['{"op":"snapshot"', '{"op":"update"']]);
  });

  test("--ping sends pings, and finds out about a server that is dead", async () => {
    let pings = 0;
    const alive = await startGreeter({
      upgraded: (socket) => {
        onFrames(socket, (opcode, payload) => {
          if (closeInKind(socket, opcode, payload) || opcode !== 9) return;
          socket.write(frame(10, payload));
          if (++pings === 3) socket.write(frame(1, "hello"));
        });
      },
    });
    // A pong that is later than the next ping would be, however busy the machine is, is none.
    await greeted([alive.url, "--ping", "400ms"]);
    expect(pings).toBeGreaterThanOrEqual(3);
    const dead = await startRaw();
    const args = ["connect", dead.url, "--ping", "50ms", "--wait", "forever"];
    const { code, stderr } = await runWsctl(args);
    expect([code, stderr]).toEqual([
      5,
      expect.stringMatching(/did not answer a ping.*\[WSCTL_ELOST\]/),
    ]);
  });

  test("-x @file sends what the file holds", async () => {
    await using server = await startWsEcho();
    const name = file("message", '{"n":{{ $seq }}}');
    const { stdout } = await runWsctl(["connect", server.url, "-x", `@${name}`, "--count", "1"]);
    expect(stdout).toBe('{"n":1}\n');
  });
});

describe("the output", () => {
  test("--verbose, --frames and --quiet say how much is told", async () => {
    await using server = await startWsEcho();
    const url = `${server.url}?token=abc`;
    const run = async (...flags: string[]): Promise<string> => {
      const args = ["connect", url, ...once, "--no-compress", ...flags];
      const { code, stdout, stderr } = await runWsctl(args);
      expect([code, stdout]).toEqual([0, "hello\n"]);
      return stderr;
    };
    const [usual, verbose, frames, quiet] = await Promise.all([
      run(),
      run("--verbose"),
      run("--frames"),
      run("--quiet", "--verbose", "--frames"),
    ]);
    expect(usual).toMatch(/^warning: a secret rides in the URL.*\n$/);
    expect(verbose).toMatch(
      /\nconnected: 101 Switching Protocols \(.*\)\nclosed by us: 1000 \(Normal Closure\)\n$/,
    );
    expect(frames).toMatch(
      /\n→ .* text \[FIN masked\] 5 B, 11 B on the wire\n← .* text \[FIN\] 5 B, 7 B on the wire\n→ .* close .*\n← .* close /,
    );
    expect(quiet).toBe("");
  });

  test("--pretty indents JSON, and leaves numbers and keys as they came", async () => {
    await using server = await startWsEcho();
    const message = ["-x", '{"a":[1.0],"a":{}}', "--count", "1"];
    const flags = ["--pretty", "--no-pretty"];
    const runs = flags.map(async (flag) => runWsctl(["connect", server.url, ...message, flag]));
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual([
      '{\n  "a": [\n    1.0\n  ],\n  "a": {}\n}\n',
      '{"a":[1.0],"a":{}}\n',
    ]);
  });
});

describe.skipIf(!requireTmux())("on a terminal", () => {
  test("--no-color and --no-pretty leave colours and layout out", async () => {
    await using server = await startWsEcho();
    const args = ["connect", server.url, "--no-history"];
    const coloured = new TmuxScreen({ columns: 100 }, args);
    const plain = new TmuxScreen({ columns: 100 }, [...args, "--no-color", "--no-pretty"]);
    for (const screen of [coloured, plain]) {
      await screen.see(/● open in/);
      screen.keys("-l", '{"a":1}');
      screen.keys("Enter");
    }
    await coloured.see(/← \{"a": 1\}/);
    await plain.see(/← \{"a":1\}/);
    expect(coloured.text("-e")).toContain("\u001B[");
    expect(plain.text("-e")).not.toContain("\u001B[");
  });
});
