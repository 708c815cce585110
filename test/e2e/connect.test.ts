/** Shows `wsctl connect` in a pipe: what goes in comes out, and it ends when there is nothing more. */
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { startWsEcho } from "../support/servers.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { eventsOf, intoHead, mebibytes, onTerminal, record, stream } from "./connect-run.js";
import { closeInKind, frame, onFrames, startRaw } from "./raw-server.js";

// Longer than a busy machine keeps a message under way.
const quick = ["--wait", "600ms"];

test("every line is a message and every message a line, with a server that needs nothing", async () => {
  const { code, stdout, stderr } = await runWsctl(["connect", "--serve", ...quick], {
    stdin: "one\n\ntwo ö\nlast",
  });
  expect([code, stdout, stderr]).toEqual([0, "one\n\ntwo ö\nlast\n", ""]);
});

test("100,000 lines that come before the socket is open arrive, all and in order", async () => {
  let open = (): void => {};
  const held = new Promise<void>((resolve) => {
    open = resolve;
  });
  await using server = await startWsEcho({
    ws: { verifyClient: (_info, accept) => void held.then(() => accept(true)) },
  });
  const lines = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join("");
  await using child = startWsctl(["connect", server.url, ...quick, "-v"], { stdin: lines });
  // By now it has begun to read, and cannot send.
  setTimeout(open, 400);
  const { code, stdout } = await child.exit;
  expect(code).toBe(0);
  expect(stdout === lines).toBe(true);
});

const sizes = process.env["WSCTL_LONG"] ? [64, 1024] : [64];
test.each(sizes)(
  "%d MiB of bytes come back as they went, in bounded memory",
  { timeout: 300_000 },
  async (mib) => {
    await using server = await startWsEcho({ ws: { maxPayload: 1024 * 1024 } });
    // The echo server does not wait for its peer; this one stops reading while it is owed room.
    server.wss.on("connection", (socket) => {
      socket.on("message", () => {
        if (socket.bufferedAmount < 4 * 1024 * 1024) return;
        socket.pause();
        const look = setInterval(() => {
          if (socket.bufferedAmount > 1024 * 1024) return;
          clearInterval(look);
          socket.resume();
        }, 5);
      });
    });
    const done = await stream([server.url, "--no-compress", "--wait", "2s"], mib * 1024 * 1024);
    expect([done.code, done.stderr, done.bytes]).toEqual([0, "", mib * 1024 * 1024]);
    expect(done.received).toBe(done.sent);
    if (existsSync("/proc/self/status")) expect(done.peak).toBeGreaterThan(0);
    expect(done.peak).toBeLessThan(200 * 1024 * 1024);
    record(`${mib} MiB there and back: at most ${mebibytes(done.peak)}`);
  },
);

// The prompt shows a part of so many; here the same number comes ten times as fast, for the sake of time.
const perSecond = process.env["WSCTL_LONG"] ? 1000 : 10_000;
test(
  `10,000 messages at ${perSecond} per second: none is left out`,
  { timeout: 60_000 },
  async () => {
    await using server = await startWsEcho();
    server.wss.on("connection", (socket) => {
      let sent = 0;
      const begun = performance.now();
      const timer = setInterval(() => {
        const due = Math.min(10_000, ((performance.now() - begun) / 1000) * perSecond);
        for (; sent < due; sent++) socket.send(String(sent));
        if (sent === 10_000) clearInterval(timer);
      }, 10);
    });
    const timing = { timeoutMs: 50_000 };
    const json = await runWsctl(["connect", server.url, "--json"], timing);
    const numbers = Array.from({ length: 10_000 }, (_, i) => i);
    const messages = eventsOf(json).filter(({ event }) => event === "message");
    expect(messages.map(({ number }) => Number(number) - 1)).toEqual(numbers);
    expect(messages.map(({ data }) => Number(data))).toEqual(numbers);
    const plain = await runWsctl(["connect", server.url], timing);
    expect(plain.stdout).toBe(numbers.map((number) => `${number}\n`).join(""));
  },
);

test("a reader that goes away ends it quietly", async () => {
  await using server = await startWsEcho();
  const { code, stdout, stderr } = await intoHead([server.url, "--wait", "forever"], 2);
  expect([code, stdout, stderr]).toEqual([0, "x 0\nx 1\n0\n", ""]);
});

