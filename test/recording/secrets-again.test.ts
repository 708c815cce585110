/** Shows that secrets are found in what others write of them, and that what is no secret stays. */
import { describe, expect, test } from "vitest";
import { isSecretName } from "../../src/base/secret-name.js";
import type { Header } from "../../src/frame/upgrade.js";
import { parseLine } from "../../src/recording/parse-line.js";
import { redactLine } from "../../src/recording/redact-line.js";
import { Redactor } from "../../src/recording/redactor.js";

const canary = "hunter2SECRETvalue";

function met(request: Header[], response: Header[] = [], target?: string) {
  const redactor = new Redactor();
  return { redactor, shown: redactor.upgrade({ target, request, response }) };
}

function said(redactor: Redactor, text: string, op = 1): string {
  const bytes = Buffer.from(text);
  return (redactor.payload(op, bytes) ?? bytes).toString();
}

describe("an address", () => {
  test.each<[string, string, string?]>([
    ["Location", `/login?token=${canary}&next=https://app.example/`],
    ["Location", `/login?next=https://app.example/&token=${canary}`],
    ["Location", `/cb?state=1#access_token=${canary}`],
    ["Location", `https://h/cb?state=1#access_token=${canary}`],
    ["Location", `/a?next=%2Fb%3Ftoken%3D${canary}`],
    ["Location", `/a?next=%252Fb%253Fx%253D1%2526token%253D${canary}%2526y%253D2`],
    ["Location", `//someone:${canary}@h/`],
    ["Referer", `https://h/?token=abc,${canary}`],
    ["Referer", `https://h/?token=abc'${canary}`],
    ["Refresh", `5; url=/a?token=${canary}`],
    ["Link", `</a?token=${canary}>; rel=next, <https://h/b>; rel=prev`],
    ["X-Original-Url", `https://h/?token=abc,${canary}`],
  ])("%s: %s", (name, value) => {
    const { redactor, shown } = met([], [[name, value]]);
    expect(shown.response[0]![1]).not.toContain(canary);
    expect(said(redactor, `x ${canary} y`)).toBe("x [redacted] y");
  });

  test("that is a target, or holds a token without a name", () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.${canary}.c2ln`;
    const { redactor, shown } = met([], [], `/ws/${token}?state=1#access_token=${canary}`);
    expect(shown.target).toBe("/ws/redacted?state=1#access_token=redacted");
    expect(redactor.url(`ws://h/a?${token}`)).not.toContain(canary);
    const other = token.replace(canary, "x".repeat(9));
    expect(redactor.url(`ws://h/${other}?${other}`)).toBe("ws://h/redacted?redacted");
  });

  test.each(["passcode", "creds", "psw", "SAMLResponse"])("%s is a secret's name", (name) => {
    expect(isSecretName(name)).toBe(true);
  });
});

describe("a secret in a foreign spelling", () => {
  const secret = "ab+c/de=f&g<h>'é!*";
  test.each([
    String.raw`ab\u002Bc/de=f\u0026g\u003Ch\u003E\u0027\u00E9!*`,
    String.raw`ab+c/de\u003df\u0026g\u003ch\u003e\u0027é!*`,
    String.raw`ab+c\/de=f&g<h>'\u00E9!*`,
    String.raw`ab\\u002bc\\\/de=f&g<h>'\u00e9!*`,
    "ab%2Bc%2Fde%3Df%26g%3Ch%3E%27%C3%A9%21%2A",
    "ab%2Bc/de%3Df%26g%3Ch%3E%27%C3%A9%21%2A",
    "ab%2bc%2Fde%3df%26g%3Ch%3e'%E9!*",
    "ab%252Bc%252Fde%253Df%2526g%253Ch%253E%2527%25C3%25A9!*",
    Buffer.from(secret).toString("base64").replaceAll("/", "\\/").replace(/=+$/, ""),
  ])("%s", (form) => {
    const redactor = new Redactor();
    redactor.learn(secret);
    for (const text of [form, `{"a":"${form}","b":1}`, `${"x".repeat(2000)}${form}\\n100%`]) {
      const shown = said(redactor, text);
      expect(shown).toContain("[redacted]");
      expect(shown.length).toBeLessThan(text.length - form.length + 14);
    }
  });

  test.each(["", "x", "yz"])("a short one in base64 behind %j", (before) => {
    const redactor = new Redactor();
    redactor.learn("sixchr");
    const text = Buffer.from(`${before}sixchr`).toString("base64");
    expect(redactor.text(text)).toContain("[redacted]");
  });

  test.each<[string, string]>([
    [`Token token="${canary}"`, canary],
    [`Basic ${Buffer.from("ada:pässwörd9", "latin1").toString("base64")}`, "pässwörd9"],
  ])("of %s", (value, secret_) => {
    const { redactor } = met([["Authorization", value]]);
    expect(said(redactor, `<${secret_}>`)).toBe("<[redacted]>");
  });

  test("cut off at the end of a reason or a ping", () => {
    const token = `eyJhbGciOiJIUzI1NiJ9.${"A".repeat(400)}.sig`;
    const { redactor } = met([["Authorization", `Bearer ${token}`]]);
    const cut = `bad token ${token}`.slice(0, 123);
    expect(redactor.reason(cut)).toBe("bad token [redacted]");
    expect(said(redactor, cut, 9)).toBe(`bad token ${"*".repeat(113)}`);
    expect(redactor.reason("short: eyJhbGci")).toBe("short: eyJhbGci");
    expect(said(redactor, token.slice(0, 300))).not.toContain("A".repeat(50));
  });

  test("among others that announce it in another line", () => {
    const { shown } = met([
      ["Sec-WebSocket-Protocol", "bearer"],
      ["Sec-WebSocket-Protocol", "hunter2-pw"],
    ]);
    expect(shown.request.map(([, value]) => value)).toEqual(["bearer", "[redacted]"]);
  });
});

