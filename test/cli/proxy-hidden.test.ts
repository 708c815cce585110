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
  const closed = { event: "close", connection: 0, by: "server", code: 1000, lasted: 1 } as const;
  const cut = "tok-0-Zq7pLm ".padEnd(117, "x") + "tok-0-";
  expect(redactors.shown({ ...closed, reason: cut })).toMatchObject({
    reason: expect.stringMatching(/^\[redacted\] x+\[redacted\]$/),
  });
  expect(() => new Redactors(["/(/"], false)).toThrow("not a regular expression");
});
