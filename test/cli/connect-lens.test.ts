/** Shows a lens in a pipe: one JSON value a line on stdout, and what serves the protocol on stderr. */
import { describe, expect, test } from "vitest";
import { closeInKind, frame, onFrames, type RawServer, startRaw } from "../e2e/raw-server.js";
import { wsctl } from "./fake-host.js";

/** A server that says these things, text or bytes, and answers a close. */
function saying(...messages: readonly (string | Buffer)[]): Promise<RawServer> {
  return startRaw({
    upgraded: (socket) => {
      for (const message of messages) {
        socket.write(frame(typeof message === "string" ? 1 : 2, message));
      }
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
    },
  });
}

const quick = ["--wait", "0.2"];

function values(stdout: string): unknown[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

describe("--lens socketio", () => {
  const said = [
    '0{"sid":"x","pingInterval":25000}',
    '40{"sid":"y"}',
    "2",
    '42["msg",{"a":1}]',
    '430["ok"]',
    '44{"message":"no"}',
    "42{",
    Buffer.of(1),
  ] as const;
  const lines = ['["msg",{"a":1}]', '{"ack":0,"args":["ok"]}', '"42{"', '{"$binary":"AQ=="}'];

  test("writes events and acknowledgements, and tells failures", async () => {
    const { url } = await saying(...said);
    const { stdout, stderr } = await wsctl(["connect", url, "--lens", "socketio", ...quick]);
    expect(stdout.split("\n")).toEqual([...lines, ""]);
    expect(stderr).toContain("← connect refused: no\n");
    expect(stderr).toContain("← broken Socket.IO packet");
    expect(stderr).not.toContain("ping");
    expect(stderr).not.toContain("base64");
  });

  test("tells what serves the protocol with -v", async () => {
    const { url } = await saying(...said);
    const args = ["connect", url, "--lens", "socketio", "-v", ...quick];
    const { stdout, stderr } = await wsctl(args);
    expect(stdout.split("\n")).toEqual([...lines, ""]);
    for (const title of ["← open, a ping every 25.0 s", "← connected", "← ping"]) {
      expect(stderr).toContain(`${title}\n`);
    }
  });

  test("counts what it writes", async () => {
    const { url } = await saying("0{}", "2", '42["a"]', "2", '42["b"]', '42["c"]');
    const args = ["connect", url, "--lens", "socketio", "--count", "2"];
    expect(await wsctl(args)).toMatchObject({ code: 0, stdout: '["a"]\n["b"]\n' });
  });
});

test("--lens jsonrpc writes the whole object, and what is none as a JSON string", async () => {
  const failure = '{"jsonrpc":"2.0","id":7,"error":{"code":-1,"message":"m"}}';
  const { url } = await saying('{"id":12345678901234567890,\n"result":1.0}', failure, "hello");
  const { stdout } = await wsctl(["connect", url, "--lens", "jsonrpc", ...quick]);
  expect(stdout).toBe(`{"id":12345678901234567890,"result":1.0}\n${failure}\n"hello"\n`);
});

test("--lens msgpack writes what it cannot read as bytes, and tells why", async () => {
  const { url } = await saying(Buffer.from("81a16101", "hex"), Buffer.of(0xc1), "text");
  const { stdout, stderr } = await wsctl(["connect", url, "--lens", "msgpack", ...quick]);
  expect(values(stdout)).toEqual([{ a: 1 }, { $binary: "wQ==" }, "text"]);
  expect(stderr).toContain("← not MessagePack");
});

test("--lens off is none, whatever a profile says, and --pretty indents what a lens writes", async () => {
  const { url } = await saying('{"a":1}', "plain");
  const off = await wsctl(["connect", url, "--lens", "off", ...quick]);
  expect(off.stdout).toBe('{"a":1}\nplain\n');
  const pretty = await wsctl(["connect", url, "--lens", "json", "--pretty", ...quick]);
  expect(pretty.stdout).toBe('{\n  "a": 1\n}\n"plain"\n');
});

test("--json tells every message as before", async () => {
  const { url } = await saying("2", '42["msg",1]');
  const args = ["connect", url, "--lens", "socketio", "--json", "--count", "2"];
  const events = values((await wsctl(args)).stdout) as Record<string, unknown>[];
  const seen = events.filter(({ event, direction }) => event === "message" && direction === "in");
  expect(seen.map(({ lens }) => lens)).toEqual([
    { title: "← ping", kind: "control" },
    { title: "← msg", kind: "event", body: [1] },
  ]);
});

test("--no-templates sends braces as they are", async () => {
  const heard: string[] = [];
  const server = await startRaw({
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => {
        if (!closeInKind(socket, opcode, payload)) heard.push(payload.toString());
      });
    },
  });
  const words = ["--first-message", "{{ $nope }}", "-x", String.raw`\{{ $seq }}`];
  const { code } = await wsctl(["connect", server.url, "--no-templates", ...words, ...quick]);
  expect([code, heard]).toEqual([0, ["{{ $nope }}", String.raw`\{{ $seq }}`]]);
});
