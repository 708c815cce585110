/** Shows which URLs are warned of, and that the warning does not repeat the secret. */
import { expect, test } from "vitest";
import { urlWarnings } from "../../src/cli/url-secrets.js";
import { wsctl } from "./fake-host.js";

const canary = "c4n4ry";

test.each([
  [`ws://h/?token=${canary}`, "token"],
  [`ws://h/a?x=1&access_token=${canary}&y`, "access_token"],
  [`wss://h/?apiKey=${canary}`, "apiKey"],
  [`h:80?ticket=${canary}`, "ticket"],
  [`ws://h/?a=b?jwt=1&sig=${canary}`, "sig"],
  [`ws://h/?a=b;token=${canary}`, "token"],
  [`ws://me:${canary}@h/`, "password"],
  [`ws+unix:/s.sock:/x?token=${canary}`, "token"],
])("%s", (url, said) => {
  const [warning = "", ...more] = urlWarnings([url]);
  expect(more).toEqual([]);
  expect(warning).toContain(said);
  expect(warning).not.toContain(canary);
});

test.each(["ws://h/", "ws://h/?room=1&design=x", "ws://h/?token=", "ws://me@h/", "ws://h/a@b:c"])(
  "%s is no reason to warn",
  (url) => {
    expect(urlWarnings([url])).toEqual([]);
  },
);

test("load warns on stderr", async () => {
  const { stdout, stderr } = await wsctl(["load", `ws://127.0.0.1:1/?token=${canary}`, "-c", "0"]);
  expect(stderr).toMatch(/^warning: a secret rides in the URL \(token\)/);
  expect(stdout + stderr).not.toContain(canary);
});
