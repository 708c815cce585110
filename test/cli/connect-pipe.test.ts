/** Shows a pipe in this process: readers that are slow or gone, servers that are slow, dumb terminals. */
import { EventEmitter, once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { isPipe } from "../../src/cli/commands/connect-pipe.js";
import { connectOptions } from "../../src/cli/commands/connect-options.js";
import type { Host, HostOutput } from "../../src/cli/host.js";
import { run } from "../../src/cli/run.js";
import { closeInKind, frame, onFrames, startRaw, switching } from "../e2e/raw-server.js";
import { startWsEcho } from "../support/servers.js";
import { fakeHost } from "./fake-host.js";

/** A stream whose reader does nothing until told. */
class Sluggish extends EventEmitter implements HostOutput {
  text = "";
  isReading = false;

  write(bytes: string | Uint8Array): boolean {
    this.text += Buffer.from(bytes).toString();
    this.emit("written");
    return this.isReading;
  }

  read(): void {
    this.isReading = true;
    this.emit("drain");
  }
}

/** How many there are in the text. */
function count(text: string, of: string): number {
  return text.split(of).length - 1;
}

describe("a reader that does not read", () => {
  test.each<["stdout" | "stderr", string[]]>([
    ["stdout", []],
    ["stdout", ["--json"]],
    ["stderr", ["--frames"]],
    ["stderr", ["-P"]],
  ])("of %s with %j holds the server up", async (name, flags) => {
    await using server = await startWsEcho();
    const total = 2000;
    const peer = new Promise<WebSocket>((resolve) => {
      server.wss.on("connection", (socket) => {
        for (let index = 0; index < total; index++) {
          if (flags[0] === "-P") socket.ping("p");
          socket.send(Buffer.alloc(10_000, "x").fill("<", 0, 1), { binary: false });
        }
        resolve(socket);
      });
    });
    const sluggish = new Sluggish();
    const host: Host = {
      ...fakeHost(["connect", server.url, "--count", String(total), "-w", "forever", ...flags]),
      [name]: sluggish,
    };
    const written = once(sluggish, "written");
    const code = run(host);
    const socket = await peer;
    await written;
    // What can go goes before something else has gone there and back.
    const clock = await startWsEcho();
    for (let index = 0; index < 10; index++) {
      await run(fakeHost(["connect", clock.url, "-x", "tick", "--count", "1"]));
    }
    await clock.close();
    expect(socket.bufferedAmount).toBeGreaterThan(1_000_000);
    const before = sluggish.text.length;
    sluggish.read();
    expect(await code).toBe(0);
    expect(before).toBeLessThan(sluggish.text.length);
    if (flags[0] === "--frames") expect(count(sluggish.text, "← ")).toBeGreaterThanOrEqual(total);
    if (name === "stdout") expect(count(sluggish.text, "<")).toBe(total);
  });

  test("and goes away does not hold anything up", async () => {
    await using server = await startWsEcho();
    const stderr = new Sluggish();
    const args = ["connect", server.url, "-x", "a", "--count", "1", "--frames", "-w", "forever"];
    const host: Host = { ...fakeHost(args), stderr };
    stderr.on("written", () => setImmediate(() => stderr.emit("close")));
    expect(await run(host)).toBe(0);
  });
});

test("a frame that comes slowly is no silence", async () => {
  const message = frame(1, "x".repeat(60));
  const { url } = await startRaw({
    upgraded: (socket) => {
      let at = 0;
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
      const timer = setInterval(() => {
        socket.write(message.subarray(at, ++at));
        if (at >= message.length) clearInterval(timer);
      }, 15);
    },
  });
  const host = fakeHost(["connect", url, "-w", "500ms"]);
  await run(host);
  expect(host.stdout.text).toBe(`${"x".repeat(60)}\n`);
});

test("--json says nothing of the wire where a broken rule has hidden it", async () => {
  const long = Buffer.concat([Buffer.of(0x81, 126, 0, 2), Buffer.from("hi")]);
  const { url } = await startRaw({
    upgraded: (socket) =>
      void socket.write(Buffer.concat([frame(1, "seen"), long, frame(8, Buffer.of(3, 232))])),
  });
  const host = fakeHost(["connect", url, "--json"]);
  await run(host);
  const events = host.stdout.text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const [seen, unseen] = events.filter(({ event }) => event === "message");
  expect(seen).toMatchObject({ data: "seen", wire: 6, frames: 1, compressed: false });
  expect(unseen).toMatchObject({ data: "hi", size: 2 });
  for (const name of ["wire", "frames", "compressed"]) expect(unseen).not.toHaveProperty(name);
});

test("a server that drops what was demanded of its compression is told of", async () => {
  const { url } = await startRaw({
    answer: (head) => switching(head, "Sec-WebSocket-Extensions: permessage-deflate"),
    upgraded: (socket) => socket.write(frame(8, Buffer.of(3, 232))),
  });
  const demand = ["--compress-params", "server_no_context_takeover"];
  const host = fakeHost(["connect", url, "-v", ...demand]);
  await run(host);
  expect(host.stderr.text).toMatch(/did not confirm server_no_context_takeover \(RFC 7692/);
  const json = fakeHost(["connect", url, "--json", ...demand]);
  await run(json);
  expect(json.stdout.text).toContain('"unconfirmed":["server_no_context_takeover"]');
});

test.each([
  ["xterm", false],
  ["dumb", true],
])("on a terminal that is %s, it is a pipe: %s", (term, expected) => {
  const host: Host = {
    ...fakeHost([], { env: { TERM: term }, stdoutTTY: true }),
    stdin: Object.assign(new PassThrough() as Readable, { isTTY: true }),
  };
  const command = connectOptions().parse(["ws://127.0.0.1:1/"], { from: "user" });
  expect(isPipe(host, command.opts())).toBe(expected);
});
