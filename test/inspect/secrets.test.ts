import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { safeLine } from "../../src/base/safe-text.js";
import { parseTarget } from "../../src/dial/target.js";
import type { RequestOptions } from "../../src/dial/request.js";
import { Secrets, secretsOf } from "../../src/inspect/secrets.js";
import { theirs } from "../../src/inspect/their-words.js";

const none = {
  allowedOrigin: undefined,
  otherPath: undefined,
  expiredToken: undefined,
  logoutUrl: undefined,
};

function known(url: string, request: RequestOptions = {}): Secrets {
  return secretsOf(parseTarget(url), { request }, none);
}

describe("what the user gave is found again", () => {
  const base64 = Buffer.from("ann:p&ss word").toString("base64");
  test.each<[string, Secrets, string]>([
    ["user and password", known("ws://ann:p%26ss%20word@h/"), "ann:p&ss word"],
    ["the password alone", known("ws://ann:p%26ss%20word@h/"), "p&ss word"],
    ["as it stands in the address", known("ws://ann:p%26ss%20word@h/"), "p%26ss%20word"],
    ["Basic", known("ws://ann:p%26ss%20word@h/"), base64],
    ["a user without a password", known("ws://t0k3n@h/"), "t0k3n"],
    ["a parameter", known("ws://h/?a=1&token=s3cr%20et"), "s3cr%20et"],
    ["a parameter, decoded", known("ws://h/?a=1&token=s3cr%20et"), "s3cr et"],
    ["a parameter whose name is encoded", known("ws://h/?tok%65n=s3cret"), "s3cret"],
    ["a parameter behind a ;", known("ws://h/?a=1;token=s3cret"), "s3cret"],
    ["a parameter with a ;", known("ws://h/?token=s3cr;et"), "s3cr;et"],
    ["what ends at a ;", known("ws://h/?token=s3cret;b=1"), "s3cret"],
    ["a second one", known("ws://h/?token=s3cret;key=0ther"), "0ther"],
    ["a cookie", known("ws://h/", { cookie: 'a=1; sid="s3cret"' }), "s3cret"],
    ["a bearer", known("ws://h/", { authorization: "Bearer ey.J0" }), "ey.J0"],
    [
      "a header of the user's own",
      known("ws://h/", { headers: [["X-Api-Key", "k3y-1"]] }),
      "k3y-1",
    ],
    ["a Cookie header", known("ws://h/", { headers: [["cookie", "sid=s3cret"]] }), "s3cret"],
    [
      "an Authorization header",
      known("ws://h/", { headers: [["AUTHORIZATION", "Token abcd1"]] }),
      "abcd1",
    ],
    ["a subprotocol", known("ws://h/", { subprotocols: ["v1", "bearer.s3cret"] }), "bearer.s3cret"],
    [
      "a Sec-WebSocket-Protocol of the user's own",
      known("ws://h/", { headers: [["Sec-WebSocket-Protocol", "v1, token.s3cret"]] }),
      "token.s3cret",
    ],
  ])("%s", (_what, secrets, said) => {
    expect(secrets.redact(`the server said ${said} back`)).toBe("the server said SECRET back");
  });

  test("what is not secret stays", () => {
    const secrets = known("ws://ann:hunter2@h/chat?room=lobby&token=s3cret", {
      cookie: "theme=dark; n=1",
      subprotocols: ["graphql-transport-ws"],
    });
    const text = "ann in lobby at 1, dark, by graphql-transport-ws; hunter2x";
    expect(secrets.redact(text)).toBe(text);
  });

  test("in other spellings as well", () => {
    const secrets = known("ws://h/", { authorization: 'Bearer a"b<c>&d é/+==' });
    for (const spelt of [
      JSON.stringify('a"b<c>&d é/+==').slice(1, -1),
      encodeURIComponent('a"b<c>&d é/+=='),
      Buffer.from('a"b<c>&d é/+==').toString("base64"),
      Buffer.from('a"b<c>&d é/+==').toString("latin1"),
      "a&quot;b&lt;c>&amp;d é/+==",
    ]) {
      expect(secrets.redact(spelt)).toBe("SECRET");
    }
  });

  test("what was cut off within a secret keeps nothing of it", () => {
    const secret = "abcdefghijklmnopqrstuvwxyz0123456789";
    const secrets = known("ws://h/", { authorization: `Bearer ${secret}` });
    for (let limit = 12; limit < 50; limit++) {
      const shown = secrets.redact(`"${safeLine(`say ${secret} again`, limit)}"`);
      expect(shown).not.toContain(secret.slice(0, 6));
    }
    expect(secrets.redact("it ended in abcdefgh")).toBe("it ended in SECRET");
  });
});

