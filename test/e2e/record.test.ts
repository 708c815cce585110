/** Shows the real program recording: what is in the file, what is not, and when it ends. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { startChild } from "../support/child.js";
import { startWsEcho, type WsEcho } from "../support/servers.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { typed } from "./connect-run.js";
import { refusingPort } from "./raw-server.js";

type Line = Readonly<Record<string, unknown>>;

const program = fileURLToPath(new URL("../../bin/wsctl.js", import.meta.url));

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), "wsctl-record-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function newName(): string {
  return path.join(dir, `${++files}.wsrec`);
}

function linesOf(file: string): Line[] {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line);
}

function kindsOf(file: string): unknown[] {
  return linesOf(file).map(({ k }) => k);
}

/** A server that says to each client, first of all, what the client has told of itself. */
async function startTelltale(): Promise<WsEcho> {
  const server = await startWsEcho();
  server.wss.on("connection", (socket: WebSocket, request: IncomingMessage) => {
    const { authorization = "", cookie } = request.headers;
    const pair = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString("latin1");
    const all = { url: request.url, cookie, headers: request.rawHeaders, pair };
    socket.send(JSON.stringify(all));
    socket.send(Buffer.from(JSON.stringify(all)), { binary: true });
  });
  return server;
}

/** Everything in the file, what is in base64 as well. */
function allOf(file: string): string {
  const text = readFileSync(file, "utf8");
  const hidden = [...text.matchAll(/[A-Za-z0-9+/]{8,}={0,2}/g)].map(([found]) =>
    Buffer.from(found, "base64").toString("latin1"),
  );
  return [text, ...hidden].join("\n");
}

