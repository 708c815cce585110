/** Shows that a server that does not play along is told as such, and never holds a run up for long. */
import { expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { expectConserved, loadJson, reasonsOf, total, wrongWith } from "./load-run.js";
import { closeInKind, frame, onFrames, startRaw, type RawServer } from "./raw-server.js";

/** A server that does something for each message, and closes properly. */
async function answering(answer: (write: (bytes: Buffer) => void) => void): Promise<RawServer> {
  return startRaw({
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => {
        if (!closeInKind(socket, opcode, payload)) answer((bytes) => void socket.write(bytes));
      }),
  });
}

const impatient = ["--reply-timeout", "200ms", "--graceful-stop", "300ms"];

test("a server that stops reading does not hold up a run at a fixed rate", async () => {
  const server = await startRaw({ upgraded: (socket) => void socket.pause() });
  const args = [server.url, "-c", "1", "-R", "200", "-d", "600ms", "--size", "200kB", ...impatient];
  const [{ code, result }, text] = await Promise.all([loadJson(args), runWsctl(["load", ...args])]);
  expect(code).toBe(98);
  expect(reasonsOf(result)).toContain("rate-missed");
  expect(wrongWith(result)).toEqual(["nothing-measured", "sends-cut-off"]);
  expectConserved(result);
  const overdue = total(result, "ws_msg_overdue");
  expect(overdue).toBeGreaterThan(0);
  expect(result.conservation.expected + overdue).toBe(120);
  expect(result.conservation.answered).toBe(0);
  expect(total(result, "ws_backpressure")).toBeGreaterThan(100_000);
  expect(text.code).toBe(98);
  expect(text.stdout).toMatch(/[1-9]\d* due and not sent in time/);
  expect(text.stdout).toMatch(/queued at most [\d.]+ [KM]iB on one connection/);
  expect(text.stdout).toMatch(/INVALID +rate-missed/);
});

test("a server that never reads its close is reset, and that is no clean close", async () => {
  const server = await startRaw({ upgraded: (socket) => void socket.pause() });
  const { result } = await loadJson([server.url, "-c", "2", "-r", "0", "-d", "50ms"]);
  expect(total(result, "ws_close{by:client,code:1000}")).toBe(0);
  expect(result.totals["ws_sessions"]).toBe(2);
});

test("a server that never answers runs its requests into the timeout", async () => {
  const server = await answering(() => {});
  const { result } = await loadJson([server.url, "-c", "3", "-d", "700ms", ...impatient]);
  expectConserved(result);
  const { expected, answered, timedOut } = result.conservation;
  expect(answered).toBe(0);
  expect(timedOut).toBe(expected);
  // The place of a request that timed out is free for the next.
  expect(expected).toBeGreaterThanOrEqual(6);
  // What each waited is the least that its round trip can be.
  for (const name of ["ws_msg_rtt", "ws_msg_rtt_sent"]) {
    expect(result.trends[name]!.count).toBe(expected);
    expect(result.trends[name]!.min).toBeGreaterThanOrEqual(199);
  }
  expect(wrongWith(result)).toEqual(["nothing-measured"]);
});

test("the wait for last replies ends with the graceful stop", async () => {
  const server = await answering(() => {});
  const patience = ["--reply-timeout", "5m", "--graceful-stop", "200ms"];
  const { code, result } = await loadJson([server.url, "-c", "3", "-d", "100ms", ...patience]);
  // Without one answer there is no latency, and nothing that a gate could pass on.
  expect({ code, reasons: reasonsOf(result) }).toEqual({
    code: 98,
    reasons: ["nothing-measured"],
  });
  expectConserved(result);
  expect(result.conservation).toMatchObject({ expected: 3, inFlight: 3 });
});

test("answers that come too late are counted as late, not as answers", async () => {
  const server = await answering((write) => {
    setTimeout(() => write(frame(1, "late")), 300);
  });
  const { result } = await loadJson([
    server.url,
    "-c",
    "1",
    "-R",
    "20",
    "-d",
    "600ms",
    "--reply-timeout",
    "100ms",
  ]);
  expectConserved(result);
  const { expected, answered, timedOut, late } = result.conservation;
  expect({ expected, answered, timedOut }).toEqual({ expected: 12, answered: 0, timedOut: 12 });
  expect(late).toBeGreaterThan(0);
  expect(late).toBeLessThanOrEqual(12);
});

test("a server that drops one answer is told as one that cannot be paired any more", async () => {
  const server = await startRaw({
    upgraded: (socket) => {
      let count = 0;
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        if (++count !== 3) socket.write(frame(1, payload));
      });
    },
  });
  const { code, result } = await loadJson([server.url, "-c", "2", "-d", "700ms", ...impatient]);
  expectConserved(result);
  expect({ code, reasons: reasonsOf(result) }).toEqual({ code: 98, reasons: ["pairing-lost"] });
  expect(result.validity.reasons[0]!.detail).toMatch(/^on 2 connections /);
  expect(result.conservation.late).toBeGreaterThan(0);
});

