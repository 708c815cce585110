/** Shows how the mistakes in the flags of `wsctl proxy` are told, and how its view draws what happens. */
import { expect, test } from "vitest";
import { wsctl } from "./fake-host.js";

test("an address by itself is for --target", async () => {
  const { code, stderr } = await wsctl(["proxy", "ws://h/?token=abc", "-q"]);
  expect(stderr).toMatch(
    /said with --target[^]*hint: write it like: wsctl proxy --target ws:\/\/h\//,
  );
  expect(stderr).not.toContain("abc");
  expect(code).toBe(2);
});

test.each([
  [["--target", "gopher://x"], /not a WebSocket address/],
  [["--route", "chat=ws://127.0.0.1:1"], /no route[^]*--route \/chat=/],
  [["--route", "/chat=ftp://x"], /not a WebSocket address/],
  [["--rule", "x drop"], /not a rule: it has no =>/],
  [["--rule", "x => replace {{ nobody }}"], /unknown name nobody/],
  [["--fault", "dorp"], /--fault dorp:[^]*did you mean drop\?/],
  [["--filter", "$.."], /not a JSONPath/],
  [["--set-host", "a b", "--keep-host"], /cannot be used with/],
  [["--set-host", "a\nb"], /--set-host is no value of a header/],
  [["--tls-cert", "x"], /--tls-cert and --tls-key need each other/],
  [["--redact", "$.a"], /--redact says nothing without --record/],
  [["--cert", "/nowhere"], /--cert and --key go together/],
  [["--host", ""], /--host: It is a name or an IP address/],
  [["--max-payload", "0"], /--max-payload: It is at least 1 byte/],
  [["--fsync", "often"], /--fsync: "often" is none of none, 1s, each/],
  [["--record", "/dev/null/x"], /\/dev\/null\/x: a file is in the way[^]*hint: name a directory/],
  [["--record", "/proc/nowhere/x"], /no such file[^]*hint: make the directory first/],
  [["--rule", "up:x => drop"], /"up" is no direction[^]*in: is from the server[^]*contains:up:x/],
  [["--set-origin", "nonsense"], /"nonsense" is no origin[^]*https:\/\/app\.example\.com/],
  [["--set-origin", "https://a/path"], /is no origin/],
  [["--no-pause"], /--no-pause says nothing without --record/],
  [
    ["--target", "ws://localhost:4711/x", "--port", "4711"],
    /lead to itself: it listens on port 4711/,
  ],
  [["--route", "/a=ws://127.0.0.1:4711", "--port", "4711"], /lead to itself/],
  [["--host", "192.0.2.1"], /EADDRNOTAVAIL[^]*hint: this machine has no such address/],
])("%j is a mistake that is explained", async (args, message) => {
  const to = args.includes("--target") ? [] : ["--target", "ws://127.0.0.1:1/"];
  const { code, stdout, stderr } = await wsctl(["proxy", "--port", "0", ...to, ...args]);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([2, ""]);
});
