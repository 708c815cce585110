/** Shows what is said of versions, cipher suites, SNI and ALPN. */
import { createSecureContext, type TlsOptions, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { parseTarget } from "../../../src/dial/target.js";
import { alpn } from "../../../src/inspect/tls/alpn.js";
import { tlsChecks } from "../../../src/inspect/tls/checks.js";
import { cipher } from "../../../src/inspect/tls/cipher.js";
import { sni } from "../../../src/inspect/tls/sni.js";
import { versions } from "../../../src/inspect/tls/versions.js";
import { startRaw } from "../../dial/raw-server.js";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { startChild } from "../../support/child.js";
import { lookAt } from "../looking.js";
import { issue, type Pair } from "./pki.js";
import { lookSecurely, portOf, startSecure } from "./servers.js";

let made: Certificates;
let rsa: Pair;

beforeAll(async () => {
  [made, rsa] = await Promise.all([makeCertificates(), issue({ rsa: 2048 })]);
});

/** A server with the certificate of the test's authority. */
async function serverWith(options: TlsOptions) {
  return startSecure({ cert: made.server.cert, key: made.server.key, ...options });
}

const old: TlsOptions = { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" };

describe("old versions of TLS", () => {
  test("that are refused pass, whether or not the certificate is trusted", async () => {
    for (const ca of [made.ca.cert, undefined]) {
      const { own } = await lookSecurely(await serverWith({}), versions, { ca });
      expect(own).toMatchObject([{ verdict: "pass", message: "TLS 1.0 and 1.1 are refused" }]);
      expect(own[0]!.evidence.join()).toMatch(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/);
    }
  });

  test.each([
    ["TLSv1.1", "TLS 1.1"],
    ["TLSv1", "TLS 1.0"],
  ] as const)(
    "such as %s are told where they are accepted beside newer ones",
    async (top, name) => {
      const server = await serverWith(top === "TLSv1.1" ? old : { ...old, maxVersion: top });
      const { own } = await lookSecurely(server, versions, { ca: made.ca.cert });
      expect(own).toMatchObject([{ case: name, verdict: "fail", severity: "medium" }]);
    },
  );

  test("alone are told twice: as accepted, and as all there is (openssl s_server)", async () => {
    const { certPath, keyPath } = made.server;
    const lax = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
    const args = ["s_server", "-accept", "127.0.0.1:0", "-cert", certPath, "-key", keyPath];
    await using child = startChild("openssl", [...args, ...lax, "-www"]);
    const target = parseTarget(`wss://localhost:${await portOf(child)}/`);
    const accepted = await lookSecurely({ target }, versions, { ca: made.ca.cert });
    expect(accepted.own).toMatchObject([{ case: "TLS 1.1", verdict: "fail" }]);
    const best = await lookSecurely({ target }, cipher, { ca: made.ca.cert });
    expect(best.own[0]).toMatchObject({ case: "version", verdict: "fail", severity: "high" });
    expect(best.own[0]!.message).toBe("the best version that the server speaks is TLSv1.1");
  });

  test("are not taken for refused by a server that speaks no TLS, or not in time", async () => {
    const garbage = await startRaw({ connected: (socket) => socket.end("no\r\n"), scheme: "wss" });
    expect((await lookSecurely(garbage, versions)).own).toMatchObject([
      { verdict: "inconclusive" },
    ]);
    const mute = await startRaw({ connected: () => {}, scheme: "wss" });
    const options = { timeouts: { total: 300 } };
    const { own } = await lookSecurely(mute, versions, {}, { options });
    expect(own).toMatchObject([{ verdict: "inconclusive" }]);
  });
});

describe("cipher suites", () => {
  test("of TLS 1.3 pass", async () => {
    const { own } = await lookSecurely(await serverWith({}), cipher, { ca: made.ca.cert });
    expect(own).toMatchObject([{ verdict: "pass", message: expect.stringMatching(/TLSv1\.3/) }]);
  });

  test.each<[string, string[]]>([
    ["ECDHE-RSA-AES128-GCM-SHA256", []],
    ["ECDHE-RSA-AES128-SHA256", ["CBC"]],
    ["AES128-GCM-SHA256", ["forward secrecy"]],
    ["AES128-SHA", ["forward secrecy", "CBC"]],
  ])("such as %s", async (ciphers, cases) => {
    const server = await startSecure({ ...rsa, ciphers, maxVersion: "TLSv1.2" });
    const { own } = await lookSecurely(server, cipher, { ca: rsa.cert });
    const expected = cases.length === 0 ? [["", "pass"]] : cases.map((one) => [one, "warn"]);
    expect(own.map(({ case: which, verdict }) => [which, verdict])).toEqual(expected);
  });
});

describe("without a name asked for", () => {
  test("the same certificate passes", async () => {
    const { own } = await lookSecurely(await serverWith({}), sni, { ca: made.ca.cert });
    expect(own).toMatchObject([{ verdict: "pass" }]);
  });

  test("another certificate is told, with whose it is", async () => {
    const other = await issue({ name: "default.example" }, made.ca);
    const named = createSecureContext({ cert: made.server.cert, key: made.server.key });
    const server = await startSecure({
      cert: other.cert,
      key: other.key,
      SNICallback: (_name, done) => done(null, named),
    });
    const { own } = await lookSecurely(server, sni, { ca: made.ca.cert });
    expect(own).toMatchObject([{ verdict: "info" }]);
    expect(own[0]!.message).toMatch(/another one: for default\.example/);
  });

  test("the client's certificate stays at home: who answers may be another server", async () => {
    const shown: [string, boolean][] = [];
    const { cert, key } = made.server;
    const tls = {
      cert,
      key,
      requestCert: true,
      rejectUnauthorized: false,
      maxVersion: "TLSv1.2" as const,
    };
    const server = await startRaw({
      tls,
      name: "localhost",
      connected: (socket) => {
        const { servername } = socket as TLSSocket & { servername: unknown };
        const peer = (socket as TLSSocket).getPeerX509Certificate();
        shown.push([String(servername), peer !== undefined]);
      },
      answer: (socket) => socket.end("HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n"),
    });
    const client = { cert: made.client.cert, key: made.client.key, ca: made.ca.cert };
    const { own } = await lookSecurely(server, sni, client);
    expect(own).toMatchObject([{ verdict: "pass" }]);
    expect(shown).toEqual([
      ["localhost", true],
      ["false", false],
    ]);
  });

  test("an address is skipped", async () => {
    const server = await startSecure({ cert: made.server.cert, key: made.server.key }, "127.0.0.1");
    const { own } = await lookSecurely(server, sni, { ca: made.ca.cert });
    expect(own).toMatchObject([{ verdict: "skip", message: expect.stringMatching(/address/) }]);
  });
});

describe("ALPN", () => {
  test.each<[string, string[] | undefined, string, RegExp]>([
    ["http/1.1 preferred", ["http/1.1", "h2"], "pass", /chooses http\/1\.1/],
    ["h2 preferred", ["h2", "http/1.1"], "info", /chooses h2.*H2-1/],
    ["none", undefined, "info", /no part|not take part/],
  ])("%s", async (_what, protocols, verdict, message) => {
    const server = await serverWith(protocols ? { ALPNProtocols: protocols } : {});
    const { own } = await lookSecurely(server, alpn, { ca: made.ca.cert });
    expect(own).toMatchObject([{ verdict, message: expect.stringMatching(message) }]);
  });

  test("that leaves no HTTP/1.1 fails", async () => {
    const server = await serverWith({ ALPNProtocols: ["h2"] });
    const { own } = await lookSecurely(server, alpn, { ca: made.ca.cert });
    expect(own).toMatchObject([{ case: "http/1.1", verdict: "fail", severity: "high" }]);
  });
});

test("all of them together cost five handshakes at most, and say nothing", async () => {
  const server = await serverWith({});
  // Without the CA: the first exchange fails, and not a byte of it is sent.
  const seen = await lookAt(server.target.url, tlsChecks, { options: { family: 4 } });
  expect(seen.handshakes - 1).toBeLessThanOrEqual(5);
  expect(tlsChecks.reduce((sum, { cost }) => sum + cost.handshakes, 0)).toBe(5);
  expect(Object.values(seen.verdicts)).not.toContain("inconclusive");
  expect(seen.verdicts["TLS-1"]).toBe("fail");
  expect(server.heads).toEqual([]);
});

test("plain TCP is skipped by all", async () => {
  const server = await startRaw({ answer: (socket) => socket.end("HTTP/1.1 403 No\r\n\r\n") });
  const { verdicts } = await lookAt(server.target.url, tlsChecks);
  expect(new Set(Object.values(verdicts))).toEqual(new Set(["skip"]));
});
