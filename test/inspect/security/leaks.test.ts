/** What servers say by accident, and how little of it is said again. */
import { describe, expect, test } from "vitest";
import { securityChecks } from "../../../src/inspect/security/checks.js";
import { frame, startRaw, switching } from "../../e2e/raw-server.js";
import { lookAt, type Seen } from "../looking.js";

const check = securityChecks.filter(({ rule }) => rule.id === "PS");

/** Looks at a server that sends these messages, with these header lines in its 101. */
async function hear(messages: readonly (string | Buffer)[], lines: readonly string[] = []) {
  const { url } = await startRaw({
    answer: (head) => switching(head, ...lines),
    upgraded: (socket) => {
      for (const message of messages) socket.write(large(message));
      socket.end(frame(8));
    },
  });
  return lookAt(url, check, { watch: 3000 });
}

/** A frame of text of less than 64 KiB. */
function large(message: string | Buffer): Buffer {
  const bytes = Buffer.from(message);
  if (bytes.length < 126) return frame(1, bytes);
  const head = Buffer.from([0x81, 126, 0, 0]);
  head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
}

async function refused(body: string, ...lines: readonly string[]): Promise<Seen> {
  const { url } = await startRaw({
    answer: () =>
      ["HTTP/1.1 500 Oh", `Content-Length: ${body.length}`, ...lines, "", body].join("\r\n"),
  });
  return lookAt(url, check);
}

const key = "AKIAIOSFODNN7EXAMPLE";

test.each<[string, string, string, string]>([
  ["private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow", "fail", "critical"],
  ["AWS access key", `{"id":"${key}"}`, "fail", "high"],
  ["JWT", `{"t":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdef"}`, "warn", "low"],
  ["card number", `{"card":"4111 1111 1111 1111"}`, "warn", "medium"],
  ["card number", `{"card":378282246310005}`, "warn", "medium"],
  ["stack trace", "at com.acme.Chat.open(Chat.java:42)", "warn", "medium"],
  ["stack trace", "Traceback (most recent call last):\n", "warn", "medium"],
  ["stack trace", "at Object.<anonymous> (/srv/app/index.js:3:7)", "warn", "medium"],
  ["stack trace", "at Acme.Hub.Open(String id) in C:\\src\\Hub.cs:line 12", "warn", "medium"],
  ["stack trace", "goroutine 17 [running]:\nmain.main()", "warn", "medium"],
  ["stack trace", "Fatal error: Uncaught Error in /srv/www/a.php on line 3", "warn", "medium"],
  ["error of a database", "You have an error in your SQL syntax; check", "warn", "medium"],
  ["error of a database", "SQLSTATE[42000]: Syntax error", "warn", "medium"],
  ["error of a database", 'ERROR: syntax error at or near "FROM"', "warn", "medium"],
  ["debug page", "java.lang.NullPointerException: null", "warn", "low"],
  ["debug page", "System.NullReferenceException: Object", "warn", "low"],
  ["private address", `{"node":"10.12.0.7"}`, "warn", "low"],
  ["private address", `{"node":"172.31.255.4:8080"}`, "warn", "low"],
  ["internal host name", `{"node":"chat-7.prod.internal"}`, "warn", "low"],
  ["e-mail address", `{"from":"alice@mail.example"}`, "info", "info"],
])("%s is found in %s", async (name, message, verdict, severity) => {
  const seen = await hear(["hello", message]);
  expect(seen.findings).toMatchObject([{ case: name, verdict, severity }]);
  expect(seen.findings[0]!.evidence[0]).toMatch(/^in message 2, at character \d+: "/);
});

test("what only looks like it is let be", async () => {
  const seen = await hear([
    '{"ts":1700000000000,"id":4111111111111112,"v":"1.10.0.0","order":"1234567890123456"}',
    '{"ip":"10.300.1.1","other":"172.32.0.1","at":"at noon","local":true,"host":"www.example.com"}',
  ]);
  expect(seen.verdicts).toEqual({ PS: "pass" });
  expect(seen.findings[0]!.message).toContain("the headers, 2 messages");
  expect(seen.handshakes).toBe(1);
});

describe("the rest of what came", () => {
  test("headers are looked through, but for those that are the client's own", async () => {
    const seen = await hear(
      [],
      ["X-Backend: 10.0.0.4", "Set-Cookie: t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdef"],
    );
    expect(seen.findings).toMatchObject([{ case: "private address" }]);
    expect(seen.findings[0]!.evidence).toEqual([
      'in the header X-Backend, at character 0: "10.0…" and 4 more characters',
    ]);
  });

  test("the body of a refusal is, unless it is compressed", async () => {
    const trace = "<pre>at Object.open (/srv/app.js:1:2)</pre>";
    expect((await refused(trace)).findings).toMatchObject([{ case: "stack trace" }]);
    const packed = await refused(trace, "Content-Encoding: gzip");
    expect(packed.findings).toMatchObject([{ verdict: "pass" }]);
    expect(packed.findings[0]!.message).toContain("not the body, which is compressed");
  });
});

test("secrets are shown by their first letters only, and few of many", async () => {
  const seen = await hear([`${key} `.repeat(50)]);
  const [found] = seen.findings;
  expect(JSON.stringify(found)).not.toContain(key.slice(0, 5));
  expect(found!.message).toContain("50 times");
  expect(found!.evidence).toHaveLength(6);
  expect(found!.evidence[5]).toBe("and 45 more");
});

test("a flood made to be slow to search is searched", async () => {
  const seen = await hear(
    ["at ", "eyJa-", "4 1-", "a.b-", "in x:line ", "1.1.", "a@b."].map((part) =>
      part.repeat(Math.floor(36_000 / part.length)),
    ),
  );
  expect(seen.verdicts["PS"]).toBe("pass");
  expect(seen.findings[0]!.message).toContain("7 messages");
});

describe("what it was given", () => {
  const cookie = "sid=Zm9vYmFyYmF6cXV4MTIzNDU2";
  const token = "v3ry-s3cret-t0ken-0123456789";
  const options = { request: { cookie, authorization: `Bearer ${token}` } };

  test.each<[string, readonly string[], readonly string[], string]>([
    ["the cookie in a message", ['{"sid":"Zm9vYmFyYmF6cXV4MTIzNDU2"}'], [], "in message 1"],
    ["the token in a header", [], [`X-Debug: ${token}`], "in the header X-Debug"],
  ])("%s is told to be said back, and not shown", async (_what, messages, lines, where) => {
    const { url } = await startRaw({
      answer: (head) => switching(head, ...lines),
      upgraded: (socket) => {
        for (const message of messages) socket.write(large(message));
        socket.end(frame(8));
      },
    });
    const { findings } = await lookAt(url, check, { watch: 1000, options });
    const found = findings.find((finding) => finding.case === "said back");
    expect(found).toMatchObject({ verdict: "warn", severity: "low" });
    expect(found?.message).toContain(where);
    expect(JSON.stringify(findings)).not.toMatch(/Zm9vYmFy|t0ken/);
  });

  test("is not said back where only its scheme, or a fresh cookie, is named", async () => {
    const { url } = await startRaw({
      answer: (head) => switching(head, `Set-Cookie: ${cookie}`, "X-Auth: Bearer"),
      upgraded: (socket) => socket.end(frame(8)),
    });
    expect((await lookAt(url, check, { watch: 1000, options })).verdicts).toEqual({ PS: "pass" });
  });
});
