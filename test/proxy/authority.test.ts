/** Shows the proxy's own CA: who may read it, what it signs, and what it does not sign. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { Authority } from "../../src/proxy/authority.js";
import { Certificates, mintCertificate } from "../../src/proxy/certificates.js";
import { directory } from "./running.js";

test("it is made once, however many ask, and its key is nobody else's", async () => {
  const dir = path.join(directory(), "deep", "down");
  const all = await Promise.all(Array.from({ length: 8 }, () => Authority.open(dir)));
  expect(new Set(all.map(({ certificate }) => certificate.cert + certificate.key)).size).toBe(1);
  expect(readdirSync(dir).sort()).toEqual(["proxy-ca-key.pem", "proxy-ca.crt"]);
  const secret = path.join(dir, "proxy-ca-key.pem");
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(readFileSync(all[0]!.path, "utf8")).toBe(all[0]!.certificate.cert);
  chmodSync(secret, 0o644);
  const again = await Authority.open(dir);
  expect(again.certificate).toEqual(all[0]!.certificate);
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  expect(again.spki).toMatch(/^[\w+/]{43}=$/);
});

test("a file that is none is refused with what to do, not overwritten", async () => {
  const dir = directory();
  const file = path.join(dir, "proxy-ca-key.pem");
  writeFileSync(file, "something of the user's");
  await expect(Authority.open(dir)).rejects.toMatchObject({
    code: "WSCTL_EUSAGE",
    hint: expect.stringContaining("remove the file"),
  });
  expect(readFileSync(file, "utf8")).toBe("something of the user's");
});

test("a host's certificate is signed by it, for that host, for servers, and not for long", async () => {
  const authority = await Authority.open(directory());
  const ca = new X509Certificate(authority.certificate.cert);
  const long = `${"a".repeat(63)}.${"b".repeat(63)}.example`;
  for (const [host, names] of [
    ["Chat.Example.com.", "DNS:chat.example.com"],
    ["127.0.0.1", "IP Address:127.0.0.1"],
    ["::1", "IP Address:0:0:0:0:0:0:0:1"],
    [long, `DNS:${long}`],
    ["localhost", "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"],
  ] as const) {
    const { cert } = await mintCertificate(authority, host);
    const leaf = new X509Certificate(cert);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.subjectAltName).toBe(names);
    // 1.3.6.1.5.5.7.3.1: for servers, and nothing else.
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    const days = (Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)) / 86_400_000;
    expect(days).toBeLessThan(398);
    expect(cert.endsWith(authority.certificate.cert)).toBe(true);
  }
});

test("what is no host gets none, whatever it would do to a name", async () => {
  const certificates = new Certificates(await Authority.open(directory()));
  for (const host of [
    "",
    ".",
    "*",
    "*.example.com",
    "a..b",
    "-a.example",
    "x, CN=evil",
    "a\0b",
    "a\nb",
    "ex ample",
    `${"a.".repeat(127)}abc`,
    "a".repeat(64),
    "fe80::1%eth0",
    "täst.example",
  ]) {
    await expect(certificates.contextFor(host)).rejects.toMatchObject({ code: "WSCTL_ETLS" });
  }
});

test("a host asked for again gets the same", async () => {
  const certificates = new Certificates(await Authority.open(directory()));
  const one = await certificates.contextFor("a.example");
  expect(await certificates.contextFor("A.example")).toBe(one);
  expect(await certificates.contextFor("b.example")).not.toBe(one);
});

test("stands up to strict verification, and what it signs too", async () => {
  const dir = directory();
  const authority = await Authority.open(dir);
  for (const host of ["localhost", "127.0.0.1", `${"a".repeat(60)}.example`]) {
    const { cert } = await mintCertificate(authority, host);
    const file = path.join(dir, "leaf.pem");
    writeFileSync(file, cert);
    const args = [
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      "-CAfile",
      authority.path,
      file,
    ];
    expect(execFileSync("openssl", args, { encoding: "utf8" })).toBe(`${file}: OK\n`);
    const leaf = new X509Certificate(cert);
    expect(leaf.verify(new X509Certificate(authority.certificate.cert).publicKey)).toBe(true);
    expect(leaf.checkIP("127.0.0.1") ?? leaf.checkHost(host)).toBeDefined();
  }
});
