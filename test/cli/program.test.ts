/** Shows that every command and flag explains itself, and that a mistake is told with what to do. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { describe, expect, test } from "vitest";
import { version } from "../../src/cli/host.js";
import { program } from "../../src/cli/program.js";
import { fakeHost, wsctl } from "./fake-host.js";

const root = await program(fakeHost([]), () => {});

/** One command, and the words that call it. */
interface Called {
  readonly command: CommandUnknownOpts;
  readonly words: readonly string[];
}

function withDescendants({ command, words }: Called): Called[] {
  return [
    { command, words },
    ...command.commands.flatMap((child) =>
      withDescendants({ command: child, words: [...words, child.name()] }),
    ),
  ];
}

const called = withDescendants({ command: root, words: [] });
const commands = called.map(({ command }) => command);

/** What a line of a shell calls, and the words behind that. */
function meantBy(line: string): { command: CommandUnknownOpts; rest: string[] } {
  let command: CommandUnknownOpts = root;
  const rest = line.split(/\s+/);
  for (;;) {
    const next = command.commands.find((one) => one.name() === rest[0]);
    if (!next) return { command, rest };
    command = next;
    rest.shift();
  }
}

describe.each(called.map((one) => [one.words.join(" ") || "wsctl", one] as const))(
  "%s",
  (name, { command, words }) => {
    const args = [...words, "--help"];

    test("says what it is for", () => {
      expect(command.description().length).toBeGreaterThan(20);
    });

    test("describes every flag and argument", () => {
      for (const { flags, description } of command.options) {
        expect([flags, description.trim().length > 5]).toEqual([flags, true]);
      }
      for (const argument of command.registeredArguments) {
        expect([argument.name(), argument.description.trim().length > 5]).toEqual([
          argument.name(),
          true,
        ]);
      }
    });

    test("shows every flag, and examples that begin with wsctl, in its help", async () => {
      const { code, stdout, stderr } = await wsctl(args);
      expect([code, stderr]).toEqual([0, ""]);
      for (const { long } of command.options) expect(stdout).toContain(long);
      const examples = stdout.split("Examples:")[1] ?? "";
      expect(examples.match(/\$ (wsctl|curl) /g)?.length ?? 0).toBeGreaterThan(0);
      if (command !== root) expect(examples).toContain(`wsctl ${name}`);
    });

    test("has flags in its examples that exist", async () => {
      const { stdout } = await wsctl(args);
      const lines = (stdout.split("Examples:")[1] ?? "").match(/\$ wsctl \w+.*/g) ?? [];
      // Of a pipe each part speaks for itself, and what stands in quotes or behind a gap is no flag.
      const calls = lines
        .flatMap((line) => line.split("|"))
        .filter((part) => part.includes("wsctl "));
      for (const call of calls) {
        const bare = call.replace(/'[^']*'/g, "''").split(/ {2,}(?! *wsctl)/)[0]!;
        const target = meantBy(bare.slice(bare.indexOf("wsctl ") + 6).trim());
        expect([call, target.command !== root]).toEqual([call, true]);
        const known = target.command.options.flatMap(({ short, long }) => [short, long]);
        for (const flag of target.rest.filter((word) => /^--?[a-zA-Z]/.test(word))) {
          expect(known, call).toContain(flag);
        }
      }
    });
  },
);

test("the help of the program names every command", async () => {
  const { stdout } = await wsctl(["--help"]);
  for (const command of root.commands) expect(stdout).toContain(`\n  ${command.name()}`);
});

test("no flag means two things in one command", () => {
  for (const command of commands) {
    const flags = command.options.flatMap(({ short, long }) => [short, long]).filter(Boolean);
    expect(new Set(flags).size).toBe(flags.length);
  }
});

