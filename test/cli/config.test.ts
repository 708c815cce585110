/** Shows how configuration fills up the flags: precedence, profiles, secrets, trust, mistakes. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Command } from "@commander-js/extra-typings";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { type Configured, configure } from "../../src/cli/config.js";
import { type ConnectionFlags, withConnectionOptions } from "../../src/cli/connection-options.js";
import { connectionSpec } from "../../src/cli/connection-spec.js";
import { wsctl } from "./fake-host.js";

let home = "";
let project = "";
let ran: string[] = [];

beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(tmpdir(), "wsctl-config-")));
  project = path.join(home, "project");
  mkdirSync(path.join(home, ".config", "wsctl"), { recursive: true });
  mkdirSync(project);
  ran = [];
});

afterEach(() => {
  rmSync(home, { recursive: true });
});

function userSays(text: string): void {
  writeFileSync(path.join(home, ".config", "wsctl", "config.yaml"), text);
}

function projectSays(text: string): void {
  writeFileSync(path.join(project, ".wsctl.yaml"), text);
}

function configured(
  args: readonly string[],
  env: Record<string, string> = {},
  session = false,
): Configured<ConnectionFlags> {
  const command = withConnectionOptions(new Command("x").exitOverride()).argument("[url...]");
  command.parse(args, { from: "user" });
  const isGiven = (flag: string) =>
    command.getOptionValueSource(flag as keyof ConnectionFlags) === "cli";
  return configure(command.args, command.opts(), isGiven, {
    env: { HOME: home, ...env },
    cwd: project,
    session,
    run: (line) => {
      ran.push(line);
      return "from-command\n";
    },
  });
}

function headersOf(args: readonly string[], env: Record<string, string> = {}) {
  return connectionSpec(configured(args, env).flags, [], env).headers;
}

/** What is thrown. */
function failure(args: readonly string[], env: Record<string, string> = {}): WsctlError {
  try {
    configured(args, env);
  } catch (error) {
    expect(error).toBeInstanceOf(WsctlError);
    return error as WsctlError;
  }
  throw new Error("nothing was thrown");
}

test("without any configuration the flags stay as they are", () => {
  const { urls, flags, warnings } = configured(["ws://a/", "--timeout", "1s"]);
  expect([urls, warnings]).toEqual([["ws://a/"], []]);
  expect(flags).toEqual({ timeout: "1s", maxPayload: "16MiB" });
});

describe("precedence", () => {
  test("is flags, environment, project, user; a profile before defaults", () => {
    userSays("defaults: { timeout: 1s, maxPayload: 1MB, origin: http://user }");
    expect(configured(["ws://a/"]).flags).toMatchObject({ timeout: "1s", origin: "http://user" });
    projectSays("defaults: { timeout: 2s }\nprofiles: { p: { url: ws://p/, maxPayload: 3MB } }");
    expect(configured(["ws://a/"]).flags).toMatchObject({ timeout: "2s", maxPayload: "1MB" });
    const profile = configured(["@p"]);
    expect(profile.urls).toEqual(["ws://p/"]);
    expect(profile.flags).toMatchObject({
      timeout: "2s",
      maxPayload: "3MB",
      origin: "http://user",
    });
    const env = { WSCTL_TIMEOUT: "4s", WSCTL_MAX_PAYLOAD: "4MB" };
    expect(configured(["@p"], env).flags).toMatchObject({ timeout: "4s", maxPayload: "4MB" });
    expect(configured(["@p", "--timeout", "5s"], env).flags.timeout).toBe("5s");
    // A flag counts although it says what the default says.
    expect(configured(["@p", "--timeout", "10s"], env).flags.timeout).toBe("10s");
  });

  test("fills up headers by name, and never sends credentials twice", () => {
    userSays(`
profiles:
  p:
    url: ws://p/
    headers: { X-A: profile, X-B: [one, two], Authorization: "Bearer profile" }
`);
    expect(headersOf(["@p", "-H", "x-a: flag"])).toEqual([
      ["X-B", "one"],
      ["X-B", "two"],
      ["Authorization", "Bearer profile"],
      ["x-a", "flag"],
    ]);
    expect(headersOf(["@p", "--bearer", "flag"])).toEqual([
      ["X-A", "profile"],
      ["X-B", "one"],
      ["X-B", "two"],
      ["Authorization", "Bearer flag"],
    ]);
  });

  test("lets a flag shut out its opposite", () => {
    userSays(
      "defaults: { proxy: http://p, ipv4: true }\nprofiles: { p: { url: ws://p, user: a:b } }",
    );
    const { flags } = configured(["@p", "--unix", "/s", "-6", "--bearer", "t"]);
    expect(flags).toMatchObject({ unix: "/s", ipv6: true, bearer: "t" });
    expect(Object.keys(flags)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:proxy|ipv4|user)$/)]),
    );
    expect(configured(["@p", "--no-proxy"]).flags.proxy).toBe(false);
  });

  test("every kind of key has its variable", () => {
    const { flags } = configured(["ws://a"], {
      WSCTL_INSECURE: "yes",
      WSCTL_COMPRESS: "0",
      WSCTL_SUBPROTOCOLS: "a, b",
      WSCTL_HEADERS: "A: 1\nB: 2",
      WSCTL_BEARER: "@not-a-file",
      WSCTL_CA: "ca.pem",
      WSCTL_PROXY: "http://p:1",
    });
    expect(flags).toMatchObject({
      insecure: true,
      compress: false,
      subprotocol: ["a", "b"],
      header: ["A: 1", "B: 2"],
      bearer: "text:@not-a-file",
      ca: path.join(project, "ca.pem"),
      proxy: "text:http://p:1",
    });
    expect(failure(["ws://a"], { WSCTL_INSECURE: "maybe" }).message).toMatch(/WSCTL_INSECURE/);
    expect(failure(["ws://a"], { WSCTL_HEADERS: "secret" }).message).not.toMatch(/secret/);
  });
});

