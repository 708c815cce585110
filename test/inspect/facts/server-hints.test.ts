import { describe, expect, test } from "vitest";
import type { Header } from "../../../src/frame/upgrade.js";
import { idleLimitsOf } from "../../../src/inspect/facts/idle-limits.js";
import { hintsOf } from "../../../src/inspect/facts/server-hints.js";

function whats(...headers: readonly Header[]): string[] {
  return hintsOf({ headers }).map(({ what }) => what);
}

describe("headers", () => {
  test.each<[string, string, string[]]>([
    ["Server", "nginx/1.22.1", ["nginx"]],
    ["server", "openresty", ["nginx"]],
    ["Server", "cloudflare", ["Cloudflare"]],
    ["CF-RAY", "8f1-FRA", ["Cloudflare"]],
    ["Server", "awselb/2.0", ["AWS ALB"]],
    ["Set-Cookie", "AWSALB=secret; Path=/", ["AWS ALB"]],
    ["Set-Cookie", "AWSALBTGCORS=secret", ["AWS ALB"]],
    ["x-amz-cf-id", "abc", ["CloudFront"]],
    ["x-amz-apigw-id", "abc", ["AWS API Gateway"]],
    ["Via", "1.1 vegur", ["Heroku"]],
    ["Via", "1.1 google", ["Google Cloud load balancer"]],
    ["Server", "envoy", ["Envoy"]],
    ["x-envoy-upstream-service-time", "3", ["Envoy"]],
    ["Server", "Fly/abc (2024)", ["Fly.io"]],
    ["x-azure-ref", "abc", ["Azure Front Door"]],
    ["Server", "Python/3.12 websockets/13.1", ["websockets (Python)"]],
    ["Server", "TornadoServer/6.4", ["Tornado (Python)"]],
    ["X-Powered-By", "Express", ["Express (Node.js)"]],
    ["Server", "nothing known", []],
    ["X-Server", "nginx", []],
  ])("%s: %s says %j", (name, value, hints) => {
    expect(whats([name, value])).toEqual(hints);
  });

  test("each is said once, and no value of a cookie is", () => {
    const hints = hintsOf({
      headers: [
        ["Set-Cookie", "AWSALB=s3cret"],
        ["Set-Cookie", "AWSALBCORS=s3cret"],
      ],
    });
    expect(hints).toEqual([{ what: "AWS ALB", confidence: "firm", from: "the cookie AWSALB" }]);
  });
});

test.each([
  ["<html><center>nginx/1.22.1</center></html>", "nginx"],
  [
    "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n",
    "HAProxy",
  ],
  ["<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n", "HAProxy"],
  ["upstream connect error or disconnect/reset before headers. reset reason: x", "Envoy"],
  ['{"code":0,"message":"Transport unknown"}', "Socket.IO"],
  ["Failed to open a WebSocket connection: missing Connection header.\n", "websockets (Python)"],
])("the body %j says %s", (body, what) => {
  expect(hintsOf({ headers: [], body }).map((hint) => hint.what)).toEqual([what]);
});

test("the reason of a close frame is surer than any header", () => {
  const hints = hintsOf({
    headers: [["Server", "nginx"]],
    closeReason: "keepalive ping timeout",
  });
  expect(hints.map(({ what, confidence }) => [what, confidence])).toEqual([
    ["websockets (Python)", "certain"],
    ["nginx", "firm"],
  ]);
});

test("hostile text is bounded, harmless and quickly read", () => {
  const hostile = `\u001b[2Jnginx ${"a=;, \t<".repeat(20_000)}`;
  const hints = hintsOf({
    headers: ["Server", "Via", "Set-Cookie", "x-envoy-\u001b", hostile].map((name) => [
      name,
      hostile,
    ]),
    body: hostile,
    closeReason: hostile,
  });
  expect(JSON.stringify(hints)).not.toContain("\\u001b");
  expect(JSON.stringify(hints).length).toBeLessThan(2000);
});

test("the idle limits are all there, and likely where a hint speaks for them", () => {
  const limits = idleLimitsOf([{ what: "Envoy", confidence: "tentative", from: "x" }]);
  expect(limits).toHaveLength(11);
  expect(limits.filter(({ likely }) => likely).map(({ product }) => product)).toEqual(["Envoy"]);
  expect(idleLimitsOf([]).some(({ likely }) => likely)).toBe(false);
});
