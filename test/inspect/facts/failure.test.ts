/** Shows what is advised where the first exchange came to nothing, and more is known than a dial knows. */
import { describe, expect, test } from "vitest";
import type { DialOptions } from "../../../src/dial/dial.js";
import { parseTarget } from "../../../src/dial/target.js";
import { inspect } from "../../../src/inspect/inspect.js";
import { startRaw } from "../../e2e/raw-server.js";
import { http } from "../handshake/exemplary.js";

async function hintOf(answer: string, dial: DialOptions = {}, path = ""): Promise<string> {
  const { url } = await startRaw({ answer: () => answer });
  const seen = await inspect(parseTarget(url + path), {
    dial: { timeouts: { total: 300 }, ...dial },
    selection: { tiers: new Set(["default"]), only: [], skip: [] },
    runs: 0,
    given: {
      allowedOrigin: undefined,
      otherPath: undefined,
      expiredToken: undefined,
      logoutUrl: undefined,
    },
    accepted: new Map(),
    wsctl: "1.2.3",
    date: new Date("2026-03-04T05:06:07.089Z"),
    checks: [],
  });
  return seen.failure?.hint ?? "";
}

describe("401", () => {
  const token = "wr0ng-t0ken-0123456789";
  const bearer = { request: { authorization: `Bearer ${token}` } };

  test("without credentials asks for some", async () => {
    expect(await hintOf(http("401 Unauthorized"))).toContain("wants credentials");
  });

  test.each<[string, DialOptions, string]>([
    ["a token", bearer, ""],
    ["a cookie", { request: { cookie: "sid=abcdefgh12345678" } }, ""],
    ["a parameter", {}, "?access_token=abcdefgh12345678"],
  ])("with %s says that it is not accepted", async (_what, dial, path) => {
    const hint = await hintOf(http("401 Unauthorized"), dial, path);
    expect(hint).toMatch(/^the credentials that were given are not accepted; /);
  });

  test("quotes why, without the token", async () => {
    const line = `WWW-Authenticate: Bearer error="invalid_token", error_description="${token} has expired"`;
    const hint = await hintOf(http("401 Unauthorized", [line]), bearer);
    expect(hint).toContain('not accepted: "invalid_token: SECRET has expired" (WWW-Authenticate);');
  });
});

describe("no answer in time", () => {
  test("but some of it: it is slow, and not stuck", async () => {
    expect(await hintOf("HTTP/1.1 101 Sw")).toMatch(
      /^it is answering, far too slowly: 15 bytes in 300 ms, /,
    );
  });

  test("and nothing of it: it may be stuck", async () => {
    expect(await hintOf("")).toContain("is it stuck");
  });
});
