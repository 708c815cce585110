/** RL-1, RL-2, RL-3: limits of rates and numbers, met or not. */
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { closeInKind, frame, onFrames, startRaw, switching } from "../../e2e/raw-server.js";
import { guarded } from "../../serve/guards/guarded.js";
import { start, until } from "../../serve/running.js";
import { find, quick } from "./looking.js";

const tooMany = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n";
const broken = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
const gone = (code: number) => frame(8, Buffer.of(code >> 8, code & 0xff));

/** Lets so many in, and does something else with some of those that follow. */
async function startCounting(
  most: number,
  otherwise: { answer?: (head: string) => string | undefined; follow?: (socket: Socket) => void },
  times = Infinity,
) {
  let count = 0;
  const isOther = () => count > most && count <= most + times;
  return startRaw({
    answer: (head) => {
      count++;
      return isOther() && otherwise.answer ? otherwise.answer(head) : switching(head);
    },
    upgraded: (socket) => {
      if (isOther() && otherwise.follow) otherwise.follow(socket);
      else onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
    },
  });
}

test("RL-1: 429 with Retry-After is a limit, and ends the ramp", async () => {
  const server = await startCounting(3, { answer: () => tooMany });
  const { first, handshakes } = await find(server.url, quick.handshakeRate);
  expect(first).toMatchObject({ rule: "RL-1", verdict: "pass", severity: "info" });
  expect(first.message).toMatch(
    /^limited at about \d+ handshakes a second, after .*: 429 Too Many Requests, Retry-After: 3$/,
  );
  expect(handshakes).toBeLessThan(39);
});

test("RL-1: 429 without Retry-After is one too, and told so", async () => {
  const answer = () => tooMany.replace(/Retry.*\r\n/, "");
  const server = await startCounting(9, { answer });
  const { first } = await find(server.url, quick.handshakeRate);
  expect(first.verdict).toBe("pass");
  expect(first.message).toContain("a Retry-After would tell");
});

test("RL-1: so is a 101 that is closed with 1013 at once", async () => {
  const server = await startCounting(9, { follow: (socket) => socket.end(gone(1013)) });
  const { first } = await find(server.url, quick.handshakeRate);
  expect(first.verdict).toBe("pass");
  expect(first.message).toContain("then closed with 1013");
});

test("RL-1: a server that lets in whoever comes is warned of, after 38 handshakes", async () => {
  const server = await startCounting(Infinity, {});
  const { first, handshakes } = await find(server.url, quick.handshakeRate);
  expect(first).toMatchObject({ verdict: "warn", severity: "low", confidence: "tentative" });
  expect(handshakes).toBe(38);
});

test("RL-1: hanging up is no way to say so; nor is failing, or hanging", async () => {
  const rude = await startCounting(9, { answer: () => "", follow: (s) => s.destroy() }, 1);
  expect((await find(rude.url, quick.handshakeRate)).first.verdict).toBe("info");
  const failing = await startCounting(9, { answer: () => broken }, 1);
  const failed = await find(failing.url, quick.handshakeRate);
  expect(failed.first).toMatchObject({ verdict: "warn", severity: "medium" });
  const hanging = await startCounting(9, { answer: () => undefined }, 1);
  expect((await find(hanging.url, quick.handshakeRate)).first.verdict).toBe("warn");
});

test("RL-1: one that hangs up for good has banned us, or is down", async () => {
  const server = await startCounting(9, { answer: () => "", follow: (s) => s.destroy() });
  const { first } = await find(server.url, quick.handshakeRate);
  expect(first).toMatchObject({ verdict: "warn", severity: "medium", confidence: "tentative" });
  expect(first.message).toContain("banned");
});

test("RL-2: 1008 is a limit", async () => {
  const server = await guarded({ "limit-messages": "20" });
  const { first } = await find(server.url, quick.messageRate);
  expect(first).toMatchObject({ rule: "RL-2", verdict: "pass" });
  expect(first.message).toContain('closed with 1008 "too many messages"');
});

