/** Shows that load runs are right against servers that share no code with ours, plain and over TLS. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { requirePythonWebsockets, startPythonEcho } from "../support/python-echo.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { expectConserved, loadJson } from "./load-run.js";

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});

/** A server of each make; `stop` is left to the end of the test file. */
interface Make {
  readonly start: (tls: boolean) => Promise<{ readonly url: string }>;
}

const makes: Readonly<Record<string, Make>> = {
  ws: {
    start: async (tls) => startWsEcho({ tls: tls ? certificates.server : undefined }),
  },
  ...(requirePythonWebsockets()
    ? {
        "Python's websockets": {
          start: async (tls: boolean) => startPythonEcho(tls ? certificates.server : undefined),
        },
      }
    : {}),
};

/** A clean run of all its connections. */
async function expectClean(args: readonly string[]): Promise<void> {
  const { code, result, stderr } = await loadJson([...args, "-c", "8", "-d", "300ms"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "opening\ntraffic\ndraining\n" });
  expectConserved(result);
  const { expected, answered } = result.conservation;
  expect(answered).toBe(expected);
  expect(expected).toBeGreaterThan(8);
  expect(result.errors).toEqual([]);
  expect(result.totals).toMatchObject({ ws_sessions: 8, "ws_close{by:client,code:1000}": 8 });
  const secure = args[0]!.startsWith("wss:");
  expect(result.run.handshake?.tls).toEqual(secure ? expect.stringMatching(/^TLSv1\./) : undefined);
}

describe.each(Object.entries(makes))("a server of %s", (_name, { start }) => {
  test("is loaded in the clear", async () => {
    const { url } = await start(false);
    await expectClean([url]);
  });

  test("is loaded over TLS, with its authority or without looking", async () => {
    const { url } = await start(true);
    await expectClean([url, "--ca", certificates.ca.certPath]);
    await expectClean([url, "--insecure"]);
  });

  test("is not trusted without either", async () => {
    const { url } = await start(true);
    const { code, stdout, stderr } = await runWsctl(["load", url, "-d", "100ms"]);
    expect(code).toBe(3);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^error: .*certificate.*\[WSCTL_ETLS\]$/m);
    expect(stderr).toMatch(/^hint: .*--ca/m);
  });

  test("takes large messages in both directions", async () => {
    const { url } = await start(false);
    const { result } = await loadJson([url, "-c", "2", "-d", "1s", "--size", "200kB"]);
    expectConserved(result);
    expect(result.conservation.answered).toBeGreaterThan(2);
    expect(result.totals["ws_payload_received"]).toBe(200_000 * result.conservation.expected);
  });
});

test("a refusal of ws is told with its status and its body", async () => {
  await using server = await startWsEcho({ refuse: 403 });
  const { code, stdout, stderr } = await runWsctl(["load", server.url, "-d", "100ms"]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
  expect(stderr).toMatch(
    /^error: the server refused the upgrade: 403 Forbidden +\[WSCTL_EUPGRADE\]$/m,
  );
  expect(stderr).toContain("body: refused with 403");
  expect(stderr).toMatch(/^hint: .*--origin/m);
});

test("a certificate for another name is told as such", async () => {
  await using server = await startWsEcho({ tls: certificates.server });
  const args = ["--ca", certificates.ca.certPath, "--servername", "other.example", "-d", "100ms"];
  const { code, stderr } = await runWsctl(["load", server.url, ...args]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/certificate is for another name/);
  expect(stderr).toMatch(/^hint: .*--servername/m);
});