test("messages of -x are sent in order, as templates, and stdin only where it is asked for", async () => {
  await using server = await startWsEcho();
  const args = ["connect", server.url, ...quick, "-x", '{"n":{{ $seq }}}', "-x", "\\{{ two"];
  const without = await runWsctl(args, { stdin: "ignored\n" });
  expect([without.code, without.stdout]).toEqual([0, '{"n":1}\n{{ two\n']);
  const within = await runWsctl([...args, "-x", "-", "-x", "last"], { stdin: "three\nfour" });
  expect(within.stdout).toBe('{"n":1}\n{{ two\nthree\nfour\nlast\n');
});

test("delimiters stand between messages both ways", async () => {
  await using server = await startWsEcho();
  const run = async (flags: string[], stdin: string) =>
    (await runWsctl(["connect", server.url, ...quick, ...flags], { stdin })).stdout;
  expect(await run(["--null"], "a\nb\0c")).toBe("a\nb\0c\0");
  expect(await run(["--delimiter", "--"], "a-b--c")).toBe("a-b--c--");
  expect(await run(["--delimiter", "\\r\\n"], "a\nb\r\nc")).toBe("a\nb\r\nc\r\n");
  expect(await run(["--binary"], "a\0b\n\xff")).toBe("a\0b\n\xff");
});

test("binary messages without --binary are base64, and that is said once", async () => {
  const server = await startRaw({
    upgraded: (socket) => {
      socket.write(Buffer.concat([frame(2, Buffer.of(0, 27, 255)), frame(2, "b"), frame(1, "t")]));
      onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload));
    },
  });
  const { code, stdout, stderr } = await runWsctl(["connect", server.url, "--count", "3"]);
  expect([code, stdout]).toEqual([0, "ABv/\nYg==\nt\n"]);
  expect(stderr.match(/base64/g)).toHaveLength(1);
});

test("it waits until the other side has been silent, and not longer", async () => {
  const server = await startRaw({
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        let left = 6;
        const timer = setInterval(() => {
          socket.write(frame(1, `${left}`));
          if (--left === 0) clearInterval(timer);
        }, 150);
      });
    },
  });
  // Each message comes well within the wait, and all of them together do not.
  const { code, stdout } = await runWsctl(["connect", server.url, "-x", "go", "-w", "0.5"]);
  expect([code, stdout]).toEqual([0, "6\n5\n4\n3\n2\n1\n"]);
});

test("--count, --until and --expect end as soon as they can, and show no more than was asked for", async () => {
  const many = {
    upgraded: (socket: Socket) => {
      socket.write(Buffer.concat(["a", "b", "c", "d"].map((text) => frame(1, text))));
      onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload));
    },
  };
  const run = async (...flags: string[]) => {
    const server = await startRaw(many);
    const { code, stdout } = await runWsctl(["connect", server.url, "--wait", "10m", ...flags]);
    return [code, stdout];
  };
  expect(await run("--count", "3")).toEqual([0, "a\nb\nc\n"]);
  expect(await run("--until", "text:b")).toEqual([0, "a\nb\n"]);
  expect(await run("--expect", "text:d", "--expect", "text:a")).toEqual([0, "a\nb\nc\nd\n"]);
});

test("what is expected may come before all is sent, and all is sent nevertheless", async () => {
  await using server = await startWsEcho();
  const got: string[] = [];
  server.wss.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => got.push(data.toString()));
  });
  const args = ["connect", server.url, "--expect", "text:0"];
  const stdin = Array.from({ length: 5000 }, (_, i) => `${i}\n`).join("");
  expect((await runWsctl(args, { stdin })).code).toBe(0);
  expect(got.length).toBe(5000);
});

