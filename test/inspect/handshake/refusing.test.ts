/** Shows HS-07 to HS-10: what is taken that should be refused is found, each fault on its own. */
import { describe, expect, test } from "vitest";
import { startRaw, switching } from "../../e2e/raw-server.js";
import { exemplary, http, lookWith, rowsOf, startFaulty, valuesIn } from "./exemplary.js";

const versionOf = (head: string): string => valuesIn(head, "sec-websocket-version").join("+");

describe("HS-07, versions", () => {
  test.each<[string, (head: string) => string | undefined, string[]]>([
    [
      "8 is spoken as ws does",
      (head) => (versionOf(head) === "8" ? switching(head) : undefined),
      ["version 8 | warn | low"],
    ],
    [
      "none is looked at",
      switching,
      [
        "version 14, version missing | fail | high",
        "version 13 twice, versions 8 and 13 in one | fail | medium",
        "version 8 | warn | low",
        "version 013 | info | info",
      ],
    ],
    [
      "numbers are read, and not the text",
      (head) => (Number(versionOf(head)) === 13 ? switching(head) : undefined),
      ["version 013 | info | info"],
    ],
    [
      "a list is searched",
      (head) => (versionOf(head).split(", ").includes("13") ? switching(head) : undefined),
      ["versions 8 and 13 in one | fail | medium"],
    ],
    [
      "what is no version is refused without naming one",
      (head) =>
        versionOf(head) === "013" || versionOf(head) === "8, 13" ? http("400 No") : undefined,
      ["pass | info"],
    ],
    [
      "none is named",
      (head) => (versionOf(head) === "13" ? undefined : http("400 Bad Request")),
      ["version 8, version 14 | warn | medium"],
    ],
    [
      "a wrong one is named",
      (head) =>
        versionOf(head) === "14" ? http("400 No", ["Sec-WebSocket-Version: 8"]) : undefined,
      ["version 14 | warn | medium"],
    ],
    [
      "one breaks the server",
      (head) => (versionOf(head) === "" ? http("500 Internal Server Error") : undefined),
      ["version missing | fail | medium"],
    ],
    [
      "one gets a page",
      (head) => (versionOf(head) === "14" ? http("200 OK") : undefined),
      ["version 14 | warn | medium"],
    ],
  ])("%s", async (_what, fault, rows) => {
    const { url } = await startFaulty(fault);
    const { findings } = await lookWith("HS-07", url);
    expect(rowsOf(findings)).toEqual(rows);
  });

  test("says of version 8 that it is no accident, and how to see it", async () => {
    const { url } = await startFaulty(switching);
    const { findings } = await lookWith("HS-07", url);
    const eight = findings.find(({ case: which }) => which === "version 8")!;
    expect(eight.message).toContain("ws for Node.js takes 8 and 13");
    expect(eight.repro).toContain("-H 'Sec-WebSocket-Version: 8'");
  });
});

describe("HS-08, keys", () => {
  const keysOf = (head: string): string[] => valuesIn(head, "sec-websocket-key");
  test.each<[string, (head: string) => string | undefined, string[]]>([
    [
      "the length alone is looked at",
      (head) => (keysOf(head)[0]?.length === 24 ? switching(head) : undefined),
      ["key of 17 bytes, key not base64, key twice | fail | medium"],
    ],
    [
      "a missing one breaks the server",
      (head) => (keysOf(head).length === 0 ? http("502 Bad Gateway") : undefined),
      ["key missing | fail | medium"],
    ],
    [
      "a missing one gets a page",
      (head) => (keysOf(head).length === 0 ? http("200 OK") : undefined),
      ["key missing | warn | low"],
    ],
  ])("%s", async (_what, fault, rows) => {
    const { url } = await startFaulty(fault);
    const { findings } = await lookWith("HS-08", url);
    expect(rowsOf(findings)).toEqual(rows);
  });
});

