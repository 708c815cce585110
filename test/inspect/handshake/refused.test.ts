/** Shows HS-14 to HS-16: redirects, challenges and cookies of an answer, whatever its status. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { challengesOf } from "../../../src/inspect/handshake/auth-challenge.js";
import { cookieOf } from "../../../src/inspect/handshake/set-cookie.js";
import { startRaw as startTls } from "../../dial/raw-server.js";
import { startRaw, switching } from "../../e2e/raw-server.js";
import { makeCertificates } from "../../support/certificates.js";
import { http, lookWith, rowsOf, startFaulty } from "./exemplary.js";

const redirect = (location: string): string => http("302 Found", [`Location: ${location}`]);

describe("HS-14, redirects", () => {
  test("none passes, whatever the answer is", async () => {
    const { url } = await startFaulty(() => http("403 Forbidden"));
    const { verdicts } = await lookWith("HS-14", url);
    expect(verdicts).toEqual({ "HS-14": "pass" });
  });

  test("one that leads away from a socket file is told, not followed", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "wsctl-redirect-"));
    try {
      const unix = path.join(directory, "app.sock");
      const { heads } = await startRaw({
        at: unix,
        answer: () => redirect("http://app.example:8443/x"),
      });
      const { findings } = await lookWith("HS-14", "ws://app.example/", { options: { unix } });
      expect(heads).toHaveLength(1);
      expect(findings[0]?.message).toContain("leads away from the socket file");
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("a chain is followed on the same host, without credentials", async () => {
    const { url, heads } = await startFaulty((head) => {
      if (head.startsWith("GET /a")) return redirect("/b?token=hunter2&x=1");
      return head.startsWith("GET /b") ? redirect("./c") : switching(head);
    });
    const { findings } = await lookWith("HS-14", `${url}a`, {
      options: { request: { cookie: "sid=hunter2", authorization: "Bearer hunter2" } },
    });
    expect(rowsOf(findings)).toEqual(["redirect | warn | medium"]);
    expect(findings[0]?.message).toContain(`it ends in 101 Switching Protocols at ${url}c`);
    expect(findings[0]?.evidence).toEqual([
      `${url}a: 302 Found → ${url}b?token=SECRET&x=1`,
      `${url}b?token=SECRET&x=1: 302 Found → ${url}c`,
      `${url}c: 101 Switching Protocols (asked without credentials)`,
    ]);
    expect(heads[0]).toContain("hunter2");
    expect(heads.slice(1).join("")).not.toContain("hunter2");
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  test("a circle ends, and so does a chain that never does", async () => {
    const circle = await startFaulty((head) => redirect(head.startsWith("GET /a") ? "/b" : "/a"));
    const seen = await lookWith("HS-14", `${circle.url}a`);
    expect(seen.findings[0]?.message).toContain("go round in a circle");
    let count = 0;
    const endless = await startFaulty(() => redirect(`/${count++}`));
    const { findings, handshakes } = await lookWith("HS-14", endless.url);
    expect(findings[0]?.message).toContain("it goes on after 5 hops");
    expect(handshakes).toBe(6);
  });

  test("another host is told of, and not dialled", async () => {
    const { url } = await startFaulty(() =>
      redirect("http://user:hunter2@other.example/x?code=hunter2#y"),
    );
    const { findings, handshakes } = await lookWith("HS-14", url);
    expect(rowsOf(findings)).toEqual(["redirect | warn | medium", "another host | warn | medium"]);
    expect(findings[0]?.message).toContain("it was not dialled");
    expect(findings[0]?.evidence[0]).toBe(`${url}: 302 Found → ws://other.example/x?code=SECRET`);
    expect(handshakes).toBe(1);
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  test("another server on this machine is dialled", async () => {
    const other = await startRaw();
    const { url } = await startFaulty(() =>
      redirect(other.url.replace("127.0.0.1", "localhost").replace("ws:", "http:")),
    );
    const { findings, handshakes } = await lookWith("HS-14", url);
    expect(rowsOf(findings)).toEqual(["redirect | warn | medium", "another host | warn | medium"]);
    expect(findings[0]?.message).toContain("it ends in 101");
    expect(handshakes).toBe(2);
  });

  test.each(["http://[", "", "mailto:a@b.example", `/${"a".repeat(5000)}`])(
    "a Location that is none is told of: %.20s",
    async (location) => {
      const { url } = await startFaulty(() => redirect(location));
      const { findings, verdicts } = await lookWith("HS-14", url);
      expect(verdicts).toEqual({ "HS-14": "warn" });
      expect(findings[0]?.message).toMatch(/does not say where to|in a circle/);
    },
  );
});

describe("over TLS", () => {
  test("a redirect to ws fails, and a cookie without Secure does", async () => {
    const { ca, server } = await makeCertificates();
    const plain = await startRaw();
    const lines = [
      `Location: http://localhost:${plain.port}/`,
      "Set-Cookie: id=x; HttpOnly; SameSite=Lax",
    ];
    const { target } = await startTls({
      tls: { cert: server.cert, key: server.key },
      name: "localhost",
      answer: (socket) => socket.end(http("301 Moved Permanently", lines)),
    });
    const options = { tls: { ca: ca.cert } };
    const redirected = await lookWith("HS-14", target.url, { options });
    expect(rowsOf(redirected.findings)).toEqual([
      "wss to ws | fail | medium",
      "redirect | warn | medium",
    ]);
    const { findings } = await lookWith("HS-16", target.url, { options });
    expect(rowsOf(findings)).toEqual(["cookie id | fail | medium"]);
  });
});

describe("HS-15, challenges", () => {
  test.each<[string, string[]]>([
    ['Basic realm="a, b", Bearer', ["Basic realm=a, b", "Bearer"]],
    [
      'Bearer realm="x", error="invalid_token" , Negotiate',
      ["Bearer realm=x error=invalid_token", "Negotiate"],
    ],
    ["Negotiate YWJj==, NTLM", ["Negotiate", "NTLM"]],
    ['Digest qop=auth, nonce=abc, realm="q\\"q"', ['Digest qop=auth nonce=abc realm=q"q']],
    [
      'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
      ['Newauth realm=apps type=1 title=Login to "apps"', "Basic realm=simple"],
    ],
    ['basic  realm = "spaced"', ["basic realm=spaced"]],
    [", ,, Bearer ,", ["Bearer"]],
    ['realm="no scheme"', []],
    ["", []],
    ['Basic realm="never ends', ["Basic realm=never ends"]],
  ])("%s", (value, challenges) => {
    const read = challengesOf(value).map(({ scheme, parameters }) =>
      [scheme, ...[...parameters].map((pair) => pair.join("="))].join(" "),
    );
    expect(read).toEqual(challenges);
  });

  test("hostile values are read in bounds", () => {
    for (const part of ["a ", "a=", '"', "\\", ",", "=", "Basic a=b,", "\0"]) {
      expect(challengesOf(part.repeat(100_000)).length).toBeLessThanOrEqual(20);
    }
  });

  test("nothing breaks the reading", () => {
    const pieces = fc.constantFrom("a", "Basic", " ", ",", "=", '"', "\\", ";", "\t", "é", "==");
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        const value = parts.join("");
        for (const { scheme } of challengesOf(value)) expect(scheme).toMatch(/^[a-zA-Z]+$/);
        expect(cookieOf(value)?.name).not.toBe("");
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, string, string[]]>([
    ["401", http("401 Unauthorized", ['WWW-Authenticate: Bearer realm="chat"']), ["info | info"]],
    ["401 without", http("401 Unauthorized"), ["no challenge | warn | low"]],
    [
      "401 with nonsense",
      http("401 Unauthorized", ["WWW-Authenticate: ,,"]),
      ["no challenge | warn | low"],
    ],
    [
      "407",
      http("407 Proxy Authentication Required", ["Proxy-Authenticate: Basic realm=p"]),
      ["info | info"],
    ],
    [
      "407 with the wrong one",
      http("407 X", ["WWW-Authenticate: Basic"]),
      ["no challenge | warn | low"],
    ],
    ["403", http("403 Forbidden"), ["skip | info"]],
    ["101", "", ["skip | info"]],
  ])("%s", async (_what, answer, rows) => {
    const { url } = await startFaulty(() => answer || undefined);
    const { findings } = await lookWith("HS-15", url);
    expect(rowsOf(findings)).toEqual(rows);
  });
});

describe("HS-16, cookies", () => {
  test.each<[string, string, string[]]>([
    ["all is well", "__Host-id=x; Secure; HttpOnly; SameSite=Lax; Path=/", ["pass | info"]],
    [
      "on ws to this machine Secure is a detail",
      "id=x; HttpOnly; SameSite=Strict",
      ["cookie id | warn | low"],
    ],
    ["no HttpOnly", "id=x; Secure; SameSite=Strict", ["cookie id | warn | low"]],
    ["no SameSite", "id=x; Secure; HttpOnly", ["cookie id | warn | low"]],
    ["SameSite=None", "id=x; secure; httponly; samesite=none", ["cookie id | warn | low"]],
    [
      "SameSite=None without Secure",
      "id=x; HttpOnly; SameSite=None",
      ["cookie id | fail | medium"],
    ],
    [
      "__Host- with a Domain",
      "__Host-id=x; Secure; HttpOnly; SameSite=Lax; Path=/; Domain=a.b",
      ["cookie __Host-id | fail | medium"],
    ],
    [
      "__Host- without a Path",
      "__Host-id=x; Secure; HttpOnly; SameSite=Lax",
      ["cookie __Host-id | fail | medium"],
    ],
    [
      "__Secure- without Secure",
      "__Secure-id=x; HttpOnly; SameSite=Lax",
      ["cookie __Secure-id | fail | medium"],
    ],
    ["no cookie at all", "nonsense", ["info | info"]],
  ])("%s", async (_what, cookie, rows) => {
    const { url } = await startFaulty((head) => switching(head, `Set-Cookie: ${cookie}`));
    const { findings } = await lookWith("HS-16", url);
    expect(rowsOf(findings)).toEqual(rows);
  });

  test("where none is set there is nothing to praise", async () => {
    const { url } = await startFaulty();
    const { findings } = await lookWith("HS-16", url);
    expect(rowsOf(findings)).toEqual(["skip | info"]);
    expect(findings[0]?.message).toBe("no cookie is set");
  });

  test("no value is shown, and a refusal's cookies count too", async () => {
    const { url } = await startFaulty(() =>
      http("403 Forbidden", ["Set-Cookie: sid=hunter2", "Set-Cookie: b=hunter2"]),
    );
    const { findings } = await lookWith("HS-16", url);
    expect(rowsOf(findings)).toEqual(["cookie sid | warn | low", "cookie b | warn | low"]);
    expect(JSON.stringify(findings)).not.toContain("hunter2");
    expect(findings[0]?.evidence).toEqual(["Set-Cookie: sid=SECRET"]);
  });

  test("a hundred cookies are not a hundred findings", async () => {
    const many = Array.from({ length: 100 }, (_, index) => `Set-Cookie: c${index}=x`);
    const { url } = await startFaulty((head) => switching(head, ...many));
    const { findings } = await lookWith("HS-16", url);
    expect(findings).toHaveLength(21);
  });

  test("hostile names are made harmless", async () => {
    const { url } = await startFaulty((head) =>
      switching(head, `Set-Cookie: \x1b[2J${"n".repeat(500)}=x`),
    );
    const { findings } = await lookWith("HS-16", url);
    expect(findings[0]?.case).toMatch(/^cookie ␛\[2Jn+…$/);
    expect(findings[0]?.case.length).toBeLessThan(80);
  });

  test("what browsers ignore is no cookie", () => {
    expect(["", "a", "=x", "; Secure"].map(cookieOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