test("JSON lines tell of everything, the first one with a version", async () => {
  await using server = await startWsEcho({ ws: { perMessageDeflate: true } });
  server.wss.on("connection", (socket) => {
    socket.ping("p");
    socket.send(Buffer.of(0, 255));
  });
  const args = [
    "connect",
    `${server.url}?token=secret`,
    "--json",
    "-x",
    "hi",
    "--count",
    "2",
    "-q",
  ];
  const { code, stdout, stderr } = await runWsctl(args);
  expect([code, stderr]).toEqual([0, ""]);
  const events = eventsOf({ stdout });
  expect(events[0]).toMatchObject({
    event: "start",
    version: 1,
    url: `${server.url}?token=redacted`,
    startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(events[1]).toMatchObject({ event: "open", status: 101, phases: { dns: 0 } });
  expect(stdout).not.toContain("secret");
  const find = (wanted: object): unknown =>
    events.find((one) => Object.entries(wanted).every(([key, value]) => one[key] === value));
  expect(find({ event: "message", direction: "out" })).toMatchObject({
    opcode: 1,
    type: "text",
    data: "hi",
    size: 2,
    frames: 1,
    compressed: true,
  });
  expect(find({ event: "message", direction: "in", opcode: 2 })).toMatchObject({ b64: "AP8=" });
  expect(find({ event: "frame", direction: "in", opcode: 9 })).toMatchObject({
    data: "p",
    wire: 3,
  });
  expect(find({ event: "frame", direction: "out", opcode: 10 })).toMatchObject({ data: "p" });
  expect(find({ event: "frame", direction: "out", opcode: 8 })).toMatchObject({ code: 1000 });
  expect(events.at(-1)).toMatchObject({ event: "end", code: 1000, by: "us", clean: true });
  const times = events.slice(1).map(({ time }) => time);
  expect(times.every((time) => typeof time === "number" && time >= 0)).toBe(true);
  // All by one clock: nothing was said before the connection was open.
  expect(times.every((time) => time! >= times[0]!)).toBe(true);
});

test("a lens decodes what comes and encodes what goes", async () => {
  await using server = await startWsEcho();
  const args = ["connect", server.url, "--lens", "msgpack", ...quick];
  const { code, stdout } = await runWsctl(args, { stdin: '{"a":[1,2]}\n' });
  expect([code, stdout]).toEqual([0, '{"a":[1,2]}\n']);
});

test("heartbeats of the application are answered, and pings are shown where one asks for them", async () => {
  const server = await startRaw({
    upgraded: (socket) => {
      socket.write(Buffer.concat([frame(9, "beat"), frame(1, '{"type":"ping"}')]));
      onFrames(socket, (opcode, payload) => {
        if (!closeInKind(socket, opcode, payload) && opcode === 1) socket.write(frame(1, payload));
      });
    },
  });
  const rule = '$.type == "ping" => {"type":"pong"}';
  const args = ["connect", server.url, "-P", "--auto-reply", rule, "--until", "pong"];
  const { code, stdout, stderr } = await runWsctl(args);
  expect([code, stdout]).toEqual([0, '{"type":"ping"}\n{"type":"pong"}\n']);
  expect(stderr).toMatch(/← .* ping .*"beat"\n→ .* pong .*"beat"/);
});

test("a lost connection is opened again, and said so; what comes first is said again", async () => {
  const heard: string[] = [];
  let connections = 0;
  const server = await startRaw({
    upgraded: (socket) => {
      const isFirst = ++connections === 1;
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        heard.push(payload.toString());
        if (isFirst) socket.destroy();
        else socket.write(frame(1, "here"));
      });
    },
  });
  const args = ["connect", server.url, "--first-message", "login", "--count", "1"];
  const reconnect = ["--reconnect", "fixed,base=20ms"];
  const { code, stdout, stderr } = await runWsctl([...args, ...reconnect]);
  expect([code, stdout, heard]).toEqual([0, "here\n", ["login", "login"]]);
  expect(stderr).toMatch(/the connection was lost: 1006[^]*attempt 1[^]*connected again after/);
});

const evil = [
  "\x1b]52;c;aGk=\x07",
  "\x1b[2J\x1b[1;1H",
  "\u009b31m",
  "\u202egnp.exe",
  "\x07\x08\x7f",
];

test("what a server says cannot steer the terminal, unless one asks for it", async () => {
  await using server = await startWsEcho();
  const messages = evil.flatMap((text) => ["-x", text]);
  const args = [server.url, ...messages, "--count", `${evil.length}`, "--no-compress"];
  const safe = await onTerminal(args);
  expect(safe.code).toBe(0);
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  expect(safe.stdout).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/);
  expect(safe.stdout).toContain("␛]52;c;aGk=␇");
  const raw = await onTerminal([...args, "--raw"]);
  expect(raw.stdout).toContain("\x1b]52;c;aGk=\x07");
  const json = await onTerminal([...args, "--json"]);
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  expect(json.stdout).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/);
});

test("the same in a pipe is left as it is", async () => {
  await using server = await startWsEcho();
  const messages = evil.flatMap((text) => ["-x", text]);
  const { stdout } = await runWsctl([
    "connect",
    server.url,
    ...messages,
    "--count",
    `${evil.length}`,
  ]);
  expect(stdout).toBe(evil.map((text) => `${text}\n`).join(""));
});

test("bytes come to a terminal as a dump only", async () => {
  await using server = await startWsEcho();
  const args = [server.url, "--binary", "-x", "\x1b[2Jhello", "--count", "1", "--raw"];
  const { code, stdout } = await onTerminal(args);
  expect([code, stdout.trim()]).toEqual([
    0,
    "0000  1b 5b 32 4a 68 65 6c 6c  6f                       ·[2Jhello",
  ]);
});
