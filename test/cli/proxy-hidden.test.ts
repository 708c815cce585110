/** Shows that each connection of a proxy has its secrets hidden, however many there are. */
import { expect, test } from "vitest";
import { Redactors } from "../../src/cli/proxy/hidden.js";
import type { ProxyEvent } from "../../src/proxy/events.js";

function said(connection: number, text: string): ProxyEvent {
  return { event: "note", connection, text };
}

test("a thousand connections with a token each, and none knows of another's", () => {
  const redactors = new Redactors(["/pin=(\\d+)/"], true);
  for (let n = 0; n < 1000; n++) {
    const header: [string, string] = ["Authorization", `Bearer tok-${n}-Zq7pLm`];
    redactors.begin(n).upgrade({ request: [header], response: [] });
  }
  for (const n of [0, 512, 999]) {
    expect(redactors.shown(said(n, `it is tok-${n}-Zq7pLm`))).toEqual(said(n, "it is [redacted]"));
    expect(redactors.shown(said(n, "it is tok-1-Zq7pLm"))).toEqual(said(n, "it is tok-1-Zq7pLm"));
  }
  const edited = { opcode: 1, payload: Buffer.from("pin=1234") };
  expect(
    redactors.shown({ event: "note", connection: 0, text: "", instead: edited }),
  ).toMatchObject({
    instead: { payload: Buffer.from("pin=[redacted]") },
  });
  const facts = {
    direction: "in",
    binary: false,
    size: 8,
    wire: 10,
    frames: 1,
    compressed: false,
  } as const;
  const message = { event: "message", connection: 0, data: edited.payload, ...facts } as const;
  expect(redactors.shown(message)).toMatchObject({ size: 14, wire: undefined });
  const closed = { event: "close", connection: 0, by: "server", code: 1000, lasted: 1 } as const;
  const cut = "tok-0-Zq7pLm ".padEnd(117, "x") + "tok-0-";
  expect(redactors.shown({ ...closed, reason: cut })).toMatchObject({
    reason: expect.stringMatching(/^\[redacted\] x+\[redacted\]$/),
  });
  // What was declared is hidden in a reason as well, and in the frame that carries it.
  expect(redactors.shown({ ...closed, connection: 2, reason: "pin=1234" })).toMatchObject({
    reason: "pin=[redacted]",
  });
  const frame = { event: "control", connection: 1, direction: "in", opcode: 8 } as const;
  const payload = Buffer.concat([Buffer.from([3, 232]), Buffer.from("pin=1234")]);
  expect(redactors.shown({ ...frame, data: payload })).toMatchObject({
    data: Buffer.concat([Buffer.from([3, 232]), Buffer.from("pin=[redacted]")]),
  });
  expect(redactors.shown({ ...said(1, "closed: pin=1234") })).toMatchObject({
    text: "closed: pin=[redacted]",
  });
  expect(() => new Redactors(["/(/"], false)).toThrow("not a regular expression");
});
