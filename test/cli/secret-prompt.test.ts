/** Shows how secrets are asked for: at a terminal only, and without an echo. */
import { PassThrough } from "node:stream";
import { Command } from "@commander-js/extra-typings";
import { expect, test } from "vitest";
import { withConnectionOptions } from "../../src/cli/connection-options.js";
import type { Host } from "../../src/cli/host.js";
import { withAskedSecrets } from "../../src/cli/secret-prompt.js";
import { fakeHost, type FakeHost } from "./fake-host.js";

function flagsOf(...args: string[]) {
  const command = withConnectionOptions(new Command("x").exitOverride());
  command.parse(args, { from: "user" });
  return command.opts();
}

/** A host at whose terminal somebody types. */
function typist(typed: string): [Host, FakeHost] {
  const host = fakeHost([]);
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  setImmediate(() => stdin.write(typed));
  return [{ ...host, stdin }, host];
}

test.each([
  [["--bearer", "prompt"], { bearer: "text:s3cret" }, "bearer token: \n"],
  [["--passphrase", "prompt"], { passphrase: "text:s3cret" }, "passphrase of the key: \n"],
  [["--user", "prompt"], { user: "text:s3cret" }, "user:password: \n"],
  [["--user", "me"], { user: "text:me:s3cret" }, "password of me: \n"],
])("%j asks, and shows nothing of the answer", async (args, asked, shown) => {
  const [host, { stderr, stdout }] = typist("s3cret\r");
  await expect(withAskedSecrets(flagsOf(...args), host)).resolves.toMatchObject(asked);
  expect(stderr.text).toBe(shown);
  expect(stdout.text).toBe("");
});

test("Ctrl-C at the question is an answer as well", async () => {
  const [host] = typist("s3c\u0003");
  await expect(withAskedSecrets(flagsOf("--bearer", "prompt"), host)).rejects.toMatchObject({
    code: "WSCTL_EABORTED",
  });
});

test("nobody is asked where stdin is no terminal", async () => {
  const host = fakeHost([]);
  await expect(withAskedSecrets(flagsOf("--bearer", "prompt"), host)).rejects.toMatchObject({
    code: "WSCTL_EUSAGE",
    hint: expect.stringContaining("env:NAME"),
  });
  await expect(withAskedSecrets(flagsOf("--user", "me"), host)).resolves.toMatchObject({
    user: "me",
  });
});

test.each(["me:pw", "@file", "env:PAIR", "text:me"])("%s is no user alone", async (user) => {
  const [host, { stderr }] = typist("");
  await expect(withAskedSecrets(flagsOf("--user", user), host)).resolves.toMatchObject({ user });
  expect(stderr.text).toBe("");
});