describe("secrets", () => {
  test("come from where they are kept", () => {
    writeFileSync(path.join(home, "token"), "from-file\n");
    userSays(`
profiles:
  env: { url: ws://p, bearer: { env: TOKEN } }
  file: { url: ws://p, bearer: { file: ~/token } }
  command: { url: ws://p, bearer: { command: pass show x } }
  header: { url: ws://p, headers: { X-Key: { env: TOKEN } } }
`);
    const env = { TOKEN: "from-env" };
    expect(headersOf(["@env"], env)).toEqual([["Authorization", "Bearer from-env"]]);
    expect(headersOf(["@file"])).toEqual([["Authorization", "Bearer from-file"]]);
    expect(headersOf(["@header"], env)).toEqual([["X-Key", "from-env"]]);
    expect(ran).toEqual([]);
    expect(headersOf(["@command"])).toEqual([["Authorization", "Bearer from-command"]]);
    expect(ran).toEqual(["pass show x"]);
    expect(failure(["@env"]).message).toMatch(/variable TOKEN is not set/);
  });

  test("are not fetched where a flag takes their place", () => {
    userSays("profiles: { p: { url: ws://p, bearer: { command: pass } } }");
    configured(["@p", "--bearer", "x"]);
    expect(ran).toEqual([]);
  });

  test("that are written out are warned of, without being repeated", () => {
    userSays(`
profiles:
  p:
    url: ws://p/?token=c4n4ry
    bearer: c4n4ry
    headers: { X-Api-Key: c4n4ry, X-Tenant: blue }
    proxy: http://u:c4n4ry@h:1
`);
    const { warnings } = configured(["@p"]);
    expect(warnings).toHaveLength(4);
    expect(warnings.join("\n")).toMatch(/config\.yaml:5:13: bearer is written out/);
    expect(warnings.join("\n")).not.toContain("c4n4ry");
  });

  test("may not stand in defaults, where they would go to every server", () => {
    userSays("defaults:\n  bearer: { env: TOKEN }");
    expect(failure(["ws://a"]).message).toMatch(/config\.yaml:2:3: bearer may not stand/);
  });
});

