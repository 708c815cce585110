/** Runs `wsctl serve` as people and programs do: flags, first line, terminal, signals, processes. */
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { WebSocket, type ClientOptions } from "ws";
import { makeCertificates } from "../support/certificates.js";
import { type Child, exitWithin } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";

interface Listening {
  readonly event: string;
  readonly mode: string;
  readonly url: string;
  readonly control: string;
  readonly token: string;
  readonly seed: string;
  readonly fingerprint?: string;
}

const directory = mkdtempSync(path.join(tmpdir(), "wsctl-serve-"));
const started: Child[] = [];
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await Promise.all(started.splice(0).map((child) => child[Symbol.asyncDispose]()));
});

afterAll(() => rmSync(directory, { recursive: true }));

async function start(...args: string[]): Promise<{ child: Child; server: Listening }> {
  const child = startWsctl(["serve", ...args, "--port", "0", "--json"]);
  started.push(child);
  const line = await child.nextLine(15_000);
  return { child, server: JSON.parse(line ?? "") as Listening };
}

async function connect(url: string, options: ClientOptions = {}): Promise<WebSocket> {
  const client = new WebSocket(url, options);
  clients.push(client);
  await once(client, "open");
  client.on("error", () => {});
  return client;
}

async function ask(client: WebSocket, text: string): Promise<string> {
  const answer = once(client, "message");
  client.send(text);
  const [data] = (await answer) as [Buffer];
  return data.toString();
}

