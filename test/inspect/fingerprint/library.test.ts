/** Shows what is told of a server by how it takes a broken frame. */
import { describe, expect, test } from "vitest";
import { fingerprintChecks } from "../../../src/inspect/fingerprint/checks.js";
import { library } from "../../../src/inspect/fingerprint/library.js";
import {
  closeInKind,
  frame,
  onFrames,
  type RawBehaviour,
  startRaw,
  switching,
} from "../../e2e/raw-server.js";
import { startWsEcho } from "../../support/servers.js";
import { lookAt } from "../looking.js";

/** A server that says something at once, and does something with a reserved opcode. */
async function findingsOf(
  onReserved: NonNullable<RawBehaviour["upgraded"]>,
  greeting = "",
  lines: readonly string[] = [],
) {
  const opcodes: number[] = [];
  const server = await startRaw({
    answer: (head) => switching(head, ...lines),
    upgraded: (socket) => {
      if (greeting !== "") socket.write(frame(1, greeting));
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        opcodes.push(opcode);
        onReserved(socket);
      });
    },
  });
  const seen = await lookAt(server.url, [library]);
  expect(seen.handshakes).toBe(3);
  expect(opcodes).toEqual([3]);
  return seen.findings;
}

function closing(code: number, reason: string): NonNullable<RawBehaviour["upgraded"]> {
  const payload = Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
  return (socket) => socket.end(frame(8, payload));
}

test.each<[string, string, string]>([
  // As each library closed when it was sent such a frame.
  ["bad opcode 3", "firm", "gorilla/websocket"],
  ["received unknown opcode opcode(3)", "firm", "coder/websocket"],
  ["invalid opcode", "firm", "websockets (Python)"],
  ["Unrecognized Opcode: 0x3", "firm", "websocket (Node)"],
  ["Unrecognized frame opcode: 3", "firm", "websocket-driver"],
  ["Received invalid opcode", "firm", "Bun"],
  ["bad opc", "firm", "libwebsockets"],
  ["", "tentative", "ws (Node), aiohttp"],
])("the reason %j is %s: %s", async (reason, confidence, what) => {
  const found = await findingsOf(closing(1002, reason));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ verdict: "info", confidence });
  expect(found[0]!.message).toContain(what);
  expect(found[0]!.evidence.join()).toContain("1002");
});

describe("what is not known", () => {
  test.each<[string, number, string]>([
    ["a reason of its own", 1002, "thou shalt not"],
    ["another code", 1008, "bad opcode 3"],
  ])("%s is shown, and nobody guessed", async (_what, code, reason) => {
    const found = await findingsOf(closing(code, reason));
    expect(found).toMatchObject([{ verdict: "info", confidence: "tentative" }]);
    expect(found[0]!.message).toContain("not known");
    expect(found[0]!.message).toContain(reason);
  });

  test("a cut, or nothing at all, is a weak hint", async () => {
    const cut = await findingsOf((socket) => socket.end());
    expect(cut).toMatchObject([{ confidence: "tentative", message: /Tornado/ }].map(matching));
    const mute = await findingsOf(() => {});
    expect(mute).toMatchObject([{ confidence: "tentative", message: /x\/net/ }].map(matching));
  });

  test("frames that break the protocol are inconclusive", async () => {
    const found = await findingsOf((socket) => socket.write(Buffer.of(0xf3, 0xff, 1, 2, 3)));
    expect(found).toMatchObject([{ verdict: "inconclusive" }]);
  });
});

function matching<T extends { message: RegExp }>({ message, ...rest }: T) {
  return { ...rest, message: expect.stringMatching(message) as string };
}

test("a greeting tells as well, and none of its secrets are shown", async () => {
  const sid = "lv_VI97HAXpY6yYWAAAC";
  const found = await findingsOf(closing(1002, ""), `0{"sid":"${sid}","upgrades":[]}`);
  expect(found).toMatchObject([{ confidence: "firm" }]);
  expect(found[0]!.message).toContain("Engine.IO");
  expect(JSON.stringify(found)).not.toContain(sid);
  const nats = await findingsOf(
    (socket) => socket.end(),
    'INFO {"server_id":"NBZ7","version":"2"}',
  );
  expect(nats.map(({ message }) => message)).toEqual(["probably NATS"]);
});