describe("secrets written as flags take them", () => {
  test("are references here as well, and never sent as they stand", () => {
    writeFileSync(path.join(home, ".config", "wsctl", "token"), "from-file\n");
    userSays(`
profiles:
  env: { url: ws://p, bearer: env:TOKEN }
  file: { url: ws://p, bearer: "@token" }
  text: { url: ws://p, bearer: "text:env:TOKEN" }
  cookie: { url: ws://p, cookie: env:TOKEN }
  map: { url: ws://p, headers: { X-Key: env:TOKEN, X-Who: "@ann" } }
  list: { url: ws://p, headers: ["X-Key: env:TOKEN"] }
`);
    const env = { TOKEN: "from-env" };
    expect(headersOf(["@env"], env)).toEqual([["Authorization", "Bearer from-env"]]);
    expect(headersOf(["@file"])).toEqual([["Authorization", "Bearer from-file"]]);
    expect(headersOf(["@text"], env)).toEqual([["Authorization", "Bearer env:TOKEN"]]);
    expect(headersOf(["@cookie"], env)).toEqual([["Cookie", "from-env"]]);
    expect(headersOf(["@map"], env)).toEqual([
      ["X-Key", "from-env"],
      ["X-Who", "@ann"],
    ]);
    const { flags, secretHeaders } = configured(["@list"], env);
    expect(connectionSpec({ ...flags, secretHeaders }, [], env)).toMatchObject({
      headers: [["X-Key", "from-env"]],
      secretHeaders: ["x-key"],
    });
    expect(failure(["@env"]).message).toMatch(/variable TOKEN is not set/);
    expect(headersOf(["ws://a"], { ...env, WSCTL_BEARER: "env:TOKEN" })).toEqual([
      ["Authorization", "Bearer from-env"],
    ]);
  });

  test("are asked for where the flag would ask", () => {
    userSays("profiles: { a: { url: ws://p, bearer: prompt }, b: { url: ws://p, user: ann } }");
    expect(configured(["@a"])).toMatchObject({ flags: { bearer: "prompt" }, warnings: [] });
    expect(configured(["@b"])).toMatchObject({ flags: { user: "ann" }, warnings: [] });
  });

  test("are bounded by trust like any other reference", () => {
    writeFileSync(path.join(home, "key"), "k");
    projectSays(
      'profiles: { f: { url: ws://p, bearer: "@../key" }, e: { url: ws://p, bearer: env:TOKEN } }',
    );
    expect(failure(["@f"]).message).toMatch(/files outside its folder/);
    expect(configured(["@e"], { TOKEN: "t" }).warnings).toEqual([
      expect.stringMatching(/has the variable TOKEN sent to ws:\/\/p/),
    ]);
  });
});

describe("a profile that is not used", () => {
  test("is neither an error nor warned of", () => {
    userSays(`
profiles:
  good: { url: ws://good }
  bad: { url: ws://bad, nonsense: 1 }
  loud: { url: "ws://loud/?token=x", bearer: c4n4ry }
`);
    expect(configured(["@good"])).toMatchObject({ urls: ["ws://good"], warnings: [] });
    expect(configured(["ws://a"]).warnings).toEqual([]);
    expect(configured(["@loud"]).warnings).toHaveLength(2);
    expect(failure(["@bad"]).message).toMatch(/config\.yaml:4:\d+: "nonsense" is not a key/);
    expect(failure(["@bat"]).hint).toBe("did you mean @bad?");
  });
});

describe("keys", () => {
  test("are written like flags or in one word, and guessed at", () => {
    userSays(`
profiles:
  p: { url: ws://p, max-payload: 3MB, connect-to: "a:1:b:2", subprotocol: x, header: { X-A: b } }
  twice: { url: ws://p, max-payload: 1, maxPayload: 2 }
  near: { url: ws://p, firstMesage: hi }
  far: { url: ws://p, qqqqqqqq: hi }
`);
    expect(configured(["@p"]).flags).toMatchObject({
      maxPayload: "3MB",
      connectTo: ["a:1:b:2"],
      subprotocol: ["x"],
      header: ["X-A: b"],
    });
    expect(failure(["@twice"]).message).toMatch(/maxPayload is said twice/);
    expect(failure(["@near"]).hint).toBe("did you mean first-message?");
    expect(failure(["@far"]).hint).toMatch(/^there are url, headers, .*proxy-ca.*first-message/);
  });

  test("of a session count for a session only", () => {
    userSays(`
profiles:
  p:
    url: ws://p
    first-message: ["@hello.txt", '{"op":"auth","token":"{{ $env.TOKEN }}"}']
    auto-reply: '$.ping => @pong.txt'
    reconnect: true
    ping: 20s
    lens: jsonrpc
    pretty: false
    show-ping-pong: true
    templates: false
  q: { url: ws://p, reconnect: "attempts=3", lens: off }
`);
    const folder = path.join(home, ".config", "wsctl");
    expect(configured(["@p"], {}, true)).toMatchObject({
      flags: {
        firstMessage: [
          `@${path.join(folder, "hello.txt")}`,
          '{"op":"auth","token":"{{ $env.TOKEN }}"}',
        ],
        autoReply: [`$.ping => @${path.join(folder, "pong.txt")}`],
        reconnect: true,
        ping: "20s",
        lens: "jsonrpc",
        pretty: false,
        showPingPong: true,
        templates: false,
      },
      warnings: [],
    });
    expect(configured(["@q"], {}, true).flags).toMatchObject({
      reconnect: "attempts=3",
      lens: "off",
    });
    const load = configured(["@p"]);
    expect(load.flags).toEqual({ timeout: "10s", maxPayload: "16MiB" });
    expect(load.warnings).toEqual([expect.stringMatching(/first-message, auto-reply, ping/)]);
    const env = { WSCTL_LENS: "tea" };
    expect(() => configured(["ws://a"], env, true)).toThrow(/WSCTL_LENS is "tea"/);
    const said = { WSCTL_RECONNECT: "off", WSCTL_FIRST_MESSAGE: "a,b" };
    expect(configured(["@p"], said, true).flags).toMatchObject({
      reconnect: false,
      firstMessage: ["a,b"],
    });
  });

  test("that name a lens name one that there is, and a first message is for one server", () => {
    userSays("profiles: { p: { url: ws://p, lens: jsonrcp } }");
    expect(failure(["@p"])).toMatchObject({ hint: "did you mean jsonrpc?" });
    userSays("defaults: { first-message: hi }");
    expect(failure(["ws://a"]).message).toMatch(/first-message may not stand in defaults/);
  });
});

