/** Holds all guards together against requests that no one would write. */
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FlagValues } from "../../../src/serve/flag.js";
import { admit } from "../../../src/serve/gate.js";
import { createGuards, guardFlags } from "../../../src/serve/guards.js";
import { guarded, guardsFor, statusOf } from "./guarded.js";

const auth = [
  "bearer=t0k",
  "jwt=key",
  "basic=ann:pw",
  "cookie=sid=right",
  "query=token=right",
  "subprotocol=v1.t0k",
];

/** What Node makes of a request with these header fields. */
function requestOf(fields: readonly (readonly [string, string])[], url: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.rawHeaders = fields.flat();
  for (const [name, value] of fields) request.headers[name.toLowerCase()] = value;
  request.url = url;
  return request;
}

describe("flags", () => {
  test("without any there is no guard", () => {
    expect(createGuards(new FlagValues(new Map()))).toEqual([]);
  });

  test("each is a name with one value, told once and in one line", () => {
    const flags = guardFlags();
    expect(new Set(flags.map(({ flag }) => flag)).size).toBe(flags.length);
    for (const { flag, summary } of flags) {
      expect(flag).toMatch(/^--[a-z]+(-[a-z]+)* <[a-z=]+>$/);
      expect(summary).toMatch(/^[^\n]+[^.\n]$/);
    }
  });
});

describe("admit", () => {
  const names = fc.constantFrom(
    "Origin",
    "ORIGIN",
    "Authorization",
    "Cookie",
    "Sec-WebSocket-Protocol",
    "X-Forwarded-For",
  );
  const values = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom(...Array.from("aA.:/@*%=;,[]0 -_\t\u00ff")),
      maxLength: 100,
    }),
    fc
      .tuple(
        fc.constantFrom("Bearer ", "Basic ", "https://", "https://app.example.com", "sid=", ""),
        fc.string({ maxLength: 50 }),
      )
      .map((parts) => parts.join("")),
    fc.constantFrom("https://app.example.com", "null", "a.b.c", "Bearer ..", "Basic ==="),
  );
  const fields = fc.array(fc.tuple(names, values), { maxLength: 12 });
  const urls = fc.string({ unit: "binary", maxLength: 100 }).map((text) => `/?${text}`);

  test("answers whatever it is given, and lets in no one by chance", async () => {
    const guards = guardsFor({ "allow-origin": "https://app.example.com", auth });
    await fc.assert(
      fc.asyncProperty(fields, urls, async (sent, url) => {
        const refusal = await admit(guards, requestOf(sent, url));
        expect(refusal?.status).toBeOneOf([401, 403]);
        // What goes into a header must not be able to end it.
        for (const value of Object.values(refusal?.headers ?? {})) {
          expect(value).toMatch(/^[ -~]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("lets in whoever has an allowed origin and one right credential, whatever else is sent", async () => {
    const guards = guardsFor({ "allow-origin": "https://app.example.com", auth });
    const harmless = fc.array(fc.tuple(fc.constantFrom("X-A", "Cookies", "Origin-X"), values));
    await fc.assert(
      fc.asyncProperty(harmless, harmless, async (before, after) => {
        const sent = [
          ...before,
          ["Origin", "https://app.example.com"] as const,
          ["Authorization", "Bearer t0k"] as const,
          ...after,
        ];
        expect(await admit(guards, requestOf(sent, "/"))).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test("is not held up by long values", async () => {
    const guards = guardsFor({ "allow-origin": "https://*.example.com", auth });
    const long = [
      `https://${"a.".repeat(50_000)}`,
      `https://${"a".repeat(100_000)}:`,
      "a".repeat(100_000),
      "sid=x;".repeat(20_000),
      `Bearer ${" ".repeat(100_000)}x`,
      "v1,".repeat(20_000),
      "=;".repeat(50_000),
    ];
    for (const value of long) {
      for (const name of ["Origin", "Authorization", "Cookie", "Sec-WebSocket-Protocol"]) {
        const refusal = await admit(guards, requestOf([[name, value]], `/?${value}`));
        expect(refusal?.status).toBe(403);
      }
    }
  });
});

test("the guards of the connection are asked before those of the client", async () => {
  const server = await guarded({ auth, "allow-origin": "none", "limit-connections": "0" });
  expect(await statusOf(server, ["Origin: https://evil.example"])).toBe(503);
  const open = await guarded({ auth, "allow-origin": "none" });
  expect(await statusOf(open, ["Origin: https://evil.example"])).toBe(403);
  expect(await statusOf(open)).toBe(401);
});

test("a server outlives heads that are too large or cut short", async () => {
  const server = await guarded({ auth, "allow-origin": "none", "limit-per-ip": "5" });
  for (let round = 0; round < 5; round++) {
    // Node answers 431, or the reset that follows is faster.
    expect(await statusOf(server, [], `/?token=${"x".repeat(40_000)}`)).toBeOneOf([431, NaN]);
    expect(await statusOf(server, [`Cookie: sid=${"x".repeat(40_000)}`])).toBeOneOf([431, NaN]);
    expect(await statusOf(server, ["Sec-WebSocket-Key: again"])).toBeOneOf([400, 401]);
  }
  expect(await statusOf(server, [], "/?token=right")).toBe(101);
});