describe("HS-09, requests that are no handshake", () => {
  test("says what to do for more servers than one, none of it cut off", async () => {
    const { url } = await startFaulty((head) => switching(head));
    const { findings } = await lookWith("HS-09", url);
    for (const which of ["HTTP/1.0", "no Host"]) {
      const fix = findings.find((each) => each.case === which)?.fix ?? "";
      expect(fix).toMatch(/Node\.js: .*Python: .*ASGI.*aiohttp|Node\.js does .*Python: .*ASGI/);
      expect(fix).not.toContain("…");
    }
  });

  const isProper = (head: string): boolean => /^GET .*HTTP\/1\.1/.test(head);
  test.each<[string, (head: string) => string | undefined, string[]]>([
    [
      "any method is taken",
      (head) => (head.startsWith("POST") ? switching(head) : undefined),
      ["POST | fail | high"],
    ],
    [
      "HTTP/1.0 and no Host are taken, as Node.js lets them pass",
      (head) => (isProper(head) && valuesIn(head, "host").length > 0 ? undefined : switching(head)),
      ["POST | fail | high", "HTTP/1.0 | fail | medium", "no Host | fail | medium"],
    ],
    [
      "Upgrade and Connection are not read",
      (head) =>
        valuesIn(head, "sec-websocket-key").length > 0 && isProper(head)
          ? switching(head)
          : undefined,
      ["Upgrade: foo | fail | high", "no Host | fail | medium", "no Connection | fail | medium"],
    ],
    [
      "one breaks the server",
      (head) => (head.startsWith("POST") ? http("500 Internal Server Error") : undefined),
      ["POST | warn | low"],
    ],
    [
      "501 and pages are no 101",
      (head) => (head.startsWith("POST") ? http("501 Not Implemented") : undefined),
      ["pass | info"],
    ],
  ])("%s", async (_what, fault, rows) => {
    const { url } = await startFaulty(fault);
    const { findings } = await lookWith("HS-09", url);
    expect(rowsOf(findings)).toEqual(rows);
  });

  test("sends what it says", async () => {
    const { url, heads } = await startFaulty();
    await lookWith("HS-09", url);
    const [, post = "", old = "", hostless = "", foo = "", unconnected = ""] = heads;
    expect(post).toMatch(/^POST \/ HTTP\/1\.1\r\n/);
    expect(valuesIn(post, "content-length")).toEqual(["0"]);
    expect(old).toMatch(/^GET \/ HTTP\/1\.0\r\n/);
    expect(valuesIn(hostless, "host")).toEqual([]);
    expect(valuesIn(foo, "upgrade")).toEqual(["foo"]);
    expect(valuesIn(unconnected, "connection")).toEqual([]);
  });
});

describe("HS-10, where no WebSocket is", () => {
  const isPlain = (head: string): boolean => valuesIn(head, "upgrade").length === 0;
  test.each<[string, (head: string) => string | undefined, string[]]>([
    [
      "a page and a redirect are fine",
      (head) => (isPlain(head) ? http("302 Found") : undefined),
      ["pass | info"],
    ],
    [
      "a plain request breaks the server",
      (head) => (isPlain(head) ? http("500 Internal Server Error") : undefined),
      ["plain GET | fail | low"],
    ],
    [
      "a plain request is switched",
      (head) => (isPlain(head) ? switching(head) : undefined),
      ["plain GET | fail | high"],
    ],
    [
      "every path upgrades",
      (head) => (isPlain(head) ? undefined : switching(head)),
      ["upgrade on another path | info | info"],
    ],
    [
      "another path breaks the server",
      (head) => (head.startsWith("GET /wsctl-") ? http("502 Bad Gateway") : undefined),
      ["upgrade on another path | fail | low"],
    ],
  ])("%s", async (_what, fault, rows) => {
    const { url } = await startFaulty(fault);
    const { findings } = await lookWith("HS-10", url);
    expect(rowsOf(findings)).toEqual(rows);
  });

  test("asks on the path that is given, without what the address carries", async () => {
    const { url, heads } = await startFaulty();
    await lookWith("HS-10", `${url}?token=secret`, { given: { otherPath: "/nowhere" } });
    expect(heads[1]).toMatch(/^GET \/\?token=secret /);
    expect(heads[2]).toMatch(/^GET \/nowhere HTTP/);
  });

  test("a hang fails", async () => {
    const { url } = await startRaw({
      answer: (head) => (head.startsWith("GET /wsctl-") ? undefined : exemplary(head)),
    });
    const { findings } = await lookWith("HS-10", url);
    expect(rowsOf(findings)).toEqual(["silent | fail | low"]);
    expect(findings[0]?.message).toContain("upgrade on another path");
  });
});
