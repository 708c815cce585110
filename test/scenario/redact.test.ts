/** Shows that no secret gets into what is written down of a plan. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { redactUrl } from "../../src/base/redact-url.js";
import { isSecretName, redacted } from "../../src/base/secret-name.js";
import { redactSubprotocols } from "../../src/base/secret-subprotocols.js";
import { redactPlan } from "../../src/scenario/redact.js";
import { planOf, texts, usualFlags } from "./flags.js";
import { ScenarioFolder } from "./scenario-files.js";

const canary = "c4n4ry-d0-n0t-sh0w";

function written(plan: ReturnType<typeof planOf>): string {
  return JSON.stringify(redactPlan(plan));
}

describe("a secret header", () => {
  test.each([
    "Authorization",
    "authorization",
    "PROXY-AUTHORIZATION",
    "Cookie",
    "X-Api-Key",
    "Api-Key",
    "apikey",
    "X-Auth-Token",
    "X-CSRF-Token",
    "X-Amz-Security-Token",
    "X-Auth",
    "X-Client-Secret",
    "X-Session-Id",
    "X-Hub-Signature",
    "X-Password",
    "X-JWT-Assertion",
    "X-Credential",
    "pass",
    "X-Pass",
    "userPass",
    "Bearer",
    "otp",
    "X-OTP",
    "pin",
    "user_pin",
    "passphrase",
  ])("%s", (name) => {
    const headers: [string, string][] = [
      ["X-Tenant", "blue"],
      [name, `Bearer ${canary}`],
      [name, canary],
    ];
    const text = written(planOf({ connection: { ...usualFlags.connection, headers } }));
    expect(text).not.toContain(canary);
    expect(text).toContain(redacted);
    // That it was sent, and what is no secret, may be known.
    expect(text).toContain(name);
    expect(text).toContain("blue");
  });
});

test("a header whose value is kept elsewhere is secret, whatever it is called", () => {
  const headers: [string, string][] = [
    ["X-Tenant", canary],
    ["X-Colour", "blue"],
  ];
  const connection = { ...usualFlags.connection, headers, secretHeaders: ["x-tenant"] };
  const text = written(planOf({ connection }));
  expect(text).not.toContain(canary);
  expect(JSON.parse(text)).toMatchObject({
    connection: {
      headers: [
        ["X-Tenant", redacted],
        ["X-Colour", "blue"],
      ],
    },
  });
});

test("TLS: neither key nor passphrase nor certificates are kept, only that there were any", () => {
  const tls = {
    ca: `CA ${canary}`,
    cert: `CERT ${canary}`,
    key: `-----BEGIN PRIVATE KEY-----\n${canary}`,
    passphrase: canary,
    servername: "example.test",
  };
  const text = written(planOf({ connection: { ...usualFlags.connection, tls } }));
  expect(text).not.toContain(canary);
  expect(text).toContain("example.test");
  expect(JSON.parse(text)).toMatchObject({
    connection: { tls: { ca: true, clientCertificate: true, insecure: false } },
  });
});

test("payloads are reduced to opcode and size", () => {
  const plan = planOf({ messages: texts(`{"token":"${canary}"}`), firstMessages: texts(canary) });
  const text = written(plan);
  expect(text).not.toContain(canary);
  expect(text).not.toContain(Buffer.from(canary).toString("base64").slice(0, 12));
  expect(JSON.parse(text)).toMatchObject({
    messages: [{ opcode: 1, size: canary.length + 12 }],
    first: [{ opcode: 1, size: canary.length }],
  });
});

describe("an address", () => {
  test.each([
    `ws://user:${canary}@host/`,
    `ws://${canary}@host/`,
    `ws://host/?token=${canary}`,
    `ws://host/?access_token=${canary}&a=b`,
    `ws://host/?TOKEN=${canary}`,
    `ws://host/?api_key=${canary}`,
    `ws://host/?apikey=${canary}`,
    `ws://host/?auth=${canary}`,
    `ws://host/?password=${canary}`,
    `ws://host/?pwd=${canary}`,
    `ws://host/?jwt=${canary}`,
    `ws://host/?session=${canary}`,
    `ws://host/?ticket=${canary}`,
    `ws://host/?sig=${canary}`,
    `wss://host/?X-Amz-Signature=${canary}&X-Amz-Credential=${canary}`,
    `ws://host/?token=a&token=${canary}`,
    `ws://host/?%74oken=${canary}`,
    `ws://host/?x[token]=${canary}`,
  ])("%s", (url) => {
    expect(redactUrl(url)).not.toContain(canary);
    expect(written(planOf({ targets: [url] }))).not.toContain(canary);
  });

  test.each(["ws://127.0.0.1:8080/chat?room=lobby&x=1", "wss://host/", "ws://[::1]:9/a%20b"])(
    "%s without secrets stays as it is",
    (url) => {
      expect(redactUrl(url)).toBe(url);
    },
  );

  test("that cannot be read is not shown: there is no telling what of it is secret", () => {
    expect(redactUrl(`http://:${canary}@`)).not.toContain(canary);
  });
});

test("the rest of the plan is what was asked", () => {
  const plan = planOf({ rate: "2" });
  expect(redactPlan(plan)).toMatchObject({
    targets: plan.targets,
    connections: 10,
    traffic: plan.traffic,
    duration: 5000,
    correlate: plan.correlate,
  });
});

describe("by its name", () => {
  const innocent = [
    ["passive", "passed", "bypass", "ping", "shipping", "pinned", "design", "signal", "option"],
    ["author", "authors", "authorId", "author_name", "coAuthor", "authored", ":authority"],
    [
      "keyboard",
      "keyboardLayout",
      "KEYBOARD_LAYOUT",
      "keyframes",
      "keywords",
      "keypress",
      "keydown",
    ],
    ["monkey", "monkeys", "donkey-kong", "turkey", "hockeyTeam", "jockey", "turnkey"],
    ["secretary", "tokenizer", "tokenization", "author.keyboard", "$.author['keywords']"],
  ].flat();

  test.each(innocent)("%s is no secret", (name) => {
    expect(isSecretName(name)).toBe(false);
  });

  const stems = [
    ["auth", "oauth", "authorization", "Authorisation", "authentication", "authToken", "authkey"],
    ["key", "apikey", "apiKey", "api_key", "privateKey", "ssh-key", "keychain", "keys"],
    ["token", "tokens", "accessToken", "access_token", "jwt", "idToken", "refresh_token", "ToKen"],
    ["secret", "clientSecret", "client_secret", "credential", "credentials", "bearer", "cookie"],
    ["password", "passwd", "passwort", "passphrase", "pwd", "dbPassword", "session", "sessionid"],
    ["signature", "ticket", "X-Amz-Signature", "authenticity_token", "authorized_keys"],
  ].flat();
  const words = ["pass", "sig", "otp", "pin"];

  test.each([...stems, ...words])("%s is a secret", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  test("it is one beside whatever word, innocent ones included", () => {
    const usual = ["user", "my", "x", "db", "id", "value", "header", "HTTP"];
    const odd = ["author", "keyboard", "monkey", "authorized", "secretary", "count", "limit"];
    const others = fc.constantFrom(...usual, ...odd);
    const camel = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
    fc.assert(
      fc.property(
        fc.constantFrom(...stems, ...words),
        others,
        fc.constantFrom("_", "-", ".", " ", "camel"),
        fc.constantFrom(String, (name: string) => name.toUpperCase()),
        (stem, other, joint, cased) => {
          const before = joint === "camel" ? other + camel(stem) : cased(other + joint + stem);
          expect([before, isSecretName(before)]).toEqual([before, true]);
          // How many or how long is no secret; beneath a secret everything is one.
          if (/^(?:count|limit)$/.test(other) && !/[. ]/.test(joint)) return;
          const behind = joint === "camel" ? stem + camel(other) : cased(stem + joint + other);
          expect([behind, isSecretName(behind)]).toEqual([behind, true]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("it is one wherever it stands among other letters", () => {
    const around = fc.string({
      unit: fc.constantFrom("a", "b", "X", "Y", "_", "-", ".", "[", " ", "9"),
      maxLength: 8,
    });
    const long = stems.filter((stem) => !/[_-]/.test(stem));
    fc.assert(
      fc.property(around, fc.constantFrom(...long), around, (before, stem, behind) => {
        const name = before + stem + behind;
        expect([name, isSecretName(name)]).toEqual([name, true]);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a scenario file", () => {
  const folder = new ScenarioFolder();
  afterAll(() => {
    folder.remove();
  });
  const head = "config:\n  target: ws://h/\n  load: { connections: 2, duration: 1s }\n";
  // A step with a name needs virtual users, and so the whole flow is in the plan.
  const flow = "flow: [{ name: x, send: hello }]\n";

  test.each([
    `variables: { account: { token: ${canary}, list: [{ pin: ${canary} }] }, room: blue }`,
    `variables: { auth: { user: { deep: ${canary} } }, room: blue }`,
    `variables: { service: "wss://ann:${canary}@h/?token=${canary}", room: blue }`,
  ])("%s keeps no secret of its variables", async (line) => {
    const text = written(await folder.plan(`${head}  ${line}\n${flow}`));
    expect(text).not.toContain(canary);
    expect(text).toContain("blue");
  });

  test.each([
    'connection: { headers: { x-tenant: "{{ $env.TENANT }}" } }',
    'connection: { headers: { x-tenant: "{{ $env.TENANT }}-{{ $index }}" } }',
    'connection: { headers: ["x-tenant: {{ $env.TENANT }}"] }',
    'connection: { subprotocols: ["{{ $env.TENANT }}", chat] }',
    'connection: { subprotocols: ["v1-{{ $env.TENANT }}-{{ $index }}", chat] }',
  ])("%s keeps nothing that the environment said", async (line) => {
    const plan = await folder.plan(`${head}  ${line}\n${flow}`, {}, { TENANT: canary });
    expect(JSON.stringify(plan)).toContain(canary);
    expect(written(plan)).not.toContain(canary);
    expect(written(plan)).toContain(redacted);
  });

  test.each([
    `connection: { headers: { authorization: Bearer ${canary} {{ x }} } }`,
    `connection: { headers: { authorization: "Bearer ${canary} } }`,
    `connection: { headers: { "x-api-key": '${canary}'s } }`,
    `variables: { room: blue, token: ${canary}: a }`,
    `target: "ws://ann:${canary}@h/`,
    `target: ws://h/?token=${canary}: x`,
  ])("%s is no YAML, and its line is shown without", async (line) => {
    const mistakes = await folder.mistakes(`config:\n  ${line}\n  load: 1\n${flow}`);
    expect(mistakes).toHaveLength(1);
    expect(JSON.stringify(mistakes)).not.toContain(canary);
    expect(mistakes[0]!.line).toContain("•");
  });
});

test.each([
  [["graphql-transport-ws"], []],
  [["mqtt", "v12.stomp", "ocpp2.0.1", "wamp.2.json"], []],
  [["access_token", "3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"], [1]],
  [["3f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c"], [0]],
  [["bearer", "hunter"], [1]],
  [["hunter", "bearer"], [0]],
  [["graphql-ws", "bearer", "a1.b2=c"], [2]],
  [["authorization", "graphql-ws", "x1!"], [2]],
  [["token.abc", "app.v1"], [0]],
  [["base64url.bearer.authorization.k8s.io.YWJj", "v4.channel.k8s.io"], [0]],
  [["550e8400-e29b-41d4-a716-446655440000"], [0]],
])("of the subprotocols %j tokens are %j", (offered, tokens) => {
  const shown = redactSubprotocols(offered);
  expect(shown.flatMap((name, index) => (name === redacted ? [index] : []))).toEqual(tokens);
});

test("short names of parameters are secrets in URLs", () => {
  expect(redactUrl("ws://h/?code=abc&pw=def&room=1")).toBe(
    "ws://h/?code=redacted&pw=redacted&room=1",
  );
});
