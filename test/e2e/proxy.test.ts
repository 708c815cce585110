/** Runs `wsctl proxy` as people and programs do: what it shows, records, changes, and how it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { exitWithin, startChild } from "../support/child.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { script } from "./connect-run.js";
import { connect, order, startProxy } from "./proxy-run.js";

const directory = mkdtempSync(path.join(tmpdir(), "wsctl-proxy-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const program = path.resolve(import.meta.dirname, "../../bin/wsctl.js");

const patient = { timeout: 10_000 };

/** What a terminal would obey. */
// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

describe("for programs", () => {
  test("says first where it listens, then what happens, and at the end what it came to", async () => {
    const server = await startWsEcho();
    const { listening, stop } = await startProxy(["--target", `${server.url}?token=c4n4ry`]);
    expect(listening).toMatchObject({
      event: "listening",
      targets: [`${server.url}?token=redacted`],
    });
    expect(listening.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/$/);
    const one = await connect(listening.url, {
      origin: "https://o.test",
      perMessageDeflate: false,
    });
    const hostile = "\u001b]0;title\u0007\u009b\u202e";
    expect(await one.ask(hostile)).toBe(hostile);
    one.socket.send(Buffer.from([0, 255]));
    one.socket.ping("hey");
    await once(one.socket, "pong");
    one.socket.close(4000, "bye");
    await once(one.socket, "close");
    const { code, stderr, stdout, lines } = await stop();
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^warning: .*\(token\).*\n$/)]);
    expect(stdout + stderr).not.toContain("c4n4ry");
    expect(stdout.split("\n").filter((line) => obeyed.test(line))).toEqual([]);
    expect(lines.slice(1)).toMatchObject([
      { event: "open", connection: 1, path: "/", origin: "https://o.test" },
      { event: "message", direction: "out", binary: false, data: hostile, compressed: false },
      { event: "message", direction: "in", binary: false, data: hostile },
      { event: "message", direction: "out", binary: true, b64: "AP8=" },
      { event: "control", direction: "out", opcode: 9, b64: "aGV5" },
      { event: "message", direction: "in", binary: true, b64: "AP8=" },
      { event: "control", direction: "in", opcode: 10, b64: "aGV5" },
      { event: "control", direction: "out", opcode: 8 },
      { event: "control", direction: "in", opcode: 8 },
      { event: "close", connection: 1, by: "client", code: 4000, reason: "bye" },
      { event: "end", opened: 1, open: 0, messages: { in: 2, out: 2 } },
    ]);
  });

  test("records every connection in a file of its own, ended in good order by Ctrl-C", async () => {
    const server = await startWsEcho();
    const record = path.join(directory, "talks");
    const { listening, stop } = await startProxy(["--target", server.url, "--record", record]);
    const clients = [await connect(listening.url), await connect(listening.url)];
    await clients[0]!.ask("one");
    await clients[1]!.ask("two");
    const closed = clients.map(({ socket }) => once(socket, "close"));
    expect((await stop()).code).toBe(0);
    await Promise.all(closed);
    const files = readdirSync(record).sort();
    expect(files).toEqual([
      expect.stringMatching(/^\d{8}T\d{6}-\d{3}Z-1\.wsrec$/),
      expect.stringMatching(/^\d{8}T\d{6}-\d{3}Z-2\.wsrec$/),
    ]);
    const texts = files.map((file) => readFileSync(path.join(record, file), "utf8"));
    for (const [index, said] of ["one", "two"].entries()) {
      const lines = texts[index]!.trimEnd().split("\n");
      const kinds = lines.map((line) => (JSON.parse(line) as { k?: string }).k);
      expect(kinds).toEqual([undefined, "upgrade", "out", "in", "mark", "close", "end"]);
      expect(texts[index]).toContain(said);
    }
  });

  test("changes what passes, and switches faults while it runs", async () => {
    const server = await startWsEcho();
    const rules = ["--rule", "out:$.op == buy => edit $.price = 0", "--rule", "in:noise => drop"];
    const { listening, stop } = await startProxy(["--target", server.url, ...rules]);
    const { ask, got, socket } = await connect(listening.url);
    expect(await ask('{"op": "buy", "price": 12.50}')).toBe('{"op": "buy", "price": 0}');
    socket.send("noise");
    expect(await ask("music")).toBe("music");
    await order(listening, "/faults", { fault: "dup" });
    socket.send("again");
    await expect.poll(() => got.slice(2), patient).toEqual(["again", "again"]);
    const { lines } = await stop();
    expect(lines).toContainEqual({ event: "note", connection: 1, text: "rule 2: dropped" });
  });

  test("is an HTTP proxy as well, for plain requests and for tunnels", async () => {
    const server = await startWsEcho();
    const { listening, stop } = await startProxy([]);
    const { host } = new URL(listening.url);
    const env = { HTTP_PROXY: `http://${host}`, NO_PROXY: undefined };
    const said = await runWsctl(["connect", server.url, "-x", "hello", "--count", "1"], { env });
    expect([said.code, said.stdout]).toEqual([0, "hello\n"]);
    const { lines } = await stop();
    expect(lines).toContainEqual(
      expect.objectContaining({ event: "message", direction: "in", data: "hello" }),
    );
  });

  test("tells a client that comes to nobody", async () => {
    const { listening, stop } = await startProxy(["--target", "ws://127.0.0.1:1/"]);
    await expect(connect(listening.url)).rejects.toThrow("502");
    const { lines } = await stop();
    expect(lines[1]).toMatchObject({ event: "refused", status: 502, by: "proxy" });
  });

  test("says so of a port that is taken", async () => {
    const { listening } = await startProxy([]);
    const { port } = new URL(listening.url);
    const { code, stdout, stderr } = await runWsctl(["proxy", "--json", "--port", port]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE/);
    const control = new URL(listening.control).port;
    const second = await runWsctl(["proxy", "--port", "0", "--control-port", control]);
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining("--control-port")]);
  });
});

