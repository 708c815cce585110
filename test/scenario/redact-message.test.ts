/** Shows that a message is quoted as it came, short and harmless, and without what is secret. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Opcode } from "../../src/frame/opcode.js";
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

test("the secrets among variables and rows of data", () => {
  const values = [
    ["room", "lobby"],
    ["token", "t-1234"],
    ["users", { name: "ann", password: "p-1234", id: 5 }],
  ] as const;
  expect([...secretTexts(values)]).toEqual(["t-1234", "p-1234"]);
});
