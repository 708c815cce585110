/** Shows which subprotocols are taken for tokens, and which for the names that they are. */
import { describe, expect, test } from "vitest";
import { tokensAmong } from "../../src/inspect/subprotocols.js";

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";

/** Names that are spoken, by kind of client. */
const names = [
  ["graphql-ws", "graphql-transport-ws"],
  ["mqtt", "mqttv3.1", "v10.stomp", "v11.stomp", "v12.stomp"],
  ["wamp.2.json", "wamp.2.msgpack", "soap", "xmpp", "ocpp1.6", "ocpp2.0.1", "sip"],
  ["base64.channel.k8s.io", "v4.base64.channel.k8s.io", "v5.channel.k8s.io", "channel.k8s.io"],
  ["actioncable-v1-json", "actioncable-unsupported", "vite-hmr", "vite-ping"],
  ["keyboard.v1", "monkey", "turnkey-2", "passport.v1", "author-feed", "tokenizer"],
  ["binary", "base64", "chat", "superchat", "json", "msgpack"],
];

describe("names are none", () => {
  test.each(names.flat())("%s", (name) => {
    expect([...tokensAmong([name])]).toEqual([]);
  });

  test.each(
    names
      .slice(0, 5)
      .concat(names.slice(6))
      .map((each) => [each]),
  )("beside a token: %j", (all) => {
    expect([...tokensAmong([...all, "access_token", jwt])]).toEqual([jwt]);
  });
});

test.each([
  jwt,
  `bearer.${jwt}`,
  "bearer.s3cret",
  "token.abc",
  "access-token-abc",
  "accessToken.abc",
  "authtoken.abc",
  "apikey.abc",
  "sessionid.abc",
  "base64url.bearer.authorization.k8s.io.c2VjcmV0",
  "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
])("%s is one", (name) => {
  expect([...tokensAmong(["chat", name])]).toEqual([name]);
});

test("what stands behind an announcement is one, and the announcement is none", () => {
  expect([...tokensAmong(["access_token", "hunter"])]).toEqual(["hunter"]);
});

test("many of them cost no square of their number, and what is not looked at is not shown", () => {
  const offered = Array.from({ length: 50_000 }, (_, index) =>
    index % 2 ? "bearer" : `n${index}`,
  );
  expect(tokensAmong(offered).size).toBeGreaterThan(24_000);
  expect(tokensAmong(Array.from({ length: 300 }, () => "chat")).size).toBe(0);
});
