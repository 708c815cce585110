/** Shows the CA of `wsctl proxy`: made once, kept to oneself, and enough for clients to trust its TLS. */
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../support/certificates.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { startProxy } from "./proxy-run.js";

const home = mkdtempSync(path.join(tmpdir(), "wsctl-ca-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const env = { XDG_DATA_HOME: home };
/** Where the certificate is once it was made. */
const file = path.join(home, "wsctl", "ca", "proxy-ca.crt");
const ca = async (...args: string[]) => runWsctl(["proxy", "ca", ...args], { env });

describe("wsctl proxy ca", () => {
  test("makes it once, and says how to trust it", async () => {
    const { code, stdout, stderr } = await ca();
    expect([code, stderr]).toEqual([0, ""]);
    expect(/^certificate +(\S+)$/m.exec(stdout)![1]).toBe(file);
    const certificate = new X509Certificate(readFileSync(file));
    expect(certificate.ca).toBe(true);
    expect(stdout).toContain(certificate.fingerprint256);
    for (const program of ["curl ", "NODE_EXTRA_CA_CERTS=", "Chrome ", "Firefox "]) {
      expect(stdout).toContain(program);
    }
    expect((await ca()).stdout).toBe(stdout);
    const directory = path.dirname(file);
    const modes = readdirSync(directory).map((name) => {
      const full = path.join(directory, name);
      const isSecret = readFileSync(full, "utf8").includes("PRIVATE KEY");
      return isSecret ? statSync(full).mode & 0o777 : undefined;
    });
    expect(modes.filter((mode) => mode !== undefined)).toEqual([0o600]);
  });

  test("--print, --spki and --export give it away, and never its key", async () => {
    const printed = (await ca("--print")).stdout;
    const { publicKey } = new X509Certificate(printed);
    const der = publicKey.export({ type: "spki", format: "der" });
    const pin = createHash("sha256").update(der).digest("base64");
    expect((await ca("--spki")).stdout).toBe(`${pin}\n`);
    const copy = path.join(home, "copy.pem");
    expect((await ca("--export", copy)).code).toBe(0);
    expect(readFileSync(copy, "utf8")).toBe(printed);
    expect(printed).not.toContain("PRIVATE");
    const refused = await ca("--export", "/nowhere/x");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("/nowhere/x")]);
    expect((await ca("--print", "--spki")).code).toBe(2);
  });
});

test("--tls serves with a certificate of it", async () => {
  const server = await startWsEcho();
  const { listening } = await startProxy(["--tls", "--target", server.url], env);
  expect(listening.url).toMatch(/^wss:/);
  expect(new X509Certificate(readFileSync(file)).fingerprint256).toBe(listening.fingerprint);
  const talk = ["-x", "hello", "--count", "1"];
  const trusted = await runWsctl(["connect", listening.url, "--ca", file, ...talk]);
  expect([trusted.code, trusted.stdout]).toEqual([0, "hello\n"]);
  expect((await runWsctl(["connect", listening.url, ...talk])).code).toBe(3);
});

test("--only names the hosts whose TLS is looked into", async () => {
  const certificates = await makeCertificates();
  const server = await startWsEcho({ tls: certificates.server });
  const flags = ["--only", "127.0.0.1", "--ca", certificates.ca.certPath];
  const { listening, stop } = await startProxy(flags, env);
  const proxy = `http://${new URL(listening.url).host}`;
  const talk = async (host: string, trust: string) => {
    const url = `wss://${host}:${server.port}/`;
    const args = ["connect", url, "--proxy", proxy, "--ca", trust, "-x", host, "--count", "1"];
    return (await runWsctl(args)).code;
  };
  expect(await talk("127.0.0.1", file)).toBe(0);
  expect(await talk("localhost", certificates.ca.certPath)).toBe(0);
  const { lines } = await stop();
  const messages = lines.filter(
    ({ event, direction }) => event === "message" && direction === "in",
  );
  expect(messages.map(({ data }) => data)).toEqual(["127.0.0.1"]);
  expect(lines).toContainEqual(expect.objectContaining({ event: "tunnel", why: "excluded" }));
});