describe("record ends", () => {
  test("when the server closes, and not at the end of stdin", async () => {
    await using server = await startWsEcho();
    const file = newName();
    const child = startWsctl(["record", server.url, "-o", file], { stdin: "one\ntwo\n" });
    expect([await child.nextLine(), await child.nextLine()]).toEqual(["one", "two"]);
    // Another that is silent for as long as connect waits.
    expect((await runWsctl(["connect", server.url, "-x", "tick"])).code).toBe(0);
    expect(server.wss.clients.size).toBe(1);
    for (const socket of server.wss.clients) socket.close(1000, "enough");
    const { code, stderr } = await child.exit;
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^recorded \S+\.wsrec: 2 sent, 2 received, [\d.]+ \w+\n$/),
    ]);
    expect(linesOf(file)).toMatchObject([
      { wsrec: 1, url: server.url, tool: expect.stringMatching(/^wsctl\//) },
      { k: "upgrade", status: 101, target: "/" },
      { k: "out", op: 1, data: "one" },
      { k: "out", op: 1, data: "two" },
      { k: "in", op: 1, data: "one" },
      { k: "in", op: 1, data: "two" },
      { k: "close", by: "server", code: 1000, reason: "enough" },
      { k: "end", in: 2, out: 2 },
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("after --duration, or with what was asked for", async () => {
    await using server = await startWsEcho();
    const [file, other] = [newName(), newName()];
    const [timed, counted] = await Promise.all([
      runWsctl(["record", server.url, "-o", file, "-d", "200ms", "-x", "a", "-q"]),
      runWsctl(["record", server.url, "-o", other, "-x", "a", "--count", "1"]),
    ]);
    expect(timed).toMatchObject({ code: 0, stdout: "a\n", stderr: "" });
    expect(kindsOf(file)).toEqual([undefined, "upgrade", "out", "in", "close", "end"]);
    expect([counted.code, kindsOf(other).at(-1)]).toEqual([0, "end"]);
    const unmet = ["-d", "100ms", "--expect", "never"];
    const late = await runWsctl(["record", server.url, "-o", newName(), ...unmet]);
    expect([late.code, late.stderr]).toEqual([7, expect.stringContaining("the time was over")]);
  });

  test.each<[string, string, string, number]>([
    ["record", "-o", "SIGINT", 0],
    ["record", "-o", "SIGTERM", 0],
    ["connect", "--record", "SIGINT", 130],
  ])("%s with a close at %s's %s", async (command, flag, signal, expected) => {
    await using server = await startWsEcho();
    const file = newName();
    const args = [command, server.url, flag, file, "-x", "hello", "-w", "forever"];
    const { code } = await runWsctl(args, {
      signalWhen: { pattern: /hello/, signal: signal as NodeJS.Signals },
    });
    expect(code).toBe(expected);
    expect(linesOf(file).slice(-2)).toMatchObject([
      { k: "close", by: "client", code: 1000 },
      { k: "end", in: 1, out: 1 },
    ]);
  });
});

test("a reader of stdout that goes away ends it, and the file is whole", async () => {
  await using server = await startWsEcho();
  server.wss.on("connection", (socket: WebSocket) => {
    socket.on("message", (data) => socket.send(data));
  });
  const file = newName();
  // Each echo comes twice, and each line is longer than what a pipe holds.
  const words = ["record", server.url, "-o", file, "-x", "y".repeat(100_000), "-x", "last"];
  const line = `"$@" | head -c 1 > /dev/null; echo "\${PIPESTATUS[0]}"`;
  const child = startChild("bash", ["-c", line, "bash", process.execPath, program, ...words]);
  const { stdout, stderr } = await child.exit;
  expect([stdout, stderr]).toEqual(["0\n", expect.stringMatching(/^recorded /)]);
  expect(linesOf(file).slice(-2)).toMatchObject([{ k: "close", by: "client" }, { k: "end" }]);
});

test("connect --record keeps what passes beside the pipe, and ends as connect does", async () => {
  await using server = await startWsEcho({ ws: { perMessageDeflate: { threshold: 0 } } });
  const file = newName();
  const { code, stdout, stderr } = await runWsctl(
    ["connect", server.url, "--record", file, "-w", "600ms"],
    { stdin: `${"z".repeat(2000)}\n` },
  );
  expect([code, stdout.length, stderr]).toEqual([0, 2001, expect.stringMatching(/^recorded /)]);
  expect(linesOf(file).slice(2, 4)).toMatchObject([
    { k: "out", data: "z".repeat(2000), rsv1: true, wire: expect.any(Number) },
    { k: "in", data: "z".repeat(2000), rsv1: true, wire: expect.any(Number) },
  ]);
});

test("record takes every flag of connect, but --record", async () => {
  const flagsOf = async (command: string): Promise<string[]> => {
    const { stdout } = await runWsctl([command, "--help"]);
    return [...stdout.matchAll(/^ {2}((?:-\w, )?--[\w-]+)/gm)].map(([, flag]) => flag!).sort();
  };
  const expected = (await flagsOf("connect")).filter((flag) => flag !== "--record");
  expect(await flagsOf("record")).toEqual([...expected, "-o, --output", "-d, --duration"].sort());
});

describe("files", () => {
  test("are never written over: exit 2, and nobody is dialled", async () => {
    await using server = await startWsEcho();
    let connections = 0;
    server.wss.on("connection", () => connections++);
    const file = newName();
    writeFileSync(file, "mine\n");
    for (const args of [
      ["record", server.url, "-o", file],
      ["connect", server.url, "--record", file],
    ]) {
      const { code, stderr } = await runWsctl(args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/there already.*\[WSCTL_EUSAGE\]/)]);
    }
    expect([readFileSync(file, "utf8"), connections]).toEqual(["mine\n", 0]);
  });

  test("--append goes on with what is there, and begins what is not", async () => {
    await using server = await startWsEcho();
    const file = newName();
    for (const text of ["first", "second"]) {
      const args = ["record", server.url, "-o", file, "--append", "-x", text, "--count", "1"];
      expect((await runWsctl(args)).code).toBe(0);
    }
    const lines = linesOf(file);
    expect(lines.filter(({ wsrec }) => wsrec === 1)).toHaveLength(1);
    expect(lines.flatMap(({ k, data }) => (k === "out" ? [data] : []))).toEqual([
      "first",
      "second",
    ]);
    const times = lines.slice(1).map(({ t }) => Number(t));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test.each(["none", "1s", "each"])("--fsync says when: %s", async (when) => {
    await using server = await startWsEcho();
    const file = newName();
    const args = ["record", server.url, "-o", file, "--fsync", when, "-x", "a", "--count", "1"];
    expect((await runWsctl(args)).code).toBe(0);
    expect(kindsOf(file)).toEqual([undefined, "upgrade", "out", "in", "close", "end"]);
  });

  test("hold a refused upgrade; a connection without an answer leaves none", async () => {
    await using server = await startWsEcho({ refuse: 403 });
    const [file, none] = [newName(), newName()];
    expect((await runWsctl(["record", server.url, "-o", file])).code).toBe(4);
    expect(linesOf(file)).toMatchObject([
      { wsrec: 1 },
      { k: "upgrade", status: 403, response: expect.arrayContaining([["Connection", "close"]]) },
      { k: "end" },
    ]);
    const url = `ws://127.0.0.1:${await refusingPort()}/`;
    const { code, stderr } = await runWsctl(["record", url, "-o", none]);
    expect([code, existsSync(none)]).toEqual([3, false]);
    expect(stderr).toContain("nothing was recorded");
  });
});

describe("what was said in confidence is in no file", () => {
  const spoken = JSON.stringify({ user: "me", password: "c4nary-payload-8152" });

  test.each<[string, string[]]>([
    ["a token", ["--bearer", "c4nary-bearer-7731"]],
    ["a token of the environment", ["--bearer", "env:CANARY"]],
    ["a pair", ["--user", "me:c4nary-password-55"]],
    ["a header", ["-H", "X-Api-Key: c4nary-header-4410"]],
    ["a cookie", ["--cookie", "sid=c4nary-cookie-9; theme=dark"]],
  ])("%s, a parameter and --redact", async (_what, flags) => {
    await using server = await startTelltale();
    const file = newName();
    const url = `${server.url}room?token=c4nary-parameter-3&x=kept`;
    const args = ["record", url, "-o", file, ...flags, "--redact", "$.password"];
    const { code, stdout } = await runWsctl([...args, "-x", spoken, "--count", "3"], {
      env: { CANARY: "c4nary-environment-6" },
    });
    // The conversation itself is as it was.
    expect([code, stdout]).toEqual([0, expect.stringContaining("c4nary-payload")]);
    expect(allOf(file)).not.toContain("c4nary");
    const [head, upgrade, ...rest] = linesOf(file);
    expect(head).toMatchObject({ url: expect.stringContaining("x=kept") });
    expect(upgrade).toMatchObject({ k: "upgrade", target: expect.stringContaining("x=kept") });
    expect(rest.find(({ k }) => k === "out")).toMatchObject({
      data: expect.stringContaining('"user":"me"'),
      redacted: true,
    });
  });

  test("credentials of the URL, and headers that a profile keeps elsewhere", async () => {
    await using server = await startTelltale();
    const folder = mkdtempSync(path.join(dir, "project-"));
    const profile = `profiles: { p: { url: "${server.url}", headers: { X-Tenant: { env: CANARY } } } }`;
    writeFileSync(path.join(folder, ".wsctl.yaml"), profile);
    const env = { CANARY: "c4nary-environment-6" };
    const [file, other] = [newName(), newName()];
    const elsewhere = ["record", "@p", "-o", file, "--count", "2"];
    const inUrl = server.url.replace("//", "//me:c4nary-password-55@");
    const runs = await Promise.all([
      runWsctl(elsewhere, { env, cwd: folder }),
      runWsctl(["record", inUrl, "-o", other, "--count", "2"]),
    ]);
    for (const { code, stdout } of runs) {
      expect([code, stdout]).toEqual([0, expect.stringContaining("c4nary")]);
    }
    expect(allOf(file)).not.toContain("c4nary");
    expect(allOf(other)).not.toContain("c4nary");
  });

  test("a token that was asked for at the terminal", async () => {
    await using server = await startTelltale();
    const file = newName();
    const { code, stdout } = await typed(
      [server.url, "--record", file, "--bearer", "prompt", "--no-history"],
      [
        [/bearer token: /, "c4nary-asked-2219\r"],
        [/#2/, "hello\r"],
        [/← hello/, "\u0004"],
      ],
    );
    expect([code, stdout]).toEqual([0, expect.stringMatching(/recorded \S+: 1 sent, 3 received/)]);
    expect(kindsOf(file).at(-1)).toBe("end");
    expect(allOf(file)).not.toContain("c4nary");
  });
});

const mount = 'mount -t tmpfs -o size=512k none "$1"';
const canMount = spawnSync("unshare", ["-m", "bash", "-c", mount, "bash", tmpdir()]).status === 0;

test.skipIf(!canMount)(
  "a full disk is told at once, the session lives, and it ends with 1",
  async () => {
    await using server = await startWsEcho();
    const folder = mkdtempSync(path.join(dir, "small-"));
    const file = newName();
    const script = `${mount} && shift && "$@"; code=$?; cp "$0"/full.wsrec "${file}"; exit $code`;
    const args = ["record", server.url, "-o", path.join(folder, "full.wsrec"), "-d", "30s"];
    const line = [process.execPath, program, ...args];
    const connected = new Promise<WebSocket>((resolve) => server.wss.on("connection", resolve));
    await using child = startChild("unshare", [
      "-m",
      "bash",
      "-c",
      script,
      folder,
      folder,
      ...line,
    ]);
    const socket = await connected;
    socket.send("early");
    socket.send("x".repeat(700_000));
    await expect.poll(() => child.output.stderr, { timeout: 10_000 }).toContain("the disk is full");
    expect(socket.readyState).toBe(socket.OPEN);
    socket.send("still here");
    await expect.poll(() => child.output.stdout, { timeout: 10_000 }).toContain("still here");
    socket.close(1000);
    const { code, stderr } = await child.exit;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/\nrecorded .*not all of it: .*full/),
    ]);
    expect(linesOf(file).slice(0, 3)).toMatchObject([
      { wsrec: 1 },
      { k: "upgrade" },
      { k: "in", data: "early" },
    ]);
  },
);