describe("what is no secret", () => {
  test("is in cookies, and in the name of a user", () => {
    const { redactor, shown } = met([
      ["Cookie", "visits=1234567; theme=default; user=username; session=active; sid=k3Yv9-xQ2"],
      ["Authorization", `Basic ${Buffer.from("username:s3cr3t!").toString("base64")}`],
    ]);
    expect(shown.request[0]![1]).toBe("[redacted]");
    const text = '{"id":1234567,"mode":"default","username":"ada","is":"active"}';
    expect(redactor.payload(1, Buffer.from(text))).toBeUndefined();
    expect(said(redactor, "k3Yv9-xQ2 s3cr3t!")).toBe("[redacted] [redacted]");
  });

  test("JSON stays JSON", () => {
    const redactor = new Redactor({ patterns: ["/99\\d+/"] });
    for (const secret of ["123456789", "password", 'abc"def\\', "k3y-k3y-k3y"])
      redactor.learn(secret);
    const value = { password: "a", id: 123456789, n: [1, -123456789.5, 9912], s: 'x abc"def\\' };
    const shown = JSON.parse(said(redactor, JSON.stringify({ ...value, "k3y-k3y-k3y": 1 })));
    expect(shown).toEqual({
      password: "a",
      id: "[redacted]",
      n: [1, "[redacted]", "[redacted]"],
      // Backslashes are not told from those that escape.
      s: "x [redacted]\\",
      "[redacted]": 1,
    });
  });
});

describe("a declared pattern", () => {
  test.each(["/p\\$ssw0rd-1/", "/\\bhunter2\\b/", "/^hunter2$/"])("%s is not told", (pattern) => {
    expect(new Redactor({ patterns: [pattern, "$.a", "/b/"] }).names).toEqual([
      "/…/",
      "$.a",
      "/…/ 2",
    ]);
  });

  test("hides all its groups", () => {
    const redactor = new Redactor({ patterns: ["/token=(\\w+)|pin=(\\w+)|key: \\w+/"] });
    expect(said(redactor, "pin=123 token=é1 token=abc key: x")).toBe(
      "pin=[redacted] token=é1 token=[redacted] [redacted]",
    );
  });

  test("is found behind a bracket in quotes, and behind a quote that is none", () => {
    const redactor = new Redactor({ patterns: ["$.password"] });
    for (const before of ['error "unexpected {" in ', 'a 5" pipe ', 'it is "a" and ']) {
      expect(said(redactor, `${before}{"password":"hunter2"}`)).toBe(
        `${before}{"password":"[redacted]"}`,
      );
    }
  });

  test("keeps the length of binary", () => {
    const redactor = new Redactor({ patterns: ["$.password", "$.n"] });
    const bytes = Buffer.from('\0\x17{"password":"hunter2","n":5}');
    expect(redactor.payload(2, bytes)!.toString()).toBe('\0\x17{"password":"*******","n":0}');
  });
});

test("of a field that stands in a line twice only the one that counts is left", () => {
  const redactor = new Redactor();
  redactor.learn(canary);
  const raw = `{"t":1,"k":"in","op":1,"data":"${canary}","data":"x"}`;
  expect(redactLine(raw, parseLine(raw), redactor)).toBe('{"t":1,"k":"in","op":1,"data":"x"}');
});

test("hostile secrets and headers cost no more than others", () => {
  const redactor = new Redactor();
  const cookies = Array.from({ length: 15 }, (_, n): Header => [
    "Set-Cookie",
    `s${n}=1${String.fromCharCode(98 + n)}${"a".repeat(4080)}`,
  ]);
  const before = process.cpuUsage().user;
  redactor.upgrade({
    request: [["X-A", "eyJaaaaaaaa-".repeat(20_000)]],
    response: [...cookies, ["X-B", "eyJaaaaaaaa-.".repeat(20_000)]],
  });
  // Naively that is half a minute.
  redactor.payload(1, Buffer.from(`1baaaa ${"a".repeat(1024 * 1024)}`));
  expect((process.cpuUsage().user - before) / 1000).toBeLessThan(3000);
});
