/** Shows that dials which share a request are answered, refused and failed as each would be alone. */
import { describe, expect, test } from "vitest";
import { dial } from "../../src/dial/dial.js";
import type { DialError } from "../../src/dial/dial-error.js";
import { PreparedRequest } from "../../src/dial/request.js";
import { UpgradeRefused } from "../../src/dial/refusal.js";
import { receiveText, rejection, startRaw, switching } from "./raw-server.js";

/** Dials one after the other, with one request, a server that has an answer for each. */
async function dialled(answers: readonly ((head: string) => string)[], sink?: Buffer) {
  let count = 0;
  const server = await startRaw({
    answer: (socket, head) => socket.write(Buffer.from(answers[count++]!(head), "latin1")),
  });
  const prepared = new PreparedRequest(server.target, { subprotocols: ["a"] });
  const next = () => dial(server.target, { sink, prepared });
  return { server, next };
}

describe.each(["sink", "stream"])("dials of a %s that share a request", (mode) => {
  const sink = mode === "sink" ? Buffer.alloc(65_536) : undefined;

  test("tell each its own answer, and leave what follows it", async () => {
    const answers = ["one", "two", "three", "four"].map(
      (text) => (head: string) => `${switching(head)}${text}`,
    );
    const { server, next } = await dialled(answers, sink);
    for (const text of ["one", "two", "three", "four"]) {
      const { wire, upgrade } = await next();
      expect(upgrade.request.bytes.toString("latin1")).toBe(server.heads.at(-1));
      expect(upgrade.response.bytes.toString("latin1")).toBe(switching(server.heads.at(-1)!));
      expect(await receiveText(wire, text.length)).toBe(text);
    }
  });

  test("do not take an answer to another key for their own, nor a refusal for an upgrade", async () => {
    let stale = "";
    const { next } = await dialled(
      [
        switching,
        (head) => (stale = switching(head)),
        () => stale,
        switching,
        () => "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        (head) => switching(head).replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: b\r\n\r\n"),
        (head) => `HTTP/1.1 100 Continue\r\n\r\n${switching(head)}`,
      ],
      sink,
    );
    await next();
    await next();
    const wrong = (await rejection(next())) as DialError;
    expect([wrong.reason, wrong.where.join(" ")]).toEqual([
      "handshake",
      expect.stringContaining("the right value for this key"),
    ]);
    expect((await next()).upgrade.response.status).toBe(101);
    expect(await rejection(next())).toBeInstanceOf(UpgradeRefused);
    expect(((await rejection(next())) as DialError).where.join(" ")).toContain("subprotocol");
    expect((await next()).upgrade.response.status).toBe(101);
  });
});
