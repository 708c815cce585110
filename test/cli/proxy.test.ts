/** Shows how the mistakes in the flags of `wsctl proxy` are told, and how its view draws what happens. */
import { expect, test } from "vitest";
import { wsctl } from "./fake-host.js";

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
  [["--record", "/dev/null/x"], /\/dev\/null\/x/],
])("%j is a mistake that is explained", async (args, message) => {
  const to = args.includes("--target") ? [] : ["--target", "ws://127.0.0.1:1/"];
  const { code, stdout, stderr } = await wsctl(["proxy", "--port", "0", ...to, ...args]);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([2, ""]);
});