test("a text without secrets is never changed; one with them never keeps them", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 20 }),
      fc.string({ maxLength: 30 }),
      fc.string({ maxLength: 30 }),
      (secret, before, after) => {
        fc.pre(!"SECRET…".includes(secret));
        const shown = new Secrets([secret]).redact(`${before}${secret}${after}`);
        expect(shown).not.toContain(secret);
      },
    ),
    { numRuns: 100 },
  );
  expect(new Secrets([]).redact("any…thing")).toBe("any…thing");
});

describe("a sentence of ours", () => {
  test("keeps the words it is made of, but not what it quotes", () => {
    const secrets = new Secrets(["accepted", "evil.example", "1008"]);
    const said = 'accepted from https://evil.example, then closed 1008: "not accepted"';
    expect(secrets.redactSentence(said)).toBe(
      'accepted from https://evil.example, then closed 1008: "not SECRET"',
    );
  });

  test("loses what is no word, quoted or not", () => {
    const secrets = new Secrets(["s3cret-token"]);
    expect(secrets.redactSentence('it said s3cret-token, "s3cret-token"')).toBe(
      'it said SECRET, "SECRET"',
    );
  });

  test("is none of the server's: of its cookies only what nobody would write counts there", () => {
    const held = ["9f8e7d6c5b4a", "a page of another site", "https://evil.example"];
    const own = new Secrets([]).withCookies(held);
    expect(own.redact("answer: 9f8e7d6c5b4a")).toBe("answer: SECRET");
    expect(own.redact("a page of another site")).toBe("a page of another site");
    expect(own.redact("Location: https://evil.example")).toBe("Location: SECRET");
    const said = "a page of another site, at https://evil.example";
    expect(own.redactSentence(said)).toBe(said);
    expect(own.redactSentence("closed: 9f8e7d6c5b4a")).toBe("closed: SECRET");
  });
});

test("what the user calls a secret is one, by name and by value", () => {
  const given = { ...none, secretHeaders: new Set(["x-api"]) };
  const request = { headers: [["X-Api", "blue-42"]] as const };
  const secrets = secretsOf(parseTarget("ws://h/"), { request }, given);
  expect(secrets.headers.has("x-api")).toBe(true);
  expect(secrets.redact("got blue-42")).toBe("got SECRET");
});

test("what a hostile server sets costs no square of it", () => {
  const cookies = Array.from({ length: 20 }, (_, n) => `${"a".repeat(4000)}${n}`);
  const secrets = new Secrets([]).withCookies(cookies);
  const cost = (length: number): number => {
    const line = `${"a".repeat(length)}b…`.repeat(4);
    const began = process.cpuUsage();
    for (let n = 0; n < 20; n++) secrets.redact(line);
    const { user, system } = process.cpuUsage(began);
    return user + system;
  };
  cost(960);
  let [short, long] = [Infinity, Infinity];
  // What shares its processor with others costs more now and then; the least of some is its own.
  for (let round = 0; round < 5; round++) {
    short = Math.min(short, cost(240));
    long = Math.min(long, cost(960));
  }
  // Four times as much is to cost four times as much at most, and not sixteen.
  expect(long / short).toBeLessThan(8);
});

describe("words of others within a sentence of ours", () => {
  const secrets = new Secrets(["swordfish", "open"]);

  test("lose what is secret, and ours stay", () => {
    const text = `it is open: ${theirs('no "swordfish" open')}, and open "swordfish"`;
    expect(secrets.redactSentence(text)).toBe('it is open: no "SECRET" SECRET, and open "SECRET"');
  });

  test("cannot end where the server says so", () => {
    const text = `it said ${theirs("a\ue001swordfish\ue000")} open`;
    expect(secrets.redactSentence(text)).toBe("it said aSECRET open");
  });

  test("end with the text where they were cut off", () => {
    expect(secrets.redactSentence(`it said ${theirs("a swordfish")}`.slice(0, -1))).toBe(
      "it said a SECRET",
    );
  });

  test("leave no bounds in what is shown", () => {
    expect(secrets.redact(`evidence: ${theirs("x")}`)).toBe("evidence: x");
    expect(secrets.redactSentence("\ue001x\ue000y")).toBe("xy");
  });
});
