/** Shows `wsctl serve` as a user has it: its counters, its refusals, and how it ends. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { exitWithin, startChild } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { startServe } from "./load-run.js";
import { until } from "./processes.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  return socket;
}

test("echoes, counts, and closes its clients with 1001 when interrupted", async () => {
  await using server = await startServe();
  const [one, two] = [await connect(server.url), await connect(server.url)];
  one.send("grüße");
  expect((await once(one, "message")).map(String)).toEqual(["grüße", "false"]);
  one.send(Buffer.of(0, 255));
  expect(await once(one, "message")).toEqual([Buffer.of(0, 255), true]);
  expect(await server.stats()).toMatchObject({
    $schema: "wsctl.stats/1",
    connections: { open: 2, opened: 2 },
    messages: { received: 2, sent: 2 },
    bytes: { received: 9, sent: 9 },
    closes: {},
  });
  const closes = Promise.all([once(one, "close"), once(two, "close")]);
  server.kill("SIGINT");
  expect((await closes).map(([code]) => code as number)).toEqual([1001, 1001]);
  const { code, stdout, stderr } = await exitWithin(server, 5000);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.split("\n")).toHaveLength(2);
});

test("ends although a client never answers its close", async () => {
  await using server = await startServe();
  const socket = await connect(server.url);
  socket.pause();
  server.kill("SIGTERM");
  const { signal } = await exitWithin(server, 8000);
  expect(signal).toBeNull();
  socket.terminate();
});

test("ends when its standard input does, if asked to", async () => {
  const { code, stderr } = await runWsctl(["serve", "--port", "0", "-q", "--until-stdin-ends"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("counts the close codes of its clients, and answers what is too large with 1009", async () => {
  await using server = await startServe(["--max-payload", "10"]);
  const sockets = await Promise.all([1, 2, 3, 4].map(async () => connect(server.url)));
  const closed = Promise.all(sockets.map(async (socket) => once(socket, "close")));
  sockets[0]!.close(1000);
  sockets[1]!.close(4000, "bye");
  sockets[2]!.terminate();
  sockets[3]!.send("more than ten bytes");
  expect((await closed).map(([code]) => code as number)).toEqual([1000, 4000, 1006, 1009]);
  await until(async () => {
    const closes = { 1000: 1, 4000: 1 };
    expect(await server.stats()).toMatchObject({ connections: { open: 0 }, closes });
  });
});

/** The status of a request to the control port, with a Host of one's own. */
async function statusOf(url: string, options: { method?: string; host?: string } = {}) {
  const { method = "GET", host } = options;
  const asked = request(url, {
    method,
    ...(host === undefined ? {} : { headers: { host } }),
  }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test("answers nothing but what it has", async () => {
  await using server = await startServe();
  const { control } = server;
  expect(await statusOf(`${control}/stats`)).toBe(200);
  expect(await statusOf(`${control}/nothing`)).toBe(404);
  expect(await statusOf(`${control}/stats/x`)).toBe(404);
  expect(await statusOf(`${control}/stats?run=unheard-of`)).toBe(404);
  expect(await statusOf(`${control}/stats`, { method: "POST" })).toBe(405);
  expect(await statusOf(`${control}/stats`, { host: "evil.example" })).toBe(403);
  expect(await statusOf(server.url.replace("ws:", "http:"))).toBe(426);
});

test("says where it listens, and how to see its counters", async () => {
  await using child = startWsctl(["serve", "--port", "0"]);
  const address = await until(() => {
    const [found] = /http:\/\/127\.0\.0\.1:\d+\/stats/.exec(child.output.stderr) ?? [];
    return found ?? expect.fail(`no address in ${child.output.stderr}`);
  });
  expect(child.output.stderr).toMatch(/echo on ws:\/\/127\.0\.0\.1:\d+\//);
  expect(await statusOf(address)).toBe(200);
  child.kill("SIGINT");
  expect(await exitWithin(child, 5000)).toMatchObject({ code: 0, stdout: "" });
});

test.each([["--port"], ["--control-port"]])(
  "a %s that is taken is told, with what to do",
  async (flag) => {
    await using server = await startServe();
    const taken = new URL(server.url).port;
    const { code, stdout, stderr } = await runWsctl(["serve", "--port", "0", flag, taken]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`^error: .*127\\.0\\.0\\.1:${taken}.*EADDRINUSE +\\[WSCTL_ELISTEN\\]$`, "m"),
    );
    expect(stderr).toMatch(new RegExp(`^hint: .*${flag}`, "m"));
    expect(stderr).not.toMatch(/^\s+at /m);
  },
);

describe("a reader that goes away", () => {
  /** Runs a pipeline; the exit code of its first command is on the last line of stdout. */
  const pipeline = async (reader: string, args: readonly string[]) => {
    const script = `"$0" bin/wsctl.js "$@" | ${reader}; echo; echo "\${PIPESTATUS[0]}"`;
    const child = startChild("bash", ["-c", script, process.execPath, ...args], { cwd: root });
    const { stdout, stderr } = await exitWithin(child, 15_000);
    return { code: stdout.trim().split("\n").at(-1), stderr };
  };

  test.each([
    ["head -1", ["load", "--serve", "-d", "100ms"]],
    ["true", ["load", "--serve", "-d", "100ms"]],
    ["true", ["load", "--serve", "-d", "100ms", "--json"]],
    ["true", ["load", "--help"]],
  ])("ends a command quietly: | %s", async (reader, args) => {
    const { stderr } = await pipeline(reader, args);
    expect(stderr.replace(/^(?:opening|traffic|draining)\n/gm, "")).toBe("");
  });

  test("ends a server quietly", async () => {
    const { stderr } = await pipeline("head -1", [
      "serve",
      "--port",
      "0",
      "--json",
      "--until-stdin-ends",
    ]);
    expect(stderr).toBe("");
  });
});