describe("for people", () => {
  test("shows each connection with its number, and its end", async () => {
    const server = await startWsEcho();
    const child = startWsctl(["proxy", "--port", "0", "--target", server.url]);
    await expect.poll(() => child.output.stderr, patient).toMatch(/proxy on ws:\S+/);
    const url = /proxy on (ws:[^\s,]+)/.exec(child.output.stderr)![1]!;
    const { ask, socket } = await connect(url);
    await ask('{"op":"join"}');
    await ask("\u001b[2J\u0007\u202e");
    await ask("");
    socket.send(Buffer.from([1, 2, 255]));
    socket.close(1000, "bye\u001b[31m");
    await once(socket, "close");
    const shown = () => child.output.stdout;
    await expect.poll(shown, patient).toContain("closed by");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await exitWithin(child, 10_000);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^#1 open 127\.0\.0\.1:\d+ to ws:\/\/127\.0\.0\.1:\d+\/ /m);
    expect(stdout).toMatch(/^#1 → \{"op":"join"\} {2}13 B$/m);
    expect(stdout).toMatch(/^#1 ← \{"op":"join"\} {2}13 B {2}[\d.]+ [mµ]?s$/m);
    expect(stdout).toMatch(/^#1 → ␛\[2J␇\\u202e {2}8 B {2}/m);
    expect(stdout).toMatch(/^#1 → \(empty\) {2}0 B/m);
    expect(stdout).toMatch(/^#1 → binary 01 02 ff {2}3 B/m);
    expect(stdout).toMatch(/^#1 closed by the client: 1000 "bye␛\[31m" Normal Closure/m);
    expect(stdout + stderr).not.toMatch(obeyed);
    expect(stderr).toMatch(/^1 connection, 4 messages to the server \(24 B\), \d back/m);
  });

  test("leaves at once at the second Ctrl-C", async () => {
    const server = await startWsEcho();
    const { listening, child } = await startProxy(["--target", server.url]);
    const { socket } = await connect(listening.url);
    socket.pause();
    child.kill("SIGINT");
    child.kill("SIGINT");
    expect((await exitWithin(child, 10_000)).code).toBe(0);
  });

  test.skipIf(!existsSync(script))(
    "has colours on a terminal, one for each connection",
    async () => {
      const server = await startWsEcho();
      const command = `exec '${process.execPath}' '${program}' proxy --port 0 --target ${server.url}`;
      const env = { TERM: "xterm-256color", NO_COLOR: undefined, FORCE_COLOR: undefined };
      const child = startChild(script, ["-qefc", `stty cols 100; ${command}`, "/dev/null"], {
        env,
      });
      const shown = () => child.output.stdout;
      await expect.poll(shown, patient).toMatch(/proxy/);
      await expect.poll(shown, patient).toMatch(/ws:\/\/127\.0\.0\.1:\d+\//);
      const url = /ws:\/\/127\.0\.0\.1:\d+\//.exec(shown())![0];
      await (await connect(url)).ask("first");
      await (await connect(url)).ask("second");
      await expect.poll(shown, patient).toContain("\u001b[36m#1\u001b[39m ← first");
      await expect.poll(shown, patient).toContain("\u001b[35m#2\u001b[39m ← second");
      await child[Symbol.asyncDispose]();
    },
  );
});

test("who reads too slowly is not waited for, but told how much was left out", async () => {
  const server = await startWsEcho();
  const args = ["proxy", "--port", "0", "--json", "--target", server.url];
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    child.stdout.pause();
    const { url } = JSON.parse(first.toString()) as { url: string };
    const { socket, got } = await connect(url, { perMessageDeflate: false });
    const text = "x".repeat(100_000);
    for (let count = 0; count < 300; count++) socket.send(text);
    await expect.poll(() => got.length, patient).toBe(300);
    let output = "";
    child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
    child.stdout.resume();
    await expect.poll(() => output, patient).toContain('"event":"skipped"');
    const lines = output.split("\n").filter((line) => line.endsWith("}"));
    const events = lines.map((line) => JSON.parse(line) as { event: string; count?: number });
    const shown = events.filter(({ event }) => event === "message").length;
    const skipped = events.find(({ event }) => event === "skipped")?.count ?? 0;
    expect([shown > 0, shown + skipped]).toEqual([true, 600]);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});
