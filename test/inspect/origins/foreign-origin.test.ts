/** A page of another site, with what a browser sends for it. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { describe, expect, test } from "vitest";
import { originChecks } from "../../../src/inspect/origins/checks.js";
import { closeInKind, onFrames, switching } from "../../e2e/raw-server.js";
import { makeCertificates } from "../../support/certificates.js";
import { type Looking, lookAt } from "../looking.js";
import { attack, finding, good, victim } from "./attack.js";
import { type CookieApp, valuesOf } from "./cookie-app.js";

describe("cross-site WebSocket hijacking", () => {
  test("a cookie app that checks Origin passes all", async () => {
    const seen = await attack({ allows: (origin) => origin === good });
    expect(seen.verdicts).toEqual({
      "OR-1": "pass",
      "OR-2": "pass",
      "OR-3": "pass",
      "OR-4": "pass",
      "OR-5": "pass",
      "OR-6": "pass",
    });
    const declared = originChecks.reduce((sum, { cost }) => sum + cost.handshakes, 0);
    expect(seen.handshakes).toBeLessThanOrEqual(1 + declared);
    // The first exchange, the control, the allowed Origin at first and after each rule, 24 other rows.
    expect(seen.handshakes).toBe(33);
  });

  test.each([3, 4, 6, 9, 12])(
    "a server that has had enough after %i refuses, which is no pass",
    async (most) => {
      let count = 0;
      const seen = await attack({ allows: (origin) => ++count <= most && origin === good });
      const passed = Object.entries(seen.verdicts).filter(([, verdict]) => verdict === "pass");
      // Those alone whose last good request was let in.
      expect(passed.map(([id]) => id)).toEqual(
        most < 4 ? [] : ["OR-1"].concat(most < 6 ? [] : ["OR-2"], most < 9 ? [] : ["OR-3"]),
      );
      expect(Object.values(seen.verdicts)).not.toContain("fail");
    },
  );

  test("a client certificate that lets in is ridden on, whenever the server asks for it", async () => {
    const { ca, server, client } = await makeCertificates();
    for (const rejectUnauthorized of [true, false]) {
      const app = tls.createServer(
        { ...server, ca: ca.cert, requestCert: true, rejectUnauthorized },
        (socket) => {
          socket.on("error", () => socket.destroy());
          socket.once("data", (head: Buffer) => {
            if (socket.authorized) socket.write(switching(head.toString("latin1")));
            else socket.end("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
            onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
          });
        },
      );
      app.listen(0, "127.0.0.1");
      await once(app, "listening");
      try {
        const { port } = app.address() as AddressInfo;
        const check = originChecks.filter(({ rule }) => rule.id === "OR-1");
        const seen = await lookAt(`wss://127.0.0.1:${port}/`, check, {
          options: { tls: { ca: ca.cert, cert: client.cert, key: client.key } },
        });
        expect(seen.findings).toMatchObject([{ verdict: "fail", severity: "high" }]);
        expect(seen.findings[0]!.message).toContain("client certificate");
      } finally {
        app.close();
      }
    }
  });

  test("SameSite, tokens and public endpoints stand in the way of it", async () => {
    const cases: [string, CookieApp, Looking, string, string, RegExp][] = [
      [
        "lax",
        { lines: ["Set-Cookie: sid=bob; SameSite=Lax"] },
        victim,
        "warn",
        "medium",
        /SameSite/,
      ],
      ["none", { lines: ["Set-Cookie: sid=b; SameSite=None"] }, victim, "fail", "high", /hijack/],
      ["other", { lines: ["Set-Cookie: lb=1; SameSite=Lax"] }, victim, "fail", "high", /hijack/],
      ["public", { knows: () => true }, victim, "warn", "medium", /without credentials is let in/],
      [
        "nothing given",
        { knows: () => true },
        { options: { request: { origin: good } } },
        "warn",
        "medium",
        /none were given/,
      ],
      [
        "bearer",
        { knows: (head) => valuesOf(head, "authorization")[0] === "Bearer t0p" },
        { options: { request: { origin: good, authorization: "Bearer t0p" } } },
        "warn",
        "low",
        /would have to know/,
      ],
      [
        "a ticket besides",
        { allows: (_, head) => head.includes("x-csrf: 7") || head.includes("X-CSRF-Token: 7") },
        {
          ...victim,
          options: {
            request: { origin: good, cookie: "sid=alice", headers: [["X-CSRF-Token", "7"]] },
          },
        },
        "warn",
        "low",
        /yet not the header X-CSRF-Token/,
      ],
    ];
    await Promise.all(
      cases.map(async ([name, app, looking, verdict, severity, message]) => {
        const found = finding(await attack(app, looking, ["OR-1"]), "OR-1");
        expect({ name, verdict: found.verdict, severity: found.severity }).toEqual({
          name,
          verdict,
          severity,
        });
        expect(found.message).toMatch(message);
        expect(JSON.stringify(found)).not.toContain("t0p");
      }),
    );
    expect.assertions(3 * cases.length);
  });

  test("a cookie app that does not look at Origin can be hijacked, which is said once", async () => {
    const seen = await attack({});
    const found = finding(seen, "OR-1");
    expect(found).toMatchObject({ verdict: "fail", severity: "high", confidence: "certain" });
    expect(found.message).toContain('Origin "https://evil.example" is let in');
    expect(found.message).toContain("cross-site WebSocket hijacking");
    expect(found.evidence).toEqual([
      'Origin "https://evil.example": 101',
      'without credentials, Origin "https://app.example.com": 403 Forbidden',
      expect.stringMatching(/^SameSite: not seen here/),
    ]);
    expect(found.repro).toContain("-H 'Origin: https://evil.example'");
    expect(found.repro).not.toContain("alice");
    expect(seen.verdicts).toEqual({
      "OR-1": "fail",
      "OR-2": "info",
      "OR-3": "info",
      "OR-4": "info",
      "OR-5": "info",
      "OR-6": "info",
    });
    expect(seen.findings.filter(({ verdict }) => verdict === "fail")).toHaveLength(1);
    expect(seen.findings).toHaveLength(6);
    // Told once on a page, and not row by row beside the table.
    const noted = seen.findings.filter(({ verdict }) => verdict === "info");
    expect(new Set(noted.map(({ message }) => message))).toEqual(
      new Set(["any Origin is let in, whatever it is: see OR-1"]),
    );
    expect(noted.every(({ evidence }) => evidence.length > 0)).toBe(true);
  }, 20_000);
});
