/** Shows when colours are used, stream by stream, and how an error looks. */
import { describe, expect, test } from "vitest";
import { inkFor, isLive } from "../../src/cli/ink.js";
import { renderError } from "../../src/cli/render-error.js";
import { plainInk } from "../report/results.js";
import { fakeHost, wsctl } from "./fake-host.js";

describe("the level of colour", () => {
  test.each<[string, boolean, Record<string, string>, number]>([
    ["a pipe has none", false, {}, 0],
    ["a terminal has some", true, { TERM: "xterm" }, 1],
    ["a terminal that says nothing has some", true, {}, 1],
    ["a better terminal has more", true, { TERM: "xterm-256color" }, 2],
    ["the best has all", true, { COLORTERM: "truecolor", TERM: "xterm-256color" }, 3],
    ["a dumb terminal has none", true, { TERM: "dumb" }, 0],
    ["NO_COLOR turns it off", true, { NO_COLOR: "1", TERM: "xterm" }, 0],
    ["NO_COLOR turns it off, whatever it says", true, { NO_COLOR: "0" }, 0],
    ["an empty NO_COLOR does not count", true, { NO_COLOR: "" }, 1],
    ["FORCE_COLOR turns it on in a pipe", false, { FORCE_COLOR: "1" }, 1],
    ["FORCE_COLOR is stronger than NO_COLOR", false, { FORCE_COLOR: "1", NO_COLOR: "1" }, 1],
    ["FORCE_COLOR=0 does not force", false, { FORCE_COLOR: "0" }, 0],
    ["FORCE_COLOR=0 turns it off", true, { FORCE_COLOR: "0", TERM: "xterm" }, 0],
  ])("%s", (_what, isTTY, env, level) => {
    const host = fakeHost([], { env, stdoutTTY: isTTY });
    expect(inkFor(host, host.stdout).chalk.level).toBe(level);
  });

  test("--no-color is stronger than everything", () => {
    const host = fakeHost([], { env: { FORCE_COLOR: "1" }, stdoutTTY: true });
    expect(inkFor(host, host.stdout, false).chalk.level).toBe(0);
  });

  test("is decided for each stream by itself", () => {
    const host = fakeHost([], { stderrTTY: true });
    expect(inkFor(host, host.stdout).chalk.level).toBe(0);
    expect(inkFor(host, host.stderr).chalk.level).toBe(1);
  });
});

test.each([
  [undefined, 160],
  [20, 60],
  [100, 100],
  [500, 160],
])("a stream of %d columns is drawn on %d", (columns, width) => {
  const host = fakeHost([]);
  const stream = { columns, write: () => true, once: () => undefined };
  expect(inkFor(host, stream).width).toBe(width);
});

test.each<[boolean, Record<string, string>, boolean]>([
  [true, {}, true],
  [true, { TERM: "xterm", NO_COLOR: "1" }, true],
  [true, { TERM: "dumb" }, false],
  [false, { FORCE_COLOR: "1" }, false],
])("the cursor is moved on a terminal that can (%s, %j): %s", (isTTY, env, live) => {
  const host = fakeHost([], { env, stderrTTY: isTTY });
  expect(isLive(host, host.stderr)).toBe(live);
});

describe("an error", () => {
  test("shows what failed, where, what to do, and its code", () => {
    const error = {
      code: "WSCTL_EUPGRADE",
      message: "the server refused the upgrade: 403 Forbidden",
      where: ["GET /chat on 127.0.0.1:8080", 'body: {"error":"origin"}'],
      hint: "try --origin",
    };
    const lines = renderError(error, plainInk).split("\n");
    expect(lines[0]).toMatch(/^error: the server refused .* Forbidden {2,}\[WSCTL_EUPGRADE\]$/);
    expect(lines.slice(1)).toEqual([
      "  GET /chat on 127.0.0.1:8080",
      '  body: {"error":"origin"}',
      "hint: try --origin",
      "",
    ]);
  });

  test("without hint and place is one line", () => {
    expect(renderError({ code: "X", message: "m" }, plainInk)).toMatch(/^error: m {2,}\[X\]\n$/);
  });

  test("of any length and content is harmless, each part on its own line", () => {
    const evil = `\u001b[2J\u009b\u202e\r\nerror: forged ${"x".repeat(5000)}`;
    const text = renderError({ code: "X", message: evil, where: [evil], hint: evil }, plainInk);
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text.match(/^error:/gm)).toHaveLength(1);
    expect(text.length).toBeLessThan(8000);
  });

  test("is coloured on a terminal, and not with --no-color", async () => {
    const options = { stderrTTY: true, env: { TERM: "xterm" } };
    expect((await wsctl(["laod"], options)).stderr).toContain("\u001b[");
    expect((await wsctl(["laod", "--no-color"], options)).stderr).not.toContain("\u001b");
    expect((await wsctl(["laod"])).stderr).not.toContain("\u001b");
  });
});