test("a server that stalls once and catches up is only slow", async () => {
  const server = await startRaw({
    upgraded: (socket) => {
      let kept: Buffer[] | undefined;
      let isOver = false;
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        if (isOver) {
          socket.write(frame(1, payload));
          return;
        }
        if (!kept) {
          setTimeout(() => {
            isOver = true;
            socket.write(Buffer.concat(kept ?? []));
          }, 500);
        }
        (kept ??= []).push(frame(1, payload));
      });
    },
  });
  const { code, result } = await loadJson([server.url, "-c", "2", "-d", "1500ms", ...impatient]);
  expectConserved(result);
  expect({ code, reasons: reasonsOf(result) }).toEqual({ code: 0, reasons: [] });
  expect(result.conservation.late).toBeGreaterThan(0);
  expect(result.conservation.answered).toBeGreaterThan(0);
});

test("a server that greets each connection is evidence all the same", async () => {
  const server = await startRaw({
    upgraded: (socket) => {
      socket.write(frame(1, "welcome"));
      onFrames(socket, (opcode, payload) => {
        if (!closeInKind(socket, opcode, payload)) socket.write(frame(1, payload));
      });
    },
  });
  const { code, result } = await loadJson([server.url, "-c", "3", "-d", "200ms"]);
  expect({ code, reasons: reasonsOf(result) }).toEqual({ code: 0, reasons: [] });
  expect(total(result, "ws_msg_unmatched")).toBe(3);
});

test("second answers match no request: at a rate", async () => {
  const server = await answering((write) => write(Buffer.concat([frame(1, "a"), frame(1, "b")])));
  const { code, result, stderr } = await loadJson([
    server.url,
    "-c",
    "2",
    "-R",
    "50",
    "-d",
    "500ms",
  ]);
  expect(code, stderr).toBe(98);
  expect(wrongWith(result)).toEqual(["pairing-lost"]);
  expectConserved(result);
  expect(result.conservation).toMatchObject({ expected: 25, answered: 25 });
  expect(total(result, "ws_msg_unmatched")).toBe(25);
  expect(total(result, "ws_msgs_received")).toBe(50);
});

test("second answers match no request: in a closed loop, which must not run away", async () => {
  const server = await answering((write) => write(Buffer.concat([frame(1, "a"), frame(1, "b")])));
  const { code, result } = await loadJson([server.url, "-c", "1", "-d", "200ms"]);
  expect({ code, reasons: reasonsOf(result) }).toEqual({ code: 98, reasons: ["pairing-lost"] });
  expectConserved(result);
  const { expected, answered } = result.conservation;
  expect(answered).toBe(expected);
  expect(total(result, "ws_msg_unmatched")).toBe(expected);
});

/** A server whose answers break the protocol, loaded; with the close codes that it got for it. */
async function loadBroken(answer: Buffer) {
  const codes: number[] = [];
  const server = await startRaw({
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => {
        if (opcode === 8) codes.push(payload.readUInt16BE(0));
        else socket.write(answer);
      }),
  });
  // The run is over with its last connection; by its time only one that went on would end.
  const run = await loadJson([server.url, "-c", "2", "-d", "10s", "--max-payload", "1KiB"]);
  return { ...run, codes };
}

const brokenAnswers: readonly [what: string, answer: Buffer, code: number][] = [
  ["a reserved opcode", Buffer.of(0x83, 0), 1002],
  ["a masked frame", Buffer.of(0x81, 0x81, 1, 2, 3, 4, 0x60), 1002],
  ["text that is not UTF-8", frame(1, Buffer.of(0xff)), 1007],
  ["a message over the limit", Buffer.of(0x82, 126, 0x04, 0x01), 1009],
];

test("what breaks the protocol fails the connection, is counted, and answered with its code", async () => {
  const runs = await Promise.all(brokenAnswers.map(async ([, answer]) => loadBroken(answer)));
  for (const [index, { code: exitCode, result, codes }] of runs.entries()) {
    const [what, , code] = brokenAnswers[index]!;
    expect(exitCode, what).toBe(98);
    expect(reasonsOf(result), what).toEqual(["target-lost"]);
    expectConserved(result);
    expect(result.conservation, what).toMatchObject({ expected: 2, disconnected: 2 });
    expect(result.errors, what).toMatchObject([{ what: "protocol violation", count: 2 }]);
    expect(total(result, `ws_close{by:client,code:${code}}`), what).toBe(2);
    expect(codes, what).toEqual([code, code]);
  }
});

test("a close by the server is counted with its code, and answered", async () => {
  const codes: number[] = [];
  const server = await startRaw({
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => {
        if (opcode !== 8) {
          socket.write(frame(8, Buffer.concat([Buffer.of(0x0f, 0xa7), Buffer.from("go away")])));
          return;
        }
        codes.push(payload.readUInt16BE(0));
        socket.end();
      });
    },
  });
  const { result } = await loadJson([server.url, "-c", "2", "-d", "100ms"]);
  expectConserved(result);
  expect(result.conservation).toMatchObject({ expected: 2, disconnected: 2 });
  expect(total(result, "ws_close{by:server,code:4007}")).toBe(2);
  expect(codes).toEqual([4007, 4007]);
});

test("pings are answered with their payload while traffic flows", async () => {
  const pongs: string[] = [];
  const server = await startRaw({
    upgraded: (socket) => {
      socket.write(frame(9, "are you there"));
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        if (opcode === 10) pongs.push(payload.toString());
        else socket.write(frame(1, payload));
      });
    },
  });
  const { code, result } = await loadJson([server.url, "-c", "2", "-d", "100ms"]);
  expect(code).toBe(0);
  expectConserved(result);
  expect(pongs).toEqual(["are you there", "are you there"]);
});
