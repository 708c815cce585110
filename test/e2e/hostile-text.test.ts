/** Shows that nothing a server says reaches the terminal, or the document, as more than text. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { ChildExit } from "../support/child.js";
import { runWsctl } from "../support/wsctl.js";
import { closeInKind, frame, onFrames, startRaw, switching } from "./raw-server.js";

/** Clears the screen, sets the title and the clipboard, in 7 and 8 bits, and turns text around. */
const evil =
  "\u001b[2J\u001b]0;owned\u0007\u001b]52;c;cHduZWQ=\u0007\u009b31m\u0090q\u009c\u007f\b\u202etxt.exe\u2066";

/** As a server would write it: in UTF-8, one character a byte. */
const evilBytes = Buffer.from(evil).toString("latin1");

/** What must not be on either stream: everything that is obeyed rather than shown. */
const control =
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  /[\0-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

async function expectHarmless(args: readonly string[]): Promise<ChildExit[]> {
  const flags = ["-c", "1", "-d", "50ms", "--timeout", "2s", "--graceful-stop", "100ms"];
  const exits = await Promise.all(
    [[], ["--json"]].map(async (kind) => runWsctl(["load", ...args, ...flags, ...kind])),
  );
  for (const { stdout, stderr } of exits) {
    expect(control.exec(stdout)).toBeNull();
    expect(control.exec(stderr)).toBeNull();
  }
  return exits;
}

test("a refusal's status, headers and body", async () => {
  const body = Buffer.from(`<h1>${evil}</h1>`).toString("latin1");
  const server = await startRaw({
    answer: () =>
      `HTTP/1.1 403 No\u009b31m\u00e2\u0080\u00ae\r\nServer: x\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
    upgraded: (socket) => void socket.end(),
  });
  for (const { code, stderr } of await expectHarmless([server.url])) {
    expect(code).toBe(4);
    expect(stderr).toContain("403");
    expect(stderr).toContain("txt.exe");
  }
});

test("a redirect's address", async () => {
  const server = await startRaw({
    answer: () =>
      `HTTP/1.1 302 Found\r\nLocation: ws://a/\u009b31m\u0085\r\nContent-Length: 0\r\n\r\n`,
    upgraded: (socket) => void socket.end(),
  });
  for (const { code } of await expectHarmless([server.url])) expect(code).toBe(4);
});

test("an answer that is not HTTP", async () => {
  const server = await startRaw({ answer: () => `${evilBytes}\r\n\r\n` });
  for (const { code, stderr } of await expectHarmless([server.url])) {
    expect(code).toBe(4);
    expect(stderr).toContain("[WSCTL_EHANDSHAKE]");
  }
});

test("the server's name, and the reason of a close", async () => {
  const server = await startRaw({
    answer: (head) => switching(head, `Server: nginx\u009b31m\u202e\u0085`),
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => {
        if (closeInKind(socket, opcode, payload)) return;
        const reason = Buffer.from(evil).subarray(0, 100);
        socket.write(frame(8, Buffer.concat([Buffer.of(0x0f, 0xa0), reason])));
      }),
  });
  for (const { stdout } of await expectHarmless([server.url])) {
    expect(stdout).toContain("nginx");
    expect(stdout).toContain("4000");
  }
});

test("a header with raw escapes", async () => {
  const server = await startRaw({
    answer: (head) => switching(head, `Server: ${evilBytes}`),
    upgraded: (socket) => onFrames(socket, (op, payload) => void closeInKind(socket, op, payload)),
  });
  for (const { stdout } of await expectHarmless([server.url])) expect(stdout).toContain("[2J");
});

test("a subprotocol that was never offered", async () => {
  const server = await startRaw({
    answer: (head) => switching(head, `Sec-WebSocket-Protocol: ${evilBytes}`),
  });
  for (const { code, stderr } of await expectHarmless([server.url])) {
    expect(code).toBe(4);
    expect(stderr).toContain("[WSCTL_EHANDSHAKE]");
  }
});

const controls: ReturnType<typeof createServer>[] = [];
afterEach(async () => {
  for (const server of controls.splice(0)) {
    server.close();
    await once(server, "close");
  }
});

test("the address of its counters, and what stands there", async () => {
  const asked: string[] = [];
  const counters = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(JSON.stringify({ messages: { received: 1, sent: 1 }, evil }));
  });
  controls.push(counters);
  counters.listen(0, "127.0.0.1");
  await once(counters, "listening");
  const { port } = counters.address() as AddressInfo;
  const server = await startRaw({
    answer: (head) => switching(head, `Wsctl-Control: http://127.0.0.1:${port}/\u009b31m\u0085`),
    upgraded: (socket) => onFrames(socket, (op, payload) => void closeInKind(socket, op, payload)),
  });
  await expectHarmless([server.url, "-r", "0"]);
  expect(asked).toHaveLength(2);
});

test("a target on the command line", async () => {
  for (const { code } of await expectHarmless([`ws://127.0.0.1:1/${evil}`])) expect(code).toBe(2);
});
