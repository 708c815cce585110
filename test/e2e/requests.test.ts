/** Shows that the upgrade request carries what the flags say, byte for byte, and no secret gets out. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { loadJson } from "./load-run.js";
import {
  closeInKind,
  onFrames,
  refusingPort,
  startRaw,
  switching,
  type RawServer,
} from "./raw-server.js";

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "wsctl-requests-"));
});
afterAll(async () => rm(directory, { recursive: true }));

const short = ["-c", "1", "-r", "0", "-d", "50ms"];

/** A server that agrees to everything and closes when asked to. */
async function agreeable(...further: string[]): Promise<RawServer> {
  return startRaw({
    answer: (head) => switching(head, ...further),
    upgraded: (socket) => onFrames(socket, (op, payload) => void closeInKind(socket, op, payload)),
  });
}

function linesOf(head: string | undefined): string[] {
  return (head ?? "").split("\r\n").filter((line) => line !== "");
}

async function file(name: string, text: string): Promise<string> {
  const full = path.join(directory, name);
  await writeFile(full, text, { mode: 0o600 });
  return full;
}

test("headers keep their order, case and duplicates", async () => {
  const server = await agreeable();
  const more = await file("headers", "X-FILE: from a file\n\nx-Trace: 3\n");
  const own = ["x-Trace: 1", "X-tenant:  blue:green ", "X-TRACE: 2", `@${more}`];
  const args = own.flatMap((line) => ["-H", line]);
  const { code, result } = await loadJson([`${server.url}chat?a=b`, ...short, ...args]);
  expect(code).toBe(0);
  expect(server.heads).toHaveLength(1);
  const lines = linesOf(server.heads[0]);
  expect(lines[0]).toBe("GET /chat?a=b HTTP/1.1");
  expect(lines[1]).toBe(`Host: 127.0.0.1:${server.port}`);
  const from = lines.indexOf("x-Trace: 1");
  expect(lines.slice(from)).toEqual([
    "x-Trace: 1",
    "X-tenant: blue:green",
    "X-TRACE: 2",
    "X-FILE: from a file",
    "x-Trace: 3",
    `Wsctl-Run: ${result.run.id}`,
  ]);
});

test("a header of the user's own takes the place of the usual one", async () => {
  const server = await agreeable();
  await loadJson([
    server.url,
    ...short,
    "-H",
    "host: other.example",
    "-H",
    "Sec-Websocket-Version: 8",
  ]);
  const lines = linesOf(server.heads[0]);
  expect(lines[1]).toBe("host: other.example");
  expect(lines.filter((line) => /^(?:host|sec-websocket-version):/i.test(line))).toEqual([
    "host: other.example",
    "Sec-Websocket-Version: 8",
  ]);
});

test("origin, subprotocols, cookie and credentials are sent", async () => {
  const server = await agreeable("Sec-WebSocket-Protocol: chat.v2");
  const token = await file("token", "t0ken-in-a-file\n");
  const { result } = await loadJson(
    [server.url, ...short, "--origin", "https://app.example", "--cookie", "a=1; b=2"].concat([
      "-s",
      "chat.v2",
      "-s",
      "chat.v1",
      "--bearer",
      `@${token}`,
    ]),
  );
  const lines = linesOf(server.heads[0]);
  expect(lines).toContain("Origin: https://app.example");
  expect(lines).toContain("Cookie: a=1; b=2");
  expect(lines).toContain("Sec-WebSocket-Protocol: chat.v2, chat.v1");
  expect(lines).toContain("Authorization: Bearer t0ken-in-a-file");
  expect(result.run.handshake).toMatchObject({ subprotocol: "chat.v2" });
});

const secret = "s3cr3t-Zq";
const encoded = Buffer.from(`user:${secret}`).toString("base64");

/** Every way to hand over credentials on the command line, of which one run takes one. */
const credentials: readonly (readonly string[])[] = [
  ["--bearer", secret],
  ["--user", `user:${secret}`],
  ["-H", `Authorization: Token ${secret}`],
];

/** Every other way to hand over a secret. */
const secrets: readonly (readonly string[])[] = [
  ["--cookie", `session=${secret}`],
  ["-H", `cookie: ${secret}`],
  ["-H", `X-Api-Key: ${secret}`],
  ["-H", `X-Auth-Token: ${secret}`],
];

test("secrets reach the server and nobody else", async () => {
  const server = await agreeable();
  const url = `ws://user:${secret}@127.0.0.1:${server.port}/?token=${secret}&room=blue`;
  const bare = `ws://127.0.0.1:${server.port}/?token=${secret}&room=blue`;
  const runs = [[url], ...credentials.map((flags) => [bare, ...flags])].flatMap((args) =>
    [[], ["--json"]].map(async (kind) =>
      runWsctl(["load", ...kind, ...args, ...short, ...secrets.flat()]),
    ),
  );
  for (const { code, stdout, stderr } of await Promise.all(runs)) {
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toContain(encoded);
    expect(stdout).toContain("room=blue");
  }
  for (const head of server.heads) {
    expect(head.split(secret).length - 1).toBeGreaterThanOrEqual(5);
    expect(head.match(/^authorization: /gim)).toHaveLength(1);
  }
  const all = server.heads.join("");
  for (const value of [`Basic ${encoded}`, `Bearer ${secret}`, `Token ${secret}`]) {
    expect(all).toContain(`Authorization: ${value}\r\n`);
  }
});

test("credentials of an address are for that target alone", async () => {
  const servers = await Promise.all([agreeable(), agreeable()]);
  const [own, other] = servers.map(({ port }) => `127.0.0.1:${port}/`);
  const args = [`ws://user:${secret}@${own!}`, `ws://${other!}`, "-c", "4", "-r", "0"];
  const { code } = await loadJson([...args, "-d", "50ms"]);
  expect(code).toBe(0);
  expect(servers.map(({ heads }) => heads.length)).toEqual([2, 2]);
  for (const head of servers[0].heads) expect(head).toContain(`Authorization: Basic ${encoded}`);
  for (const head of servers[1].heads) expect(head).not.toMatch(/authorization/i);
});

test.each(credentials)("credentials of an address and %s exclude each other", async (...flags) => {
  const url = `ws://user:${secret}@127.0.0.1:1/`;
  const { code, stdout, stderr } = await runWsctl(["load", url, ...short, ...flags]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(
    /^error: credentials are given in the URL and by a flag .*\[WSCTL_EUSAGE\]/m,
  );
  expect(stderr).not.toContain(secret);
});

test("secrets do not stand in what is said of a failure", async () => {
  const refuser = await startRaw({
    answer: () => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
    upgraded: (socket) => void socket.end(),
  });
  const silent = await startRaw({ answer: () => undefined });
  const ports = [refuser.port, silent.port, await refusingPort()];
  for (const port of ports) {
    const url = `ws://user:${secret}@127.0.0.1:${port}/?token=${secret}`;
    const args = ["load", "--json", url, ...short, "--timeout", "200ms", ...secrets.flat()];
    const { code, stdout, stderr } = await runWsctl(args);
    expect([3, 4]).toContain(code);
    expect(stderr).toContain("error: ");
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toContain(encoded);
  }
});

test("a header that cannot be read is not shown whole, as it may be a secret", async () => {
  const { code, stderr } = await runWsctl([
    "load",
    "ws://127.0.0.1:1/",
    "-H",
    `Authorization Bearer ${secret}`,
  ]);
  expect(code).toBe(2);
  expect(stderr).toContain("Authorization");
  expect(stderr).not.toContain(secret);
});