test("ws itself gives no reason", async () => {
  const server = await startWsEcho();
  const { findings } = await lookAt(server.url, [library]);
  expect(findings).toMatchObject([{ verdict: "info", confidence: "tentative" }]);
  expect(findings[0]!.message).toContain("ws (Node)");
});

test("a server that refuses is not asked again", async () => {
  const server = await startWsEcho({ refuse: 403 });
  const { findings, handshakes } = await lookAt(server.url, fingerprintChecks);
  expect(findings).toMatchObject([{ verdict: "inconclusive" }, { verdict: "inconclusive" }]);
  expect(handshakes).toBe(1);
});

describe("what Server says beside it", () => {
  const gorilla = closing(1002, "bad opcode 3");
  test.each<[string, string, NonNullable<RawBehaviour["upgraded"]>, string]>([
    [
      "a proxy's name",
      "Server: nginx/1.22.1",
      gorilla,
      "says nginx; behaves like gorilla/websocket (Go), which may stand behind it",
    ],
    [
      "a name, and behaviour that many have",
      "server: nginx",
      closing(1002, ""),
      "says nginx; behaves perhaps like ws (Node), aiohttp or an older websockets (Python), or another that gives no reason, which may stand behind it",
    ],
    [
      "the same",
      "Server: Python/3.11 websockets/10.4",
      closing(1002, "invalid opcode"),
      "says websockets (Python), and behaves like it: websockets (Python)",
    ],
    [
      "one of those that behave so",
      "Server: TornadoServer/6.4",
      (socket) => socket.destroy(),
      "says Tornado (Python), and behaves like it: perhaps Tornado or wsproto (Python), or another that cuts without a close frame",
    ],
    ["nothing known", "Server: thing/1", gorilla, "probably gorilla/websocket (Go)"],
    ["another header", "X-Powered-By: PHP/8", gorilla, "probably gorilla/websocket (Go)"],
  ])("%s", async (_what, line, onReserved, message) => {
    const [found, ...others] = await findingsOf(onReserved, "", [line]);
    expect(others).toEqual([]);
    expect(found?.message).toBe(message);
    expect(found?.evidence.at(-1)).toContain("reserved opcode 3");
    if (message.startsWith("says")) expect(found?.evidence[0]).toBe(line);
  });
});

describe("by default", () => {
  const byDefault = fingerprintChecks.filter(({ tier }) => tier === "default");

  test.each<[string, string, string]>([
    ["a greeting", '0{"sid":"lv_VI97HAXpY6yYWAAAC"}', "info"],
    ["nothing", "", "skip"],
  ])("%s is all that is looked at, and nothing is sent", async (_what, said, verdict) => {
    const opcodes: number[] = [];
    const server = await startRaw({
      upgraded: (socket) => {
        if (said !== "") socket.write(frame(1, said));
        onFrames(socket, (opcode, payload) => {
          if (!closeInKind(socket, opcode, payload)) opcodes.push(opcode);
        });
      },
    });
    const seen = await lookAt(server.url, byDefault, { watch: 50 });
    expect(seen.verdicts).toEqual({ FP: verdict });
    expect([seen.handshakes, opcodes]).toEqual([1, []]);
  });
});

test("a server that ends connections by itself is not told by that end", async () => {
  const away = frame(8, Buffer.of(1002 >> 8, 1002 & 0xff));
  const server = await startRaw({ upgraded: (socket) => socket.end(away) });
  const seen = await lookAt(server.url, [library], { watch: 50 });
  expect(seen.findings[0]).toMatchObject({ verdict: "inconclusive" });
  expect(seen.findings[0]).toMatchObject({ rule: "FP-2" });
  expect(seen.findings[0]?.message).toContain("see HS-18");
});