describe("a project that is not trusted", () => {
  test("sends no files, and what its templates take is announced", () => {
    projectSays(`
profiles:
  file: { url: ws://p, first-message: "@/etc/hostname" }
  reply: { url: ws://p, auto-reply: "ping => @reply.txt" }
  env: { url: ws://p, auto-reply: "ping => {{ $env.TOKEN }}" }
defaults: { auto-reply: "a => b", ping: 5s }
`);
    for (const name of ["@file", "@reply"]) {
      expect(() => configured([name], {}, true)).toThrow(/no file is sent/);
    }
    const { flags, warnings } = configured(["@env"], {}, true);
    expect(flags).toMatchObject({ ping: "5s", autoReply: ["ping => {{ $env.TOKEN }}"] });
    expect(warnings).toEqual([
      expect.stringMatching(/has the variable TOKEN sent to ws:\/\/p/),
      expect.stringMatching(/defaults auto-reply are passed over/),
    ]);
  });

  test("has no command run, and the error says how to trust it", () => {
    projectSays("profiles: { p: { url: ws://p, bearer: { command: steal } } }");
    const error = failure(["@p"]);
    expect(error.message).toMatch(/^\.wsctl\.yaml:1:\d+: the command of a project .* is not run/);
    expect(error.hint).toContain(project);
    expect(ran).toEqual([]);
    userSays("trust: ~/project");
    expect(headersOf(["@p"])).toEqual([["Authorization", "Bearer from-command"]]);
  });

  test("reads no file outside of its folder", () => {
    writeFileSync(path.join(home, "key"), "k");
    writeFileSync(path.join(project, "key"), "inside");
    for (const file of ["../key", "~/key", path.join(home, "key")]) {
      projectSays(`profiles: { p: { url: ws://p, bearer: { file: ${file} } } }`);
      expect(failure(["@p"]).message).toMatch(/files outside its folder/);
    }
    projectSays("profiles: { p: { url: ws://p, bearer: { file: key } } }");
    expect(headersOf(["@p"])).toEqual([["Authorization", "Bearer inside"]]);
  });

  test("cannot change by its defaults who is talked to", () => {
    projectSays("defaults: { insecure: true, proxy: http://evil, timeout: 2s }");
    const { flags, warnings } = configured(["wss://bank"]);
    expect(flags).toEqual({ timeout: "2s", maxPayload: "16MiB" });
    expect(warnings).toEqual([
      expect.stringMatching(/defaults insecure, proxy are passed over.*trust/),
    ]);
    userSays(`trust: [${project}]`);
    expect(configured(["wss://bank"])).toMatchObject({ flags: { insecure: true }, warnings: [] });
  });

  test("does not get the secrets of the user's profile of the same name", () => {
    userSays("profiles: { p: { url: ws://good, bearer: { command: mine } } }");
    projectSays("profiles: { p: { url: ws://evil } }");
    expect(configured(["@p"])).toMatchObject({ urls: ["ws://evil"] });
    expect(headersOf(["@p"])).toEqual([]);
    expect(ran).toEqual([]);
  });

  test("cannot trust itself, and is announced when it sends variables", () => {
    projectSays(
      `trust: [${project}]\nprofiles: { p: { url: "ws://evil/?a=b", bearer: { env: TOKEN } } }`,
    );
    const { warnings } = configured(["@p"], { TOKEN: "s3cret" });
    expect(warnings).toEqual([
      expect.stringMatching(/trust counts in your own/),
      expect.stringMatching(/has the variable TOKEN sent to ws:\/\/evil\//),
    ]);
    expect(warnings.join()).not.toContain("s3cret");
  });
});

describe("a mistake", () => {
  test.each<[string, RegExp, RegExp | undefined]>([
    ["a: [", /config\.yaml:1:\d+: /, undefined],
    ["profile: {}", /config\.yaml:1:1: "profile" is not a key/, /did you mean profiles\?/],
    ["defaults:\n  timout: 5s", /config\.yaml:2:3: "timout" is not a key/, /timeout/],
    ["profiles:\n  p:\n    urll: x", /config\.yaml:3:5: "urll"/, /did you mean url\?/],
    [
      "defaults: { insecure: maybe }",
      /config\.yaml:1:23: insecure must be true or false/,
      undefined,
    ],
    ["defaults: [1]", /config\.yaml:1:11: defaults must be a map/, undefined],
    ["defaults: { origin: [a] }", /origin must be text/, undefined],
    ["profiles: { p: { bearer: { envv: x } } }", /"envv" is not a key/, /did you mean env\?/],
    ["profiles: { p: { bearer: { env: x, file: y } } }", /must name one source/, undefined],
    ["profiles: { p: { bearer: { env: a-b } } }", /not the name of a variable/, undefined],
    ["defaults: { headers: [novalue] }", /this is not a header/, undefined],
    ["defaults: { headers: { 'a b': c } }", /this is not a header/, undefined],
    ["defaults: {}\ndefaults: {}", /config\.yaml:2:1: /, undefined],
    ["__proto__: {}", /"__proto__" is not a key/, undefined],
    ["defaults: { constructor: x }", /"constructor" is not a key/, undefined],
  ])("%j is shown at its place", (text, message, hint) => {
    userSays(text);
    const error = failure([text.startsWith("profiles") ? "@p" : "ws://a"]);
    expect(error.code).toBe("WSCTL_EUSAGE");
    expect(error.message).toMatch(message);
    if (hint) expect(error.hint).toMatch(hint);
  });

  test("shows the line and a caret, but not what may be secret", () => {
    userSays("profiles:\n  p:\n    beerer: c4n4ry");
    expect(failure(["@p"]).where).toEqual(["    beerer: …", "    ^"]);
  });

  test("in the name of a profile is guessed at", () => {
    userSays("profiles: { staging: { url: ws://s }, nowhere: {} }");
    expect(failure(["@stagin"])).toMatchObject({ hint: "did you mean @staging?" });
    expect(failure(["@nowhere"]).message).toMatch(/has no url/);
    expect(failure(["@staging", "@staging"]).message).toMatch(/several profiles/);
    expect(failure(["@zzzzzz"]).hint).toBe("there are @staging, @nowhere");
  });

  test("of YAML's own is bounded: aliases, emptiness", () => {
    userSays("a: &a {}\n");
    expect(failure(["ws://a"]).message).toMatch(/"a" is not a key/);
    userSays("profiles:\n  p: &p { url: ws://p }\n  q: *p\n");
    expect(configured(["@q"]).urls).toEqual(["ws://p"]);
    for (const text of ["", "# nothing\n", "defaults:\nprofiles:\n"]) {
      userSays(text);
      expect(configured(["ws://a"]).urls).toEqual(["ws://a"]);
    }
  });
});

test("XDG_CONFIG_HOME counts where it is absolute", () => {
  const folder = path.join(home, "xdg");
  mkdirSync(path.join(folder, "wsctl"), { recursive: true });
  writeFileSync(path.join(folder, "wsctl", "config.yaml"), "defaults: { timeout: 7s }");
  expect(configured(["ws://a"], { XDG_CONFIG_HOME: folder }).flags.timeout).toBe("7s");
  expect(configured(["ws://a"], { XDG_CONFIG_HOME: "xdg" }).flags.timeout).toBe("10s");
});

test("load takes profiles, and says what is wrong with them", async () => {
  userSays("profiles: { p: { url: ws://127.0.0.1:1/, timeout: soon } }");
  const good = await wsctl(["load", "@p"], { env: { HOME: home } });
  expect(good).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/"soon" is not a duration/),
  });
  const wrong = await wsctl(["load", "@q"], { env: { HOME: home } });
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/no profile "q"/) });
});