test("RL-2: an echo without a limit is warned of", async () => {
  const server = await start();
  const { first, handshakes } = await find(server.url, quick.messageRate);
  expect(first).toMatchObject({ verdict: "warn", severity: "low" });
  expect(first.evidence).toEqual(["sent: 381 messages of 16 bytes; came: 381"]);
  expect(handshakes).toBe(1);
});

/** Does something at the message of that number, and answers pings. */
async function startListening(number: number, act: (socket: Socket) => void, isLive = true) {
  return startRaw({
    upgraded: (socket) => {
      let count = 0;
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        if (opcode === 9 && isLive) socket.write(frame(10, payload));
        if (opcode === 1 && ++count === number) act(socket);
      });
    },
  });
}

test.each([
  [
    "cut off",
    30,
    (socket: Socket) => {
      socket.destroy();
    },
    "warn",
    "low",
  ],
  [
    "failing",
    30,
    (socket: Socket) => {
      socket.end(gone(1011));
    },
    "warn",
    "medium",
  ],
  [
    "closing with 1000",
    30,
    (socket: Socket) => {
      socket.end(gone(1000));
    },
    "warn",
    "low",
  ],
  [
    "its own code",
    30,
    (socket: Socket) => {
      socket.end(gone(4029));
    },
    "pass",
    "info",
  ],
  [
    "no liking of the first",
    1,
    (s: Socket) => {
      s.end(gone(1008));
    },
    "inconclusive",
    "info",
  ],
] as const)("RL-2: %s", async (_, number, act, verdict, severity) => {
  const server = await startListening(number, act);
  const { first } = await find(server.url, quick.messageRate);
  expect(first).toMatchObject({ verdict, severity });
});

test("RL-2: a server that answers no ping afterwards is no pass", async () => {
  const server = await startListening(Infinity, () => {}, false);
  const { first } = await find(server.url, quick.messageRate);
  expect(first.verdict).toBe("warn");
  expect(first.message).toContain("a ping is not answered");
});

test("RL-2: a rate limit met just before is given time", async () => {
  let count = 0;
  const later = tooMany.replace("3", "0");
  const server = await startRaw({
    answer: (head) => (++count === 2 ? later : switching(head)),
    upgraded: (socket) => onFrames(socket, () => socket.end(gone(4000))),
  });
  const { first, handshakes } = await find(server.url, quick.messageRate);
  expect(handshakes).toBe(2);
  expect(first.message).toContain("a single message");
});

test("RL-3: 429 is a limit, and all are closed afterwards", async () => {
  const server = await guarded({ "limit-per-ip": "7" });
  const { first, handshakes } = await find(server.url, quick.connectionCount);
  expect(first).toMatchObject({ rule: "RL-3", verdict: "pass" });
  expect(first.message).toBe(
    "limited with 7 connections open: 429 Too Many Requests, Retry-After: 1",
  );
  expect(handshakes).toBe(9);
  await until("all are closed", () => server.truth.total.open === 0);
});

test("RL-3: a server that lets all in is warned of, after 50", async () => {
  const server = await start();
  const { first, handshakes } = await find(server.url, quick.connectionCount);
  expect(first).toMatchObject({ verdict: "warn", severity: "low" });
  expect(first.message).toContain("50 connections of one address");
  expect(handshakes).toBe(50);
});

test("RL-3: what is limited with none open as well is the rate", async () => {
  const server = await startCounting(6, { answer: () => tooMany });
  const { first } = await find(server.url, quick.connectionCount);
  expect(first.verdict).toBe("inconclusive");
  expect(first.message).toContain("it is their rate");
});

test.each([
  [1013, "pass"],
  [1000, "inconclusive"],
] as const)("RL-3: an earlier one closed with %d: %s", async (code, verdict) => {
  const open: Socket[] = [];
  const server = await startRaw({
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
      if (open.push(socket) === 8) open[3]!.end(gone(code));
    },
  });
  const { first, handshakes } = await find(server.url, quick.connectionCount);
  expect(first.verdict).toBe(verdict);
  expect(handshakes).toBeLessThan(50);
});