async function order({ control, token }: Listening, what: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`${control}${what}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}

async function told({ control }: Listening, what: string): Promise<unknown> {
  return (await fetch(`${control}${what}`)).json();
}

/** The end of the program after Ctrl-C. */
async function stopped(child: Child): Promise<{ code: number | null; stderr: string }> {
  child.kill("SIGINT");
  return exitWithin(child, 10_000);
}

describe("help", () => {
  test("shows modes, and flags in groups", async () => {
    const { stdout, code } = await runWsctl(["serve", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Modes:\n {2}echo +sends every message back as it came \(default\)$/m);
    const groups = ["Server:", "Mode echo:", "Guards, each", "Faults:", "Control", "Output:"];
    const places = groups.map((group) => stdout.indexOf(`\n${group}`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(stdout).not.toMatch(/Arguments:|choices|\(default: .*\(default/);
  });

  test("lists the faults with what they reveal, as a table and as JSON", async () => {
    const table = await runWsctl(["serve", "--list-faults"]);
    expect(table.stdout).toMatch(/^drop +loses messages +no check for gaps$/m);
    expect(table.stdout).toMatch(/^upgrade-503=30s +answers/m);
    expect(table.stdout).toMatch(/^close-1001 +closes/m);
    const json = await runWsctl(["serve", "--list-faults", "--json"]);
    const faults = JSON.parse(json.stdout) as { name: string; reveals: string }[];
    expect(faults).toContainEqual({
      name: "drop",
      summary: "loses messages",
      reveals: "no check for gaps",
    });
    expect(faults.length).toBeGreaterThan(10);
  });
});

test.each([
  [["ech"], /there is no mode "ech"[^]*did you mean echo\?/],
  [["echo", "--tick", "5"], /the mode echo knows no --tick[^]*`wsctl serve ticker`/],
  [["--fault", "dorp"], /--fault dorp:[^]*did you mean drop\?/],
  [["--tls-cert", "x"], /--tls-cert and --tls-key need each other/],
  [["--tls-cert", "/nowhere", "--tls-key", "/nowhere"], /cannot read \/nowhere/],
  [["--path", "chat"], /A path is written like \/chat/],
  [["--path", "/chat/../x"], /A path is written like \/chat/],
  [["--path", "/a\\b"], /A path is written like \/chat/],
  [["--path", "/healthz"], /\/healthz tells the health/],
  [["--max-payload", "0"], /--max-payload: It is at least 1 byte/],
  [["--host", ""], /--host: It is a name or an IP address/],
  [["-s", "a b"], /--subprotocol: A subprotocol is letters/],
  [["-s", "a,b"], /--subprotocol: A subprotocol is letters/],
  [["-s", "é"], /--subprotocol: A subprotocol is letters/],
  [["--strikes", "2"], /--strikes says nothing without --schema/],
  [["sink", "--log", "x"], /the mode sink keeps no log[^]*--log belongs to `wsctl serve echo`/],
  [["chat", "--keep-log", "5"], /the mode chat keeps no log[^]*--keep-log belongs to/],
  [["--processes", "0"], /a number from 1 to 64/],
  [["chat", "--processes", "2"], /the mode chat needs one process/],
  [["--processes", "2", "--keep-log", "5"], /a log is only kept by a server of one process/],
  [["--log", "/nowhere/log"], /cannot write \/nowhere\/log: ENOENT/],
])("%j is a mistake that is explained", async (args, message) => {
  const { code, stdout, stderr } = await runWsctl(["serve", "--port", "0", ...args]);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([2, ""]);
});

describe("for programs", () => {
  test("says first where it listens, then what happens, and ends with 1001 and 0", async () => {
    const { child, server } = await start("-vv");
    expect(server).toMatchObject({ event: "listening", mode: "echo" });
    expect(server.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/$/);
    const client = await connect(`${server.url}x`, { origin: "https://o.test" });
    expect(await ask(client, "\u001b[31m\u009b\u202e")).toBe("\u001b[31m\u009b\u202e");
    const closed = once(client, "close");
    expect(await stopped(child)).toMatchObject({ code: 0, stderr: "" });
    expect((await closed)[0]).toBe(1001);
    const events: unknown[] = [];
    for (let line; (line = await child.nextLine()) !== undefined;) {
      // Nothing that a terminal obeys, and yet the very text.
      // eslint-disable-next-line no-control-regex -- control characters are the subject here
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      events.push(JSON.parse(line));
    }
    expect(events).toMatchObject([
      { event: "open", connection: 1, path: "/x", origin: "https://o.test" },
      { event: "message", direction: "in", binary: false, data: "\u001b[31m\u009b\u202e" },
      { event: "message", direction: "out", binary: false, data: "\u001b[31m\u009b\u202e" },
      { event: "close", connection: 1, code: 1001 },
    ]);
  });

  test("obeys who has the token", async () => {
    const { server } = await start("--fault", "drop,count=1");
    const client = await connect(server.url);
    client.send("lost");
    expect(await ask(client, "found")).toBe("found");
    expect(await told(server, "/stats")).toMatchObject({
      messages: { sent: 2, delivered: 1 },
      injected: { drop: 1 },
    });
    const closed = once(client, "close");
    expect(await order(server, "/cut", { share: "100%", code: 4999 })).toEqual({ cut: 1 });
    expect((await closed)[0]).toBe(4999);
  });

  test("serves wss with a certificate made on the spot, or with a given one", async () => {
    const made = await start("--tls");
    expect(made.server.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    const client = await connect(made.server.url, { rejectUnauthorized: false });
    expect(await ask(client, "x")).toBe("x");
    const { ca, server: own } = await makeCertificates();
    const given = await start("--tls-cert", own.certPath, "--tls-key", own.keyPath);
    expect(await ask(await connect(given.server.url, { ca: ca.cert }), "x")).toBe("x");
  });

  test("keeps every message's times in a file", async () => {
    const file = path.join(directory, "log.jsonl");
    const { child, server } = await start("--log", file);
    const client = await connect(server.url, { headers: { "Wsctl-Run": "r" } });
    for (let n = 0; n < 50; n++) await ask(client, String(n));
    const page = await fetch(`${server.control}/log?limit=10&since=40`);
    expect((await page.text()).trimEnd().split("\n")).toHaveLength(10);
    await stopped(child);
    const entries = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(entries.map((line) => JSON.parse(line) as unknown)).toEqual(
      Array.from({ length: 50 }, (_, sequence) =>
        expect.objectContaining({ n: sequence + 1, connection: 1, run: "r", sequence, delay: 0 }),
      ),
    );
  });

  test.skipIf(!existsSync("/dev/full"))("says at once that a log is lost", async () => {
    const { child, server } = await start("--log", "/dev/full", "-q");
    const client = await connect(server.url);
    await ask(client, "x");
    const said = /error: cannot write \/dev\/full: ENOSPC; nothing more is logged/;
    await expect.poll(() => child.output.stderr, { timeout: 8000 }).toMatch(said);
    // The server itself goes on.
    for (let n = 0; n < 10; n++) expect(await ask(client, String(n))).toBe(String(n));
    const { code, stderr } = await stopped(child);
    expect([code, stderr.match(/cannot write/g)?.length]).toEqual([1, 1]);
  });

  test.skipIf(!existsSync("/dev/full"))("says at the end that a log was lost", async () => {
    const { child, server } = await start("--log", "/dev/full");
    await ask(await connect(server.url), "x");
    const { code, stderr } = await stopped(child);
    expect([code, stderr.match(/cannot write/g)?.length]).toEqual([1, 1]);
  });

  test("speaks at a path that clients percent-encode", async () => {
    const { server } = await start("--path", "/größe", "--path", "/a%20b");
    expect(new URL(server.url).pathname).toBe("/gr%C3%B6%C3%9Fe");
    expect(await ask(await connect(server.url), "x")).toBe("x");
    expect(await ask(await connect(new URL("/a b", server.url).href), "x")).toBe("x");
  });

  test("agrees with a load run about every message, however many faults struck", async () => {
    const faults = ["drop,p=10%", "dup,p=10%"].flatMap((fault) => ["--fault", fault]);
    const { server } = await start(...faults);
    const flags = ["-c", "5", "-d", "1s", "-r", "100", "--correlate", "none"];
    const load = await runWsctl(["load", server.url, ...flags, "--json", "-q"]);
    const { code, stdout, stderr } = load;
    // 98: a busy machine makes the latencies worthless, not the counts.
    expect([0, 98], stderr).toContain(code);
    const { conservation } = JSON.parse(stdout) as { conservation: { server: unknown } };
    const { messages, injected } = (await told(server, "/stats")) as {
      messages: Record<string, number>;
      injected: Record<string, number>;
    };
    expect(injected["drop"]).toBeGreaterThan(0);
    expect(injected["dup"]).toBeGreaterThan(0);
    expect(conservation.server).toMatchObject({
      equal: true,
      receivedByServer: messages["received"],
      sentByServer: messages["delivered"],
      receivedByUs: messages["sent"]! - injected["drop"]! + injected["dup"]!,
    });
  });
});

describe("for people", () => {
  test("says on stderr where it listens, who comes and goes, and makes it harmless", async () => {
    const child = startWsctl(["serve", "--port", "0", "-vv", "--path", "/chat"]);
    started.push(child);
    const shown = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (let tries = 0; tries < 1000; tries++) {
        const match = pattern.exec(child.output.stderr);
        if (match) return match;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      throw new Error(`${pattern} never came in ${JSON.stringify(child.output.stderr)}`);
    };
    const [, url = ""] = await shown(/echo on (ws:\S+)/);
    await shown(/token +\S{24}/);
    await shown(/seed +\S{36}\n/);
    const client = await connect(`${url}?q=1`);
    expect(await ask(client, "\u001b]0;title\u0007\n")).toContain("title");
    await expect(connect(url.replace("/chat", "/else"))).rejects.toThrow("404");
    client.close(4000, "bye\u202e");
    await shown(/open {5}#1 127\.0\.0\.1:\d+ \/chat\n/);
    await shown(/← in {5}#1 11 B {2}␛\]0;title␇⏎\n/);
    await shown(/refused {2}404 127\.0\.0\.1:\d+ \/else: not found\n/);
    await shown(/close {4}#1 4000 “bye\\u202e” after /);
    const { code, stderr } = await stopped(child);
    expect(code).toBe(0);
    expect(child.output.stdout).toBe("");
    expect(stderr).toContain("closing every client with 1001");
    // eslint-disable-next-line no-control-regex -- control characters are the subject here
    expect(stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  test("leaves at once at the second Ctrl-C", async () => {
    const { child, server } = await start();
    const client = await connect(server.url);
    // It answers no close: the server would wait for it.
    client.pause();
    child.kill("SIGINT");
    child.kill("SIGINT");
    const { code } = await exitWithin(child, 10_000);
    expect(code).toBe(0);
  });
});

describe("several processes", () => {
  test("share the port, count together, and obey together", async () => {
    const { child, server } = await start("--processes", "2", "-v");
    const some = await Promise.all(Array.from({ length: 8 }, () => connect(server.url)));
    for (const client of some) expect(await ask(client, "12345")).toBe("12345");
    expect(await told(server, "/stats")).toMatchObject({
      connections: { open: 8, opened: 8 },
      messages: { received: 8, sent: 8, delivered: 8 },
      bytes: { received: 40 },
    });
    const { total, connections } = (await told(server, "/connections")) as {
      total: number;
      connections: { connection: number }[];
    };
    expect(total).toBe(8);
    const numbers = connections.map(({ connection }) => connection);
    expect(new Set(numbers).size).toBe(8);
    // Both took some: one has the even numbers, one the odd ones.
    expect(new Set(numbers.map((number) => number % 2)).size).toBe(2);
    expect(await order(server, "/faults", { fault: "dup" })).toMatchObject({ id: 1, name: "dup" });
    for (const client of some) await ask(client, "twice");
    expect(await told(server, "/faults")).toMatchObject([{ id: 1, fired: 8 }]);
    expect(await order(server, "/faults", { fault: "nonsense" })).toMatchObject({
      code: "WSCTL_EUSAGE",
    });
    expect(await order(server, "/stall", { for: "10ms" })).toEqual({ stalled: 10 });
    // Rounded in each process by itself it would be as many as there are processes, or none.
    expect(await order(server, "/cut", { share: "12.5%", how: "silent" })).toEqual({ cut: 1 });
    expect(await order(server, "/cut", { share: "100%", code: 4000 })).toEqual({ cut: 7 });
    await expect
      .poll(() => some.filter(({ readyState }) => readyState === 3).length, { timeout: 10_000 })
      .toBe(7);
    expect(await order(server, "/cut", { share: "100%", how: "reset" })).toEqual({ cut: 1 });
    await expect
      .poll(() => some.filter(({ readyState }) => readyState === 3).length, { timeout: 10_000 })
      .toBe(8);
    const last = await connect(server.url);
    const closed = once(last, "close");
    expect((await stopped(child)).code).toBe(0);
    expect((await closed)[0]).toBe(1001);
  });

  test("listen first, and say so of a port that is taken", async () => {
    const { server } = await start();
    const { port } = new URL(server.url);
    const flags = ["serve", "--processes", "2", "--json"];
    const { code, stdout, stderr } = await runWsctl([...flags, "--port", port]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE/);
  });

  test.skipIf(process.platform !== "linux")("end when one is lost, and say so", async () => {
    const { child } = await start("--processes", "2");
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
    process.kill(Number(children.trim().split(" ")[0]), "SIGKILL");
    const { code, stderr } = await exitWithin(child, 10_000);
    expect(code).toBe(98);
    expect(stderr).toContain("a process of the server was lost: SIGKILL");
  });
});
