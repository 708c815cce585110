/** Shows that mistakes in the flags of connect are told before anything is opened. */
import { expect, test } from "vitest";
import { wsctl } from "./fake-host.js";

const url = "ws://127.0.0.1:1/";

test.each<[string, string[], RegExp]>([
  ["nowhere to go", [], /no URL.*\n.*--serve/],
  ["two places", [url, "--serve"], /a URL and --serve exclude/],
  ["the argument and -c", [url, "-c", url], /a URL and -c exclude/],
  ["a profile that is not there", ["@nowhere"], /no profile "nowhere"/],
  ["a scheme that is none of ours", ["ftp://127.0.0.1/"], /ws:\/\//],
  ["a backoff that is none", [url, "--reconnect", "sometimes"], /no backoff "sometimes"/],
  ["pings without a pause", [url, "--ping", "0"], /--ping 0/],
  [
    "pings less often than a timer holds",
    [url, "--ping", "1000h"],
    /1000h is too long.*\n.*at most/,
  ],
  ["a reply to a path that is none", [url, "--auto-reply", "$.a[ => x"], /\$\.a\[/],
  ["a body in a curl command", ["--curl", "curl h -d x"], /-d cannot be done.*\n.*message with -x/],
  ["a reply without an arrow", [url, "--auto-reply", "ping"], /no automatic reply.*\n.*=>/],
  ["a reply to no match", [url, "--auto-reply", "$.a == => x"], /needs a value/],
  ["an expectation that is no match", [url, "--expect", "$.a ~~ 1"], /no operator "~~"/],
  ["a template of no such name", [url, "-x", "{{ user }}"], /unknown name user/],
  ["a file that is not there", [url, "-x", "@/nonexistent/file"], /\/nonexistent\/file/],
  [
    "a binary file that is not there",
    [url, "--binary", "-x", "@/nonexistent/f"],
    /\/nonexistent\/f/,
  ],
  ["a lens that is none", [url, "--lens", "tea"], /tea.*jsonrpc/],
  ["a count that is none", [url, "--count", "few"], /"few" is not a whole number/],
  ["a wait that is none", [url, "--wait", "long"], /"long" is not a duration/],
  ["a delimiter of nothing", [url, "--delimiter", ""], /one byte or more/],
  ["two delimiters", [url, "--delimiter", ";", "--null"], /--null/],
  ["a curl command of no URL", ["--curl", "curl -H 'A: b'"], /no URL/],
  ["a header without a colon", [url, "-H", "X-Tenant"], /no colon/],
])("%s", async (_what, args, told) => {
  const { code, stdout, stderr } = await wsctl(["connect", ...args]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(told);
  expect(stderr).toMatch(/\[WSCTL_EUSAGE\]/);
});

test("the URL behind --reconnect is not taken for its policy", async () => {
  const { code, stderr } = await wsctl(["connect", "-x", "a", "--reconnect", url]);
  expect([code, stderr]).toEqual([3, expect.stringContaining("127.0.0.1:1")]);
});

test("a secret in the URL is warned of, and -q keeps the warning back", async () => {
  const secret = `${url}?token=abc`;
  const loud = await wsctl(["connect", secret, "-x", "a"]);
  expect(loud.stderr).toMatch(/^warning: a secret rides in the URL \(token\)/);
  const quiet = await wsctl(["connect", secret, "-x", "a", "-q"]);
  expect(quiet.stderr).toMatch(/^error: /);
});
