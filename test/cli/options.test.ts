/** Shows how the flags of a connection are read: headers, credentials, files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "@commander-js/extra-typings";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectionSpec, textOrFile, withConnectionOptions } from "../../src/cli/options.js";
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

function specOf(...args: string[]): ConnectionSpec {
  const command = withConnectionOptions(new Command("x").exitOverride());
  command.parse(args, { from: "user" });
  return connectionSpec(command.opts());
}

test("without flags nothing is added", () => {
  expect(specOf()).toEqual({
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

  test.each(["novalue", ": x", ""])("%j is refused", (line) => {
    if (line === "") expect(specOf("-H", line).headers).toEqual([]);
    else expect(() => specOf("-H", line)).toThrow(/not a header/);
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
});

describe("credentials that cannot be meant", () => {
  const hint = expect.stringMatching(/./) as string;

  test.each<[string, string[]]>([
    ["--bearer with --user", ["--bearer", "a", "--user", "b:c"]],
    ["--bearer with a header", ["--bearer", "a", "-H", "authorization: b"]],
    ["--user with a header", ["--user", "a:b", "-H", "Authorization: b"]],
  ])("%s", (_what, args) => {
    const refused = { code: "WSCTL_EUSAGE", message: "credentials are given more than once", hint };
    expect(() => specOf(...args)).toThrow(expect.objectContaining(refused));
  });

  test("a user without a colon, from a file as well", () => {
    for (const user of ["me", `@${file("user", "me\n")}`]) {
      const refused = { code: "WSCTL_EUSAGE", message: "--user has no colon", hint };
      expect(() => specOf("--user", user)).toThrow(expect.objectContaining(refused));
    }
    expect(specOf("--user", "me:").headers).toEqual([["Authorization", "Basic bWU6"]]);
  });

  test("but two headers of the user's own are sent as they were written", () => {
    const own = ["-H", "Authorization: a", "-H", "Authorization: b"];
    expect(specOf(...own).headers).toHaveLength(2);
  });

  test.each(["--cert", "--key"])("%s alone", (flag) => {
    const at = file("pem", "PEM\n");
    const refused = { code: "WSCTL_EUSAGE", message: "--cert and --key go together", hint };
    expect(() => specOf(flag, at)).toThrow(expect.objectContaining(refused));
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
  for (const args of [
    ["--ca", none],
    ["--cert", none, "--key", key!],
    ["--cert", cert!, "--key", none],
  ]) {
    expect(() => specOf(...args)).toThrow(/cannot read/);
  }
  expect(() => specOf("--ca", folder)).toThrow(/cannot read/);
});

test("the rest is taken as it was written", () => {
  expect(
    specOf("-s", "a", "-s", "b", "--origin", "http://x", "-6", "--timeout", "3s").subprotocols,
  ).toEqual(["a", "b"]);
  expect(specOf("-4")).toMatchObject({ family: 4 });
  expect(specOf("-6", "--origin", "http://x")).toMatchObject({ family: 6, origin: "http://x" });
  expect(specOf("--local-address", "127.0.0.2", "--local-address", "127.0.0.3")).toMatchObject({
    localAddress: ["127.0.0.2", "127.0.0.3"],
  });
});
