import { expect, test } from "vitest";
import { serialiseRequest } from "../../../src/frame/http-head.js";
import type { Header, UpgradeResponse } from "../../../src/frame/upgrade.js";
import { requestHead, responseHead } from "../../../src/inspect/facts/heads.js";
import { Secrets } from "../../../src/inspect/secrets.js";

const none = new Secrets([]);

function shown(name: string, value: string, secrets = none): string | undefined {
  const headers: Header[] = [[name, value]];
  const bytes = Buffer.from(`HTTP/1.1 101 X\r\n${name}: ${value}\r\n\r\n`, "latin1");
  const response: UpgradeResponse = {
    httpVersion: "1.1",
    status: 101,
    reason: "X",
    headers,
    bytes,
  };
  return responseHead(response, secrets).headers[0]?.[1];
}

test("order, case and duplicates stay; secrets do not", () => {
  const request = serialiseRequest({
    method: "GET",
    target: "/chat?token=abc",
    headers: [
      ["hOST", "h"],
      ["X-Two", "2"],
      ["X-Two", "1"],
      ["Cookie", "sid=abc"],
    ],
  });
  expect(requestHead(request, none)).toEqual({
    first: "GET /chat?token=SECRET HTTP/1.1",
    headers: [
      ["hOST", "h"],
      ["X-Two", "2"],
      ["X-Two", "1"],
      ["Cookie", "SECRET"],
    ],
    size: request.bytes.length,
  });
});

test("the first line is what it was, however it ends", () => {
  for (const end of ["\r\n", "\n"]) {
    const bytes = Buffer.from(`HTTP/1.1 101 Switching${end}${end}`);
    const response = { httpVersion: "1.1", status: 101, reason: "", headers: [], bytes };
    expect(responseHead(response, none).first).toBe("HTTP/1.1 101 Switching");
  }
});

test.each([
  ["Set-Cookie", "sid=abc; Path=/; Secure; X-Mine=abc", "sid=SECRET; Path=/; Secure"],
  ["Set-Cookie", "abc", "SECRET"],
  ["Location", "wss://ann:abc@h/?token=abc&a=1", "wss://SECRET@h/?token=SECRET&a=1"],
  ["Location", "/login?next=1", "/login?next=1"],
  ["X-Session-Id", "abc", "SECRET"],
  ["Date", "Sat, 21 Nov 2026 06:00:00 GMT", "Sat, 21 Nov 2026 06:00:00 GMT"],
  ["X-A", "a\u001b[2Jb", "a␛[2Jb"],
])("%s: %s is shown as %s", (name, value, wanted) => {
  expect(shown(name, value)).toBe(wanted);
});

test("a secret is found wherever it is said", () => {
  expect(shown("X-Echo", "you are s3cret", new Secrets(["s3cret"]))).toBe("you are SECRET");
});
