/** Shows how the flags of a connection are read: headers, credentials, files, the way to the target. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "@commander-js/extra-typings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ConnectionFlags, withConnectionOptions } from "../../src/cli/connection-options.js";
import { connectionSpec } from "../../src/cli/connection-spec.js";
import { dialOptions } from "../../src/cli/dial-options.js";
import { secretText, textOrFile } from "../../src/cli/text-source.js";
import { parseTarget } from "../../src/dial/target.js";
import type { ConnectionSpec } from "../../src/scenario/scenario.js";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-options-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
}

function flagsOf(...args: string[]): ConnectionFlags {
  const command = withConnectionOptions(new Command("x").exitOverride());
  command.parse(args, { from: "user" });
  return command.opts();
}

const targets = [parseTarget("ws://a.test/"), parseTarget("wss://b.test/")];

function specOf(...args: string[]): ConnectionSpec {
  return connectionSpec(flagsOf(...args), targets, {});
}

test("without flags nothing is added", () => {
  expect(specOf()).toStrictEqual({
    headers: [],
    subprotocols: [],
    handshakeTimeout: "10s",
    maxPayload: "16MiB",
    localAddress: [],
    tls: {},
  });
});

describe("headers", () => {
  test("keep their order, their case and their duplicates", () => {
    expect(specOf("-H", "X-b: 1", "-H", "x-A:2", "--header", "X-b:  3 : 4 ").headers).toEqual([
      ["X-b", "1"],
      ["x-A", "2"],
      ["X-b", "3 : 4"],
    ]);
  });

  test("come from a file, a line each", () => {
    const at = file("headers", "A: 1\r\nB: 2\n\n  \nC:\n");
    expect(specOf("-H", `@${at}`).headers).toEqual([
      ["A", "1"],
      ["B", "2"],
      ["C", ""],
    ]);
  });

  test.each(["novalue", ": x"])("%j is refused", (line) => {
    expect(() => specOf("-H", line)).toThrow(/not a header/);
  });

  test("that are empty are none", () => {
    expect(specOf("-H", "").headers).toEqual([]);
  });
});

describe("credentials", () => {
  test.each<[string, string[], [string, string]]>([
    ["a bearer token", ["--bearer", "abc"], ["Authorization", "Bearer abc"]],
    ["user and password", ["--user", "me:pä"], ["Authorization", "Basic bWU6cMOk"]],
    ["cookies", ["--cookie", "a=1; b=2"], ["Cookie", "a=1; b=2"]],
  ])("%s becomes a header", (_what, args, header) => {
    expect(specOf(...args).headers).toEqual([header]);
  });

  test("come from files, so that they need not be on the command line", () => {
    const at = file("token", "s3cret\n");
    expect(specOf("--bearer", `@${at}`).headers).toEqual([["Authorization", "Bearer s3cret"]]);
    expect(specOf("--passphrase", `@${at}`).tls).toEqual({ passphrase: "s3cret" });
    expect(textOrFile(`@${at}`)).toBe("s3cret");
  });

  test("come from the environment", () => {
    const env = { TOKEN: "s3cret", PAIR: "me:pw" };
    const { headers } = connectionSpec(flagsOf("--bearer", "env:TOKEN"), targets, env);
    expect(headers).toEqual([["Authorization", "Bearer s3cret"]]);
    expect(() => specOf("--bearer", "env:TOKEN")).toThrow(/variable TOKEN is not set/);
  });

  test("are what they are where they only look like a reference", () => {
    expect(secretText("text:env:TOKEN", {})).toBe("env:TOKEN");
    expect(secretText("text:@file", {})).toBe("@file");
    expect(secretText("env:not a name", {})).toBe("env:not a name");
  });
});

test("TLS material is read at once, and what cannot be read is a mistake", () => {
  const [ca, cert, key] = ["ca", "cert", "key"].map((name) => file(name, `PEM of ${name}\n`));
  expect(
    specOf("--ca", ca!, "--cert", cert!, "--key", key!, "-k", "--servername", "a.test").tls,
  ).toEqual({
    insecure: true,
    ca: "PEM of ca\n",
    cert: "PEM of cert\n",
    key: "PEM of key\n",
    servername: "a.test",
  });
  const none = path.join(folder, "none");
  for (const flag of ["--ca", "--proxy-ca"]) {
    expect(() => specOf(flag, none)).toThrow(/cannot read/);
  }
  expect(() => specOf("--cert", none, "--key", key!)).toThrow(/cannot read/);
  expect(() => specOf("--cert", cert!, "--key", none)).toThrow(/cannot read/);
  expect(() => specOf("--cert", cert!)).toThrow(/--cert and --key go together/);
  expect(() => specOf("--bearer", "a", "--user", "b:c")).toThrow(/more than once/);
  expect(() => specOf("--user", "b")).toThrow(/no colon/);
  expect(() => specOf("--ca", folder)).toThrow(/cannot read/);
});

test("the rest is taken as it was written", () => {
  expect(specOf("-s", "a", "-s", "b", "--timeout", "3s")).toMatchObject({
    subprotocols: ["a", "b"],
    handshakeTimeout: "3s",
  });
  expect(specOf("-4")).toMatchObject({ family: 4 });
  expect(specOf("-6", "--origin", "http://x")).toMatchObject({ family: 6, origin: "http://x" });
  expect(specOf("--local-address", "127.0.0.2", "--local-address", "127.0.0.3")).toMatchObject({
    localAddress: ["127.0.0.2", "127.0.0.3"],
  });
});

describe("the route", () => {
  const env = { https_proxy: "http://p.test:3128" };

  test("is by the environment's proxies, target by target", () => {
    expect(connectionSpec(flagsOf(), targets, env).route?.proxies).toEqual([
      "",
      "http://p.test:3128",
    ]);
  });

  test("is by a given proxy for all, or by none", () => {
    expect(connectionSpec(flagsOf("--proxy", "socks5h://q.test"), targets, env).route).toEqual({
      proxies: ["socks5h://q.test", "socks5h://q.test"],
      proxyTls: {},
    });
    expect(connectionSpec(flagsOf("--no-proxy"), targets, env).route).toBeUndefined();
    expect(connectionSpec(flagsOf("--unix", "/s"), targets, env).route).toEqual({ unix: "/s" });
  });

  test("keeps a proxy's password off the command line", () => {
    const flags = flagsOf("--proxy", "env:MY_PROXY");
    const spec = connectionSpec(flags, targets, { MY_PROXY: "http://u:p@q.test:1" });
    expect(spec.route?.proxies).toEqual(["http://u:p@q.test:1", "http://u:p@q.test:1"]);
  });

  test.each([
    [["--proxy", "ftp://x"], /not a proxy/],
    [["--proxy", "http://x", "--unix", "/s"], /exclude each other/],
    [["--resolve", "a:b"], /--resolve "a:b" cannot be read/],
    [["--connect-to", "a:1:b"], /--connect-to "a:1:b" cannot be read/],
  ])("%j is refused before anything is dialled", (args, message) => {
    expect(() => specOf(...args)).toThrow(message);
  });

  test("says where a broken proxy came from", () => {
    expect(() => connectionSpec(flagsOf(), targets, { ALL_PROXY: "gopher://x" })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("--no-proxy") }),
    );
  });

  test("is ready to dial, target by target", async () => {
    const spec = connectionSpec(
      flagsOf("--resolve", "b.test:443:127.0.0.9", "--timeout", "2s", "-H", "A: 1"),
      targets,
      env,
    );
    expect(dialOptions(spec).proxy).toBeUndefined();
    const options = dialOptions(spec, 1);
    expect(options.proxy?.shown).toBe("http://p.test:3128");
    expect(options).toMatchObject({
      timeouts: { total: 2000 },
      request: { headers: [["A", "1"]] },
    });
    await expect(options.resolver?.resolve("b.test", 443)).resolves.toEqual({
      addresses: [{ address: "127.0.0.9", family: 4 }],
      fresh: false,
    });
  });
});