describe("without a command", () => {
  test("help goes to stdout, and is no mistake", async () => {
    const { code, stdout, stderr } = await wsctl([]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe((await wsctl(["--help"])).stdout);
  });

  test.each(["--version", "-V"])("%s prints the version alone", async (flag) => {
    expect(await wsctl([flag])).toEqual({ code: 0, stdout: `${version()}\n`, stderr: "" });
  });
});

test.each([["help"], ["help", "load"]])("%s %s is --help", async (...args) => {
  const asked = args.filter(Boolean).slice(1);
  expect(await wsctl(args.filter(Boolean))).toEqual(await wsctl([...asked, "--help"]));
});

describe("a mistake is exit 2, told on stderr alone, with a hint", () => {
  test.each<[string, string[], RegExp, RegExp]>([
    ["an unknown command", ["laod"], /unknown command 'laod'/, /did you mean load/],
    ["nothing like a command", ["frobnicate"], /unknown command/, /wsctl --help/],
    [
      "a URL without a command",
      ["ws://127.0.0.1:1/a?token=c4n4ry"],
      /^error: a URL is no command/,
      /^hint: to talk to it: wsctl connect ws:\/\/127\.0\.0\.1:1\/a\?token=redacted$/m,
    ],
    [
      "an address without a command",
      ["localhost:80"],
      /is no command/,
      /wsctl connect localhost:80$/m,
    ],
    ["a profile without a command", ["@p"], /"?@p"? is no command/, /wsctl connect @p$/m],
    [
      "a missing value of connect",
      ["connect", "--ping"],
      /missing/,
      /^hint: see `wsctl connect --help`$/m,
    ],
    [
      "a bad value of connect",
      ["connect", "-x", "load", "--lens", "tea"],
      /tea/,
      /^hint: see `wsctl connect --help`$/m,
    ],
    ["an unknown flag", ["--frob"], /unknown option '--frob'/, /^hint: see `wsctl --help`$/m],
    [
      "a mistyped flag",
      ["load", "--conections", "5"],
      /--conections/,
      /did you mean --connections/,
    ],
    ["a missing value", ["load", "-c"], /argument missing/, /^hint: see `wsctl load --help`$/m],
    [
      "a missing value of serve",
      ["serve", "--port"],
      /missing/,
      /^hint: see `wsctl serve --help`$/m,
    ],
    ["a bad count", ["load", "x", "-c", "ten"], /--connections: "ten" is not a whole/, /500, 10k/],
    [
      "a bad duration",
      ["load", "x", "-d", "5"],
      /^error: --duration: "5" is not a duration /,
      /\d+s for seconds/,
    ],
    ["a bad rate", ["load", "x", "-r", "fast"], /"fast" is not a rate/, /./],
    [
      "a bad choice",
      ["load", "x", "--correlate", "magic"],
      /--correlate: "magic".*order, none/,
      /./,
    ],
    ["a bad port", ["serve", "--port", "65536"], /from 0 to 65535/, /./],
    ["a port that is none", ["serve", "--port", "8080x"], /from 0 to 65535/, /wsctl serve --help/],
    ["a bad size", ["serve", "--max-payload", "big"], /"big" is not a size/, /./],
    ["an unknown mode", ["serve", "frob"], /frob/, /echo/],
    ["too much", ["serve", "echo", "echo"], /too many arguments/, /./],
    ["both families", ["load", "ws://a/", "-4", "-6"], /cannot be used with/, /./],
    ["no URL", ["load"], /no URL/, /--serve/],
    ["URL and --serve", ["load", "ws://a/", "--serve"], /exclude each other/, /./],
    ["no address", ["load", "gopher://a/"], /not a WebSocket address/, /ws:\/\//],
    ["two rates", ["load", "ws://a/", "-r", "1", "-R", "1"], /--rate and --total-rate/, /./],
    ["in flight at a rate", ["load", "ws://a/", "-r", "1", "--in-flight", "2"], /--in-flight/, /./],
    ["no connections", ["load", "ws://a/", "-c", "0"], /connections is 0/, /from 1 to 1 000 000/],
    ["a day and more", ["load", "ws://a/", "-d", "25h"], /duration is 25h/, /to 24h/],
    ["too large", ["load", "ws://a/", "--size", "17MiB"], /17.0 MiB.*16.0 MiB/, /--max-payload/],
    ["URL and flag", ["load", "ws://a:b@c/", "--bearer", "d"], /in the URL and by a flag/, /./],
    [
      "two credentials",
      ["load", "ws://a/", "--bearer", "b", "--user", "c:d"],
      /more than once/,
      /./,
    ],
    ["a cert alone", ["load", "ws://a/", "--cert", "/nonexistent"], /--cert and --key/, /./],
    ["a user alone", ["load", "ws://a/", "--user", "me"], /--user has no colon/, /name:password/],
    ["no workers", ["load", "ws://127.0.0.1:1/", "--workers", "0"], /worker/, /./],
    [
      "a bad timeout",
      ["load", "ws://a/", "--timeout", "10"],
      /^error: --timeout: "10" is not a duration /,
      /\d+s for seconds/,
    ],
    ["a header that is none", ["load", "ws://a/", "-H", "novalue"], /not a header/, /-H/],
    ["a file that is not there", ["load", "ws://a/", "--ca", "/nonexistent"], /cannot read/, /./],
    ["a message from nowhere", ["load", "ws://a/", "-m", "@/nonexistent"], /cannot read/, /./],
  ])("%s", async (_what, args, message, hint) => {
    const { code, stdout, stderr } = await wsctl(args);
    expect([code, stdout]).toEqual([2, ""]);
    const lines = stderr.split("\n").filter((line) => !line.startsWith("warning: "));
    const [first, ...rest] = lines;
    expect(first).toMatch(/^error: .*\[WSCTL_EUSAGE\]$/);
    expect(first).toMatch(message);
    expect(`${first}\n${rest.join("\n")}`).toMatch(hint);
  });

  test("whatever was typed comes out harmless, and on one line", async () => {
    const { code, stderr } = await wsctl(["\u001b[2J\nerror: forged", "--x\u009b"]);
    expect(code).toBe(2);
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stderr.match(/^error:/gm)).toHaveLength(1);
  });

  test("a secret that was typed is not repeated", async () => {
    const canary = "c4n4ry";
    for (const args of [
      ["load", `ws://user:${canary}@host/#x`],
      ["load", "ws://a/", "-H", `Authorization Bearer ${canary}`],
    ]) {
      const { code, stderr } = await wsctl(args);
      expect(code).toBe(2);
      expect(stderr).not.toContain(canary);
    }
  });
});

test("a default is told once", async () => {
  const { stdout } = await wsctl(["scenario", "from-recording", "--help"]);
  expect(stdout.match(/default: 5/g)).toHaveLength(1);
});
