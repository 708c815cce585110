/** Shows that each thing that can be wrong with a certificate is called by its name. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parseDetour } from "../../../src/dial/detour.js";
import type { DialOptions } from "../../../src/dial/dial.js";
import { parseProxy } from "../../../src/dial/proxy.js";
import type { Given, Subject } from "../../../src/inspect/subject.js";
import { certificate } from "../../../src/inspect/tls/certificate.js";
import { reproFor } from "../../../src/inspect/tls/repro.js";
import { startRaw } from "../../dial/raw-server.js";
import { startChild } from "../../support/child.js";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { type Flaw, type Hierarchy, issue, makeHierarchy, type Pair } from "./pki.js";
import { lookSecurely, portOf, startSecure } from "./servers.js";
import { parseTarget } from "../../../src/dial/target.js";

let made: Certificates;
let hierarchy: Hierarchy;

beforeAll(async () => {
  [made, hierarchy] = await Promise.all([makeCertificates(), makeHierarchy()]);
});

async function casesOf(pair: Pair, ca?: string, name?: string) {
  const server = await startSecure({ cert: pair.cert, key: pair.key }, name);
  const seen = await lookSecurely(server, certificate, { ca });
  expect(seen.handshakes).toBeLessThanOrEqual(1 + certificate.cost.handshakes);
  // The looks say nothing: only the first exchange is a request, if it gets so far.
  expect(server.heads.length).toBeLessThanOrEqual(1);
  return seen.own;
}

test("a good one passes, with what it is", async () => {
  const [finding, ...others] = await casesOf(await issue({}, made.ca), made.ca.cert);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ verdict: "pass", message: expect.stringMatching(/36\d days/) });
  expect(finding!.evidence.join("\n")).toMatch(
    /names: localhost[\s\S]*issued by CN=wsctl test authority/,
  );
});

test("a whole chain passes, whether or not the root comes along, and in any order", async () => {
  const { leaf, intermediate, root } = hierarchy;
  for (const rest of [[intermediate], [intermediate, root], [root, intermediate]]) {
    const cert = [leaf, ...rest].map((pair) => pair.cert).join("\n");
    const [finding] = await casesOf({ cert, key: leaf.key }, root.cert);
    expect(finding).toMatchObject({ verdict: "pass" });
  }
});

test("one for another name is told, with the names that it is for", async () => {
  const found = await casesOf(await issue({ name: "other.example" }, made.ca), made.ca.cert);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ case: "name", verdict: "fail", severity: "high" });
  expect(found[0]!.message).toBe("the certificate is not for localhost: it is for other.example");
});

describe("the command that shows it again", () => {
  const reproOf = (url: string, options: DialOptions = {}, given: Partial<Given> = {}): string =>
    reproFor({ target: parseTarget(url), options, given } as Subject, "TLS-1");

  test("is of OpenSSL, by the way the user goes", () => {
    expect(reproOf("wss://shop.example/a?token=b")).toBe(
      "openssl s_client -connect shop.example:443 -servername shop.example -verify_hostname shop.example -verify_return_error -showcerts </dev/null",
    );
    expect(reproOf("wss://[::1]:8443/")).toBe(
      "openssl s_client -connect '[::1]:8443' -noservername -verify_ip ::1 -verify_return_error -showcerts </dev/null",
    );
    expect(reproOf("wss://h/", { detours: [parseDetour("h:443:10.0.0.1:8443")] })).toContain(
      "-connect 10.0.0.1:8443 -servername h ",
    );
    expect(reproOf("wss://h/", { tls: { servername: "a'b;id" } })).toContain(
      String.raw`-servername 'a'\''b;id' -verify_hostname 'a'\''b;id' `,
    );
    expect(reproOf("wss://h/", { unix: "/tmp/a b" })).toContain("-unix '/tmp/a b' -servername h ");
    expect(reproOf("wss://h/", { proxy: parseProxy("http://p:3128") })).toContain(
      "-connect h:443 -proxy p:3128 ",
    );
    for (const proxy of ["http://ann:pw@p:3128", "socks5://p", "https://p"]) {
      expect(reproOf("wss://h/", { proxy: parseProxy(proxy) })).toBe(
        "wsctl inspect --only TLS-1 wss://h/",
      );
    }
  });

  test("names the fault, by the authority that the user gave", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "wsctl-tls-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, "my ca.pem");
    await writeFile(file, made.ca.cert);
    const { cert, key } = await issue({ name: "other.example" }, made.ca);
    const server = await startSecure({ cert, key });
    const given = { way: { curl: ["--cacert", file], wsctl: ["--ca", file] } };
    const options = { tls: { ca: made.ca.cert } };
    const ran = async (name: string): Promise<string> => {
      const tls = { ...options.tls, servername: name };
      const command = reproOf(server.target.url, { ...options, tls }, given);
      expect(command).toContain(` -CAfile '${file}' `);
      const shell = ["-c", `${command} 2>&1 || true`];
      return (await promisify(execFile)("sh", shell, { timeout: 10_000 })).stdout;
    };
    const wrong = await ran("localhost");
    expect(wrong).toContain("hostname mismatch");
    expect(wrong).toContain("BEGIN CERTIFICATE");
    expect(await ran("other.example")).toContain("Verify return code: 0 (ok)");
  });

  test("shows the certificate", async () => {
    const [found] = await casesOf(await issue({ name: "other.example" }, made.ca), made.ca.cert);
    expect(found!.repro).toMatch(/^openssl s_client -connect localhost:\d+ -servername localhost /);
  });
});

test("one for a name does not do for the address", async () => {
  const found = await casesOf(await issue({}, made.ca), made.ca.cert, "127.0.0.1");
  expect(found.map(({ case: which }) => which)).toEqual(["name"]);
});

test("one without a subjectAltName is warned of", async () => {
  const cert = `${hierarchy.unnamed.cert}\n${hierarchy.intermediate.cert}`;
  const found = await casesOf({ cert, key: hierarchy.unnamed.key }, hierarchy.root.cert);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ case: "name", verdict: "warn" });
  expect(found[0]!.message).toMatch(/no subjectAltName/);
});

describe("the chain", () => {
  test("that is one self-signed certificate is told, unless it is trusted", async () => {
    const alone = await issue();
    const found = await casesOf(alone);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ case: "chain", verdict: "fail", severity: "critical" });
    expect(found[0]!.message).toMatch(/self-signed/);
    expect(await casesOf(alone, alone.cert)).toMatchObject([{ verdict: "pass" }]);
  });

  test("that lacks the intermediate one is told (openssl s_server)", async () => {
    const [cert, key] = hierarchy.leafFiles;
    // Without -www it would end with its stdin.
    const args = ["s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key", key, "-www"];
    await using child = startChild("openssl", args);
    const target = parseTarget(`wss://localhost:${await portOf(child)}/`);
    const { own } = await lookSecurely({ target }, certificate, { ca: hierarchy.root.cert });
    expect(own).toHaveLength(1);
    expect(own[0]).toMatchObject({ case: "chain", verdict: "fail", severity: "high" });
    expect(own[0]!.message).toBe(
      "the server does not send its whole chain: the certificate of O=Test, CN=Test Intermediate is missing",
    );
    expect(own[0]!.evidence.join("\n")).toContain("http://ca.example/intermediate.crt");
  });

  test("whose issuer is nowhere to be found may be either", async () => {
    const found = await casesOf(hierarchy.shy, hierarchy.root.cert);
    expect(found).toMatchObject([{ case: "chain", verdict: "fail", confidence: "firm" }]);
    expect(found[0]!.message).toMatch(/neither sent nor known here: a private CA, or a chain/);
  });

  test("that ends at a private CA is told", async () => {
    const { leaf, intermediate, root } = hierarchy;
    const cert = [leaf, intermediate, root].map((pair) => pair.cert).join("\n");
    const found = await casesOf({ cert, key: leaf.key });
    expect(found).toMatchObject([{ case: "chain", verdict: "fail", severity: "high" }]);
    expect(found[0]!.message).toBe("the chain ends at a CA that is not trusted here: CN=Test Root");
  });

  test("of a client's certificate is no good for a server", async () => {
    const found = await casesOf(made.client, made.ca.cert);
    expect(found.map(({ case: which }) => which)).toEqual(["name", "trust"]);
    expect(found[1]!.message).toContain("INVALID_PURPOSE");
  });
});

test.each<[string, Flaw["days"] & object, string, string, RegExp]>([
  ["has expired", [-90, -2], "fail", "critical", /has expired 1 day ago/],
  ["is not valid yet", [2, 90], "fail", "high", /not yet valid/],
  ["has 29 days left", [-300, 29], "warn", "medium", /expires in 29 days/],
  ["has 59 days left", [-300, 59], "warn", "low", /expires in 59 days/],
  ["has 61 days left", [-300, 61], "pass", "info", /another 61 days/],
  // Of 90 days, as Let's Encrypt has them: renewed when 30 are left.
  ["is short-lived and young", [-30, 60], "pass", "info", /another 60 days/],
  ["is short-lived and late", [-62, 28], "warn", "low", /expires in 28 days/],
  ["is short-lived and forgotten", [-80, 10], "warn", "medium", /expires in 10 days/],
])("one that %s", async (_what, days, verdict, severity, message) => {
  const found = await casesOf(await issue({ days }, made.ca), made.ca.cert);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ verdict, severity, message: expect.stringMatching(message) });
});

test("a certificate is as old as the date says, and a CA's is another case than the server's", async () => {
  const pair = await issue({ days: [-300, 300] }, made.ca);
  const cert = `${pair.cert}\n${made.ca.cert}`;
  const server = await startSecure({ cert, key: pair.key });
  const at = async (days: number) => {
    const date = new Date(Date.now() + days * 86_400_000);
    const { own } = await lookSecurely(server, certificate, { ca: made.ca.cert }, { date });
    return own.filter(({ verdict }) => verdict !== "pass");
  };
  expect(await at(299)).toContainEqual(
    expect.objectContaining({ case: "dates", message: "the certificate expires in 1 day" }),
  );
  const expired = await at(100_000);
  expect(expired.map(({ case: which, kind }) => [which, kind])).toEqual([
    ["dates", "expired"],
    ["dates of CA 1", "expired"],
  ]);
  const known = expired.flatMap(({ cases }) => cases.map(({ fingerprint }) => fingerprint));
  expect(new Set(known).size).toBe(2);
});

test("an expired one is told apart from one of an unknown issuer", async () => {
  const found = await casesOf(await issue({ days: [-90, -2] }));
  expect(found.map(({ case: which }) => which).sort()).toEqual(["chain", "dates"]);
});

test("a weak key and a forgeable signature are told", async () => {
  const short = await issue({ rsa: 1024 });
  const weak = await casesOf(short, short.cert);
  expect(weak).toMatchObject([{ case: "key", verdict: "fail", severity: "high" }]);
  expect(weak[0]!.message).toMatch(/RSA 1024, where at least RSA 2048/);
  const cert = `${hierarchy.sha1.cert}\n${hierarchy.intermediate.cert}`;
  const forged = await casesOf({ cert, key: hierarchy.sha1.key }, hierarchy.root.cert);
  expect(forged).toMatchObject([{ case: "signature", verdict: "fail", severity: "medium" }]);
  expect(forged[0]!.message).toMatch(/SHA-1 with ECDSA/);
});

test("the client's certificate is not shown to a server that is not known to be the right one", async () => {
  const names: string[] = [];
  const server = await startRaw({
    tls: {
      ...(await issue()),
      requestCert: true,
      rejectUnauthorized: false,
      maxVersion: "TLSv1.2",
    },
    name: "localhost",
    connected: (socket) => {
      const shown = (socket as TLSSocket).getPeerX509Certificate();
      names.push(shown === undefined ? "none" : "shown");
    },
  });
  const tls = { cert: made.client.cert, key: made.client.key };
  const { own } = await lookSecurely(server, certificate, tls);
  expect(own).toMatchObject([{ case: "chain" }]);
  expect(names.at(-1)).toBe("none");
});

describe("where nothing can be seen, nothing passes", () => {
  test("plain TCP is skipped", async () => {
    const server = await startRaw({ answer: (socket) => socket.end() });
    expect((await lookSecurely(server, certificate)).own).toMatchObject([{ verdict: "skip" }]);
  });

  test.each<[string, (socket: Socket) => void]>([
    ["garbage", (socket) => socket.end("hello\r\n")],
    ["an end", (socket) => socket.destroy()],
    ["silence", () => {}],
  ])("%s in place of TLS is inconclusive", async (_what, connected) => {
    const server = await startRaw({ connected, scheme: "wss", name: "localhost" });
    const options = { timeouts: { total: 300 } };
    const { own } = await lookSecurely(server, certificate, {}, { options });
    expect(own).toMatchObject([{ verdict: "inconclusive" }]);
  });

  test("a port that refuses is not tried again", async () => {
    const target = parseTarget("wss://127.0.0.1:1/");
    const { own, handshakes } = await lookSecurely({ target }, certificate);
    expect(own).toMatchObject([{ verdict: "inconclusive" }]);
    expect(handshakes).toBe(1);
  });
});

test("a certificate that ends in 55 days is known apart from one that ends tomorrow", async () => {
  const prints = [];
  for (const days of [55, 1]) {
    const [found] = await casesOf(await issue({ days: [-300, days] }, made.ca), made.ca.cert);
    expect(found).toMatchObject({ case: "dates", verdict: "warn" });
    prints.push(found!.cases[0]!.fingerprint);
  }
  expect(prints[0]).not.toBe(prints[1]);
});
