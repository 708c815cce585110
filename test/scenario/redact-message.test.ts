/** Shows that a message is quoted as it came, short and harmless, and without what is secret. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Opcode } from "../../src/frame/opcode.js";
import { compileMatcher, type MatchSpec } from "../../src/message/matcher.js";
import { MessageView } from "../../src/message/view.js";
import { quoteMessage, secretTexts } from "../../src/scenario/redact-message.js";

const view = (text: string): MessageView => new MessageView(Opcode.text, Buffer.from(text));
const quoted = (text: string, known: readonly string[] = [], said = "wrong"): string =>
  quoteMessage(said, view(text), known);

test("JSON comes as JSON, text as text, bytes by their number", () => {
  expect(quoted('{"op":"busy", "n": [1, null]}')).toBe(
    'wrong; the message: {"op":"busy","n":[1,null]}',
  );
  expect(quoted("try later")).toBe("wrong; the message: try later");
  const bytes = new MessageView(Opcode.binary, Buffer.from([0xff, 0xfe]));
  expect(quoteMessage("wrong", bytes, [])).toBe("wrong; the message: 2 bytes that are no text");
});

test("it is harmless and short, however large and deep", () => {
  const harmless = quoted("a\u001b[2Jb\u202e");
  expect([harmless.includes("\u001b"), harmless.includes("\u202e")]).toEqual([false, false]);
  for (const text of ["x".repeat(1_000_000), `{"a":"${"x".repeat(10_000)}"}`]) {
    expect(quoted(text).length).toBeLessThan(700);
  }
  const deep = `${'{"a":'.repeat(3000)}"s3cret"${"}".repeat(3000)}`;
  expect(quoted(deep)).toContain("…");
  expect(quoted("[".repeat(16_000))).toContain("[[");
});

describe("no secret is in it", () => {
  const secret = "s3cret-4711";
  test.each([
    ["by the name of its member", `{"user":{"accessToken":"${secret}","a":1}}`],
    ["within a secret member", `{"session":{"id":["${secret}"]}}`],
    ["again elsewhere", `{"token":"${secret}","echo":"you said ${secret}"}`],
    ["in text", `welcome\npassword: ${secret}\n`],
    ["in text, as a parameter", `see wss://h/chat?access_token=${secret}&a=1`],
    ["in an address of a member", `{"next":"wss://u:${secret}@h/?token=${secret}"}`],
    ["as a credential", `{"text":"Bearer ${secret}"}`],
    ["in JSON that is cut off", `{"token":"${secret}","a":`],
    ["in JSON within JSON", JSON.stringify({ body: JSON.stringify({ token: secret }) })],
    ["in a large message", `{"token":"${secret}","a":"${"x".repeat(20_000)}"}`],
  ])("%s", (_what, text) => {
    expect(quoted(text)).not.toContain(secret);
    expect(quoted(text)).toMatch(/\bredacted\b/);
  });

  test("of those that are known, wherever they stand, in what is said of it too", () => {
    const said = quoted(`{"a":"${secret}"}`, [secret], `$.a is "${secret}"`);
    expect(said).toBe('$.a is "[redacted]"; the message: {"a":"[redacted]"}');
    const quotes = 's3"cret\\4711';
    expect(quoted(JSON.stringify({ a: quotes }), [quotes])).toContain('{"a":"[redacted]"}');
  });

  test("what is said of a secret member does not say it", () => {
    expect(quoted(`{"token":"${secret}"}`, [], `$.token is "${secret}"`)).toBe(
      '$.token is "[redacted]"; the message: {"token":"[redacted]"}',
    );
  });

  test("a token by its looks", () => {
    const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
    expect(quoted(`{"a":"${jwt}"}`)).not.toContain("c2lnbmF0");
  });

  test("whatever JSON is around it", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 4 }),
        fc.constantFrom("token", "apiKey", "pwd"),
        (json, name) => {
          const text = `{"before":${json},"${name}":{"x":["${secret}"]},"after":"${secret}!"}`;
          expect(quoted(text)).not.toContain(secret);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("no secret is made of", () => {
  test.each([
    '{"author":"ann","keyboard":"qwerty","sessionCount":3,"monkey":"see"}',
    '{"session_timeout":30,"tokenLimit":5,"key-size":256,"keyLength":32,"accessTokenTtl":60}',
    '{"tokens":12,"usage":{"total_tokens":1234},"sessions":4567,"keys":true}',
    '{"authenticated":true,"keywords":["news"]}',
    '{"error":"Invalid token: expected integer"}',
    '{"error":"Invalid value: expected a list, not a map."}',
    '{"error":"Unexpected token < in JSON at position 0"}',
    '{"error":"the token expired at noon"}',
    '["No session: please log in first"]',
  ])("%s", (text) => {
    expect(quoted(text)).toBe(`wrong; the message: ${text}`);
  });

  test("a number alone: a text, or what lies beneath, may be one whatever the name measures", () => {
    for (const text of [
      '{"tokenLimit":"sk_live_1"}',
      '{"sessionCount":{"sk_live_1":3}}',
      '{"authority":"user:sk_live_1@host"}',
      '{"authenticated":"sk_live_1"}',
    ]) {
      expect(quoted(text)).not.toContain("sk_live_1");
    }
    expect(quoted('{"passwords":8472934}')).not.toContain("8472934");
  });

  test("a count that was held against something", () => {
    const explained = (spec: MatchSpec, message: string): string => {
      const came = view(message);
      const matcher = compileMatcher(spec);
      return quoteMessage((hide) => matcher.explain(came, hide) ?? "", came, []);
    };
    expect(explained({ json: "$.usage.tokens", equals: 13 }, '{"usage":{"tokens":12}}')).toBe(
      '$.usage.tokens is 12, not 13; the message: {"usage":{"tokens":12}}',
    );
    for (const [path, message] of [
      ["$.tokens", '{"tokens":"4711-4711"}'],
      ["$.session.tokens", '{"session":{"tokens":47114711}}'],
      ["$.tokens[0]", '{"tokens":[47114711]}'],
      ["$.pin", '{"pin":47114711}'],
    ] as const) {
      expect(explained({ json: path, equals: 13 }, message)).not.toContain("4711");
    }
  });
});

describe("within a text of JSON a secret is one all the same", () => {
  const secret = "s3cret-4711";
  test.each([
    `your token: ${secret}`,
    `Invalid token: ${secret}`,
    `Invalid token: expected integer, got ${secret}`,
    `Invalid token: expected integer\npassword: ${secret}`,
    `the token ${secret} has expired`,
    `sent Bearer ${secret} twice`,
    `token=${secret}`,
    `it says {"token": "${secret}"}`,
  ])("%s", (text) => {
    expect(quoted(JSON.stringify({ error: text }))).not.toContain(secret);
  });

  test.each([
    "your password: correct horse battery staple",
    "the recovery key: correct horse battery staple",
    "session: correct horse battery staple",
  ])("of words as well: %s", (text) => {
    expect(quoted(JSON.stringify({ error: text }))).not.toContain("horse");
  });
});

describe("what is said of a message says no secret, and no part of one", () => {
  const long = "abcdefghijklmnop".repeat(20);
  const jwt = `eyJhbGciOiJIUzI1NiJ9.${"eyJzdWIiOiIx".repeat(10)}.c2lnbmF0dXJl`;
  const explained = (spec: MatchSpec, message: string, known: readonly string[] = []): string => {
    const came = view(message);
    const matcher = compileMatcher(spec);
    const said = quoteMessage((hide) => matcher.explain(came, hide) ?? "", came, known);
    // Whoever has cut it already is helped as well, where it is known what was cut.
    const cut = quoteMessage(matcher.explain(came) ?? "", came, [...known, long]);
    expect([said, cut].map((text) => text.includes("abcdefg"))).toEqual([false, false]);
    return said;
  };
  const specs: readonly MatchSpec[] = [
    { json: "$.token", equals: "x" },
    { json: "$.token", contains: "zzz" },
    { json: "$.token", matches: "^x$" },
    { json: "$.token", exists: false },
    { json: "$", equals: 1 },
    { contains: "zzz" },
    { matches: "zzz" },
    { text: "x" },
  ];

  test.each(specs)("%j", (spec) => {
    expect(explained(spec, JSON.stringify({ token: long }))).toContain("[redacted]");
    const large = JSON.stringify({ pad: "x".repeat(20_000), token: long });
    explained(spec, large);
    explained(spec, JSON.stringify({ room: "x", echo: long }), [long]);
    explained(spec, `${"-".repeat(20)}${long}`, [long]);
  });

  test("tokens by their looks, of a member with any name", () => {
    const said = explained({ json: "$.a", equals: 1 }, JSON.stringify({ a: jwt }));
    expect(said).toBe('$.a is "[redacted]", not 1; the message: {"a":"[redacted]"}');
  });

  test("what was said and cut by others", () => {
    const said = `$.a is "${long.slice(0, 57)}…, nor is it "b…`;
    expect(quoted("{}", [long], said)).toBe('$.a is "[redacted]…, nor is it "b…; the message: {}');
  });
});

test("a secret is found before the message is cut and made harmless", () => {
  const secret = "S3cr3tS3cr3tS3cr3tS3cr3tS3cr3t0123456789abcdef";
  for (let before = 230; before < 310; before++) {
    const pad = "x".repeat(before);
    for (const text of [`${pad}${secret}`, JSON.stringify({ pad, id: secret })]) {
      expect(quoted(text, [secret])).not.toContain("S3cr");
    }
  }
  const odd = "pa\u200bssw\u202eord";
  expect(quoted(JSON.stringify({ id: odd }), [odd])).toContain('{"id":"[redacted]"}');
});

test("names of members are looked at as values are", () => {
  const jwt = "eyJhbGciOi.eyJzdWIiOi.abcdefgh";
  const said = quoted(JSON.stringify({ [jwt]: 1, "Bearer abcd1234": 2, "s3cret-4711": 3 }), [
    "s3cret-4711",
  ]);
  expect(said).not.toMatch(/abcd|eyJz|4711/);
});

test("16 KB of what may begin tokens are looked through once", () => {
  const evil = ["eyJ-", "eyJ.", "eyJ ", "key:", "bearer "].map((part) =>
    part.repeat((16 * 1024) / part.length),
  );
  let least = Infinity;
  // What shares its processor with others takes longer now and then; what is slow is so each time.
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    for (const text of evil) expect(quoted(text).length).toBeLessThan(700);
    least = Math.min(least, process.cpuUsage(before).user / 1000);
  }
  // Some milliseconds; looked through from each of them on, it is a multiple.
  expect(least).toBeLessThan(45);
});

test("everything within what has the name of a secret is one, numbers too", () => {
  const values = [
    ["session", { id: "abc12345", deep: [{ a: "t-9999" }] }],
    ["tokens", ["t-111111", 222_222]],
    ["pin", 123_456],
    ["users", [{ name: "ann", key: "k-1234" }]],
    ["ok", "yes-yes"],
  ] as const;
  const known = secretTexts(values);
  expect([...known]).toEqual(["abc12345", "t-9999", "t-111111", "222222", "123456", "k-1234"]);
  expect(quoted('{"n":123456,"a":["abc12345"]}', [...known])).toBe(
    'wrong; the message: {"n":[redacted],"a":["[redacted]"]}',
  );
});

test("the secrets among variables and rows of data", () => {
  const values = [
    ["room", "lobby"],
    ["token", "t-1234"],
    ["users", { name: "ann", password: "p-1234", id: 5 }],
  ] as const;
  expect([...secretTexts(values)]).toEqual(["t-1234", "p-1234"]);
});
