/** Shows what of the command line goes along when a prompt goes on to another address. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectOptions } from "../../src/cli/commands/connect-options.js";
import { otherPlace } from "../../src/cli/commands/connect-retarget.js";
import { type Place, placeOf } from "../../src/cli/commands/connect-target.js";
import { fakeHost } from "./fake-host.js";

let config = "";

beforeEach(() => {
  config = mkdtempSync(path.join(tmpdir(), "wsctl-retarget-"));
  mkdirSync(path.join(config, "wsctl"));
  const profiles = `profiles:
  home: { url: "wss://home.test/other", headers: { X-Pin: { env: PIN } } }
  away: { url: "wss://away.test/?token=abc" }
`;
  writeFileSync(path.join(config, "wsctl", "config.yaml"), profiles);
});

afterEach(() => {
  rmSync(config, { recursive: true });
});

/** Where one gets from what such a command line led to. */
function other(url: string, args: readonly string[], asked: Partial<Place["flags"]> = {}): Place {
  const command = connectOptions().exitOverride();
  command.parse(args, { from: "user" });
  const flags = command.opts();
  const isGiven = (flag: string): boolean =>
    command.getOptionValueSource(flag as keyof typeof flags) === "cli";
  const given = { flags, url: command.args[0], isGiven };
  const host = fakeHost([], { env: { XDG_CONFIG_HOME: config, PIN: "1234" } });
  const first = placeOf(host, given, "");
  return otherPlace(host, given, { ...first, flags: { ...first.flags, ...asked } }, url);
}

const start = "wss://home.test/";

/** What says who one is, speaks to one server, or trusts it. */
const personal = [
  ["header", ["-H", "X: y"]],
  ["cookie", ["--cookie", "a=b"]],
  ["bearer", ["--bearer", "T"]],
  ["user", ["--user", "me:pw"]],
  ["origin", ["--origin", "https://home.test"]],
  ["subprotocol", ["-s", "token.abc"]],
  ["firstMessage", ["--first-message", "auth T"]],
  ["autoReply", ["--auto-reply", "who => me"]],
  ["execute", ["-x", "secret"]],
  ["insecure", ["-k"]],
  ["insecure", ["-n"]],
  ["ca", ["--ca", "ca.pem"]],
  ["cert", ["--cert", "c.pem"]],
  ["key", ["--key", "k.pem"]],
  ["passphrase", ["--passphrase", "p"]],
  ["servername", ["--servername", "name.test"]],
  ["unix", ["--unix", "/sock"]],
] as const;

describe("to another server", () => {
  test.each(personal)("%s does not go along, given as %j", (flag, args) => {
    for (const url of ["wss://away.test/", "@away"]) {
      const { flags } = other(url, [start, ...args]);
      expect([flags[flag], flags.check]).toEqual([undefined, true]);
    }
  });

  test("times, compression, the route and what is shown do", () => {
    const { flags } = other("wss://away.test/", [
      start,
      "--timeout=3s",
      "--ping=20s",
      "--reconnect=fixed",
      "--compress",
      "--max-payload=1MiB",
      "-4",
      "--proxy=http://proxy.test",
      "-P",
      "--frames",
    ]);
    expect(flags).toMatchObject({
      timeout: "3s",
      ping: "20s",
      reconnect: "fixed",
      compress: true,
      maxPayload: "1MiB",
      ipv4: true,
      proxy: "http://proxy.test",
      showPingPong: true,
      frames: true,
    });
  });

  test("with nothing given, the defaults of flags do", () => {
    const { flags } = other("wss://away.test/", [start]);
    expect(Object.keys(flags).sort()).toEqual(
      ["check", "color", "history", "maxPayload", "templates", "timeout", "verbose"].sort(),
    );
  });

  test("one is warned of secrets in its URL", () => {
    for (const url of ["wss://away.test/?token=x", `${start}?token=x`]) {
      const note = expect.stringMatching(/^warning: a secret rides in the URL \(token\)/);
      expect(other(url, [start]).notes).toContainEqual(note);
    }
    expect(other("@away", [start]).notes).toEqual([expect.stringMatching(/config.yaml.*token/)]);
  });
});

describe("to the same server", () => {
  test.each(personal)("%s goes along, given as %j", (flag, args) => {
    for (const url of ["wss://home.test/b", "@home"]) {
      expect(other(url, [start, ...args]).flags[flag]).toBeDefined();
    }
  });

  test.each([
    ["bearer", ["--bearer", "prompt"], "text:asked"],
    ["user", ["--user", "me"], "text:me:asked"],
    ["passphrase", ["--passphrase", "prompt"], "text:asked"],
  ] as const)("%s that was asked for is not asked for again", (flag, args, answer) => {
    for (const url of ["wss://home.test/b", "@home"]) {
      expect(other(url, [start, ...args], { [flag]: answer }).flags[flag]).toBe(answer);
    }
  });

  test("the URL behind --reconnect is not taken for its policy", () => {
    for (const url of ["wss://home.test/b", "@home", "wss://away.test/"]) {
      expect(other(url, ["--reconnect", start]).flags.reconnect).toBe(true);
    }
  });

  test("headers whose values are kept elsewhere are known", () => {
    expect([...other("@home", [start]).secretHeaders]).toEqual(["x-pin"]);
  });
});
