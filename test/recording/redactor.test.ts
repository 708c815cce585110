/** Shows what is hidden before it is written down, and that all else stays as it was. */
import { describe, expect, test } from "vitest";
import type { Header } from "../../src/frame/upgrade.js";
import { parseLine } from "../../src/recording/parse-line.js";
import { redactLine } from "../../src/recording/redact-line.js";
import { Redactor } from "../../src/recording/redactor.js";

const canary = "c4n4ry-d0-n0t-sh0w";

function opened(request: Header[], response: Header[] = [], target?: string) {
  const redactor = new Redactor();
  return { redactor, shown: redactor.upgrade({ target, request, response }) };
}

function payload(redactor: Redactor, said: string | Buffer, op = 1): string {
  const bytes = Buffer.from(said);
  return (redactor.payload(op, bytes) ?? bytes).toString("latin1");
}

describe("a header", () => {
  test.each<[string, string, string?]>([
    ["Authorization", `Bearer ${canary}`],
    ["authorization", `Basic ${Buffer.from(`someone:${canary}`).toString("base64")}`],
    ["Proxy-Authorization", `Basic ${Buffer.from(`${canary}:`).toString("base64")}`],
    ["Cookie", `a=1; sid=${canary}; b=2`],
    ["Cookie", canary],
    ["Cookie", `sid="${canary}"`],
    ["Cookie", `sid=${canary}%3D`, `${canary}=`],
    ["Set-Cookie", `sid=${canary}; Path=/; HttpOnly`],
    ["X-Api-Key", canary],
    ["Sec-WebSocket-Protocol", `chat, bearer, ${canary}1!`, `${canary}1!`],
    ["Referer", `https://h/?token=${canary}`],
    ["Location", `/login?room=1&token=${canary}`],
    ["Location", `//h/login#access_token=${canary}`],
    ["Origin", `https://someone:${canary}@h`],
    ["X-Original-Url", `see https://h/?a=1;sig=${canary} for more`],
    ["X-Upstream", `Bearer ${canary}`],
    ["X-Whatever", `a eyJhbGciOiJIUzI1NiJ9.${canary}.x`, `eyJhbGciOiJIUzI1NiJ9.${canary}.x`],
  ])("%s: %s", (name, value, secret = canary) => {
    for (const side of ["request", "response"] as const) {
      const { redactor, shown } = opened(
        side === "request"
          ? [
              ["Host", "h"],
              [name, value],
            ]
          : [],
        side === "response"
          ? [
              ["Server", "s"],
              [name, value],
            ]
          : [],
      );
      expect(JSON.stringify(shown)).not.toContain(canary);
      expect(shown[side][1]![0]).toBe(name);
      expect(redactor.names.join()).toMatch(/^[a-z_-]+$/);
      // Wherever it is said from now on.
      for (const said of [
        secret,
        JSON.stringify({ a: secret }),
        `x=${encodeURIComponent(secret)}&y`,
      ]) {
        expect(payload(redactor, said)).not.toContain(canary);
        expect(payload(redactor, said, 2)).not.toContain(canary);
      }
      expect(redactor.text(`closed because of ${secret}`)).toBe("closed because of [redacted]");
    }
  });

  test.each<[string, string]>([
    ["Host", "example.test"],
    ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
    ["Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"],
    ["Sec-WebSocket-Protocol", "graphql-transport-ws, chat"],
    ["WWW-Authenticate", 'Basic realm="x"'],
    ["Origin", "https://example.test"],
    ["Location", "/login?room=1"],
    [":authority", "example.test"],
  ])("%s: %s stays", (name, value) => {
    const { redactor, shown } = opened([[name, value]], [[name, value]]);
    expect(shown).toEqual({
      target: undefined,
      request: [[name, value]],
      response: [[name, value]],
    });
    expect(redactor.names).toEqual([]);
  });

  test("that says what another one hides", () => {
    const { shown } = opened([
      ["X-Tenant", `of ${canary}`],
      ["Authorization", `Bearer ${canary}`],
    ]);
    expect(shown.request[0]).toEqual(["X-Tenant", "of [redacted]"]);
  });
});

describe("an address", () => {
  test.each([
    [`ws://h/?token=${canary}&room=1`, "ws://h/?token=redacted&room=1"],
    [`ws://h/?room=1;token=${canary};x=2`, "ws://h/?room=1;token=redacted"],
    [`ws://someone:${canary}@h/`, "ws://someone:redacted@h/"],
    [`ws://${canary}@h/`, "ws://redacted@h/"],
    [`ws+unix:/s.sock:/x?token=${canary}`, "ws+unix:/s.sock:/x?token=redacted"],
  ])("%s", (url, shown) => {
    const redactor = new Redactor();
    expect(redactor.url(url)).toBe(shown);
    expect(payload(redactor, `said ${canary} again`)).toBe("said [redacted] again");
  });

  test.each([
    [`/?token=${canary}`, "/?token=redacted"],
    [`http://h/a?x=1&%74oken=${canary}`, "http://h/a?x=1&%74oken=redacted"],
    ["h:443", "h:443"],
    ["*", "*"],
    ["/a b?%zz&token", "/a b?%zz&token"],
  ])("the target %s", (target, shown) => {
    const { redactor, shown: opening } = opened([], [], target);
    expect(opening.target).toBe(shown);
    expect(payload(redactor, canary)).toBe(target.includes(canary) ? "[redacted]" : canary);
  });

  test("a parameter is learned as it was written and decoded", () => {
    const { redactor } = opened([], [], "/?token=p%C3%A4ss%2Fw%C3%B6rd");
    expect(redactor.payload(1, Buffer.from('{"a":"päss/wörd"}'))!.toString()).toBe(
      '{"a":"[redacted]"}',
    );
    expect(payload(redactor, "p%c3%a4ss%2fw%c3%b6rd")).toBe("[redacted]");
  });
});

describe("a known secret", () => {
  const secret = 'a/b"c\\d é+?';
  const forms = {
    itself: secret,
    json: JSON.stringify(secret).slice(1, -1),
    "json in json": JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    "json, slashes escaped": String.raw`a\/b\"c\\d é+?`,
    "json, ascii": String.raw`a/b\"c\\d \u00e9+?`,
    percent: encodeURIComponent(secret),
    form: new URLSearchParams({ a: secret }).toString().slice(2),
  };

  test.each(Object.entries(forms))("%s", (_what, form) => {
    const redactor = new Redactor();
    redactor.learn(secret);
    expect(payload(redactor, `<${form}>`)).toBe("<[redacted]>");
  });

  test.each([0, 1, 2, 3, 4, 5])("base64, %i bytes behind the beginning", (before) => {
    const redactor = new Redactor();
    redactor.learn(canary);
    const bytes = Buffer.from(`${"x".repeat(before)}${canary}\xff\xfe`, "latin1");
    for (const encoding of ["base64", "base64url"] as const) {
      const shown = payload(redactor, bytes.toString(encoding));
      expect(Buffer.from(shown, "base64").toString("latin1")).not.toContain(canary.slice(2, -2));
    }
  });

  test("in binary keeps its length, so that what is around it can still be read", () => {
    const redactor = new Redactor();
    redactor.learn(canary);
    const bytes = Buffer.concat([
      Buffer.from([0xff, 18]),
      Buffer.from(canary),
      Buffer.from([0, 0xc3]),
    ]);
    const shown = redactor.payload(2, bytes)!;
    expect(shown).toHaveLength(bytes.length);
    expect(shown.toString("latin1")).toBe(`\xff\x12${"*".repeat(18)}\0\xc3`);
    // Text that is none is looked through too.
    expect(redactor.payload(1, bytes)!.toString("latin1")).toBe("\xff\x12[redacted]\0\xc3");
  });

  test("that is short, or not there, changes nothing", () => {
    const redactor = new Redactor();
    redactor.learn("short");
    redactor.learn("");
    expect(redactor.payload(1, Buffer.from("short"))).toBeUndefined();
    redactor.learn(canary);
    expect(redactor.payload(1, Buffer.from("another thing"))).toBeUndefined();
  });

  test("may hold what means something elsewhere", () => {
    for (const odd of [
      "$&$1$$ ^.*+?()[]{}|/-",
      "\\d\\w\\s\\b",
      "ab\nc\0def",
      "\ud800\ud800abcdef",
    ]) {
      const redactor = new Redactor();
      redactor.learn(odd);
      expect(redactor.text(`<${odd}>`)).toBe("<[redacted]>");
    }
  });

  test("may be long, and there may be many", () => {
    const redactor = new Redactor();
    const long = Array.from({ length: 3000 }, (_, n) => `part${n}`).join("-");
    redactor.learn(long);
    expect(payload(redactor, `<${long}>`)).not.toMatch(/part\d/);
    for (let n = 0; n < 500; n++) {
      redactor.upgrade({ request: [], response: [["Set-Cookie", `sid=value-of-${n}-cookie`]] });
    }
    // The other side cannot push out what is the user's own.
    expect(payload(redactor, long)).not.toMatch(/part\d/);
    expect(payload(redactor, "value-of-499-cookie")).toBe("[redacted]");
  });
});

describe("a declared pattern", () => {
  test.each([
    [
      "$.password",
      '{"user":"a","password":"x","big":12345678901234567890}',
      '{"user":"a","password":"[redacted]","big":12345678901234567890}',
    ],
    [
      "$..pin",
      '[{"pin":1},{"x":{"pin":{"a":2}}}]',
      '[{"pin":"[redacted]"},{"x":{"pin":"[redacted]"}}]',
    ],
    ["/pin=(\\d+)/", "pin=1234 pin=5 pin=", "pin=[redacted] pin=[redacted] pin="],
    ["/\\d{4}/", "1234 5678 9", "[redacted] [redacted] 9"],
    ["/SECRET\\w*/i", "a secretary", "a [redacted]"],
    ["/x*/", "axxb", "a[redacted]b"],
    ["$", "anything", '"[redacted]"'],
  ])("%s in %s", (pattern, said, shown) => {
    const redactor = new Redactor({ patterns: [pattern] });
    expect(payload(redactor, said)).toBe(shown);
    // A regular expression may spell out a secret.
    expect(redactor.names).toEqual([pattern.startsWith("/") ? "/…/" : pattern]);
  });

  test("that spells the secret out is not shown", () => {
    expect(new Redactor({ patterns: [`/${canary}/`] }).names).toEqual(["/…/"]);
  });

  test.each(["password", "/(/", "$.a[", "", "//", "/a/x"])("%j is none", (pattern) => {
    expect(() => new Redactor({ patterns: [pattern] })).toThrow(
      expect.objectContaining({ code: "WSCTL_EUSAGE" }),
    );
  });
});

describe("the reason of a close", () => {
  const redactor = new Redactor({ patterns: ["$.pin", "/pin=(\\d+)/"] });
  const frame = (reason: string | Buffer): Buffer =>
    Buffer.concat([Buffer.from([0x0f, 0xa1]), Buffer.from(reason)]);

  test.each([
    ["pin=1234", "pin=[redacted]"],
    ['{"pin":1234}', '{"pin":"[redacted]"}'],
  ])("%s loses what was declared", (said, shown) => {
    expect(redactor.reason(said)).toBe(shown);
    expect(redactor.payload(8, frame(said))).toEqual(frame(shown));
    const line = `{"t":1,"k":"close","by":"server","code":4001,"reason":${JSON.stringify(said)}}`;
    expect(redactLine(line, parseLine(line), redactor)).toBe(
      `{"t":1,"k":"close","by":"server","code":4001,"reason":${JSON.stringify(shown)}}`,
    );
  });

  test.each([
    ["one without a secret", frame("bye")],
    ["no reason", frame("")],
    ["no code", Buffer.alloc(0)],
    ["half a code", Buffer.from([3])],
  ])("%s stays", (_what, said) => {
    expect(redactor.payload(8, said)).toBeUndefined();
  });

  test("one that is no text loses it too", () => {
    const said = Buffer.concat([Buffer.from([0xff]), Buffer.from("pin=1234")]);
    const shown = redactor.payload(8, frame(said));
    expect(shown).toEqual(frame(Buffer.concat([Buffer.from([0xff]), Buffer.from("pin=****")])));
  });
});

describe("a line that was written before", () => {
  test("loses what is secret, and keeps the spelling of all else", () => {
    const redactor = new Redactor({ patterns: ["$.pin"] });
    const redact = (raw: string): string => redactLine(raw, parseLine(raw), redactor);
    expect(
      redact(
        `{"t":0, "k":"upgrade","status":101,"target":"/?token=${canary}","request":[],"response":[],"x":1e999}`,
      ),
    ).toBe(
      '{"t":0,"k":"upgrade","status":101,"target":"/?token=redacted","request":[],"response":[],"x":1e999}',
    );
    const untouched = ` {"t":1.50,"k":"in","op":1,"data":"a","__proto__":[1e999]}`;
    expect(redact(untouched)).toBe(untouched);
    expect(redact('{"t":1.50,"k":"in","op":1,"data":"{\\"pin\\":7}"}')).toBe(
      String.raw`{"t":1.50,"k":"in","op":1,"data":"{\"pin\":\"[redacted]\"}","redacted":true}`,
    );
    const b64 = Buffer.from(canary).toString("base64");
    const hidden = parseLine(redact(`{"t":1,"k":"in","op":2,"b64":"${b64}"}`));
    expect(hidden).toMatchObject({ b64: Buffer.from("*".repeat(18)).toString("base64") });
    expect(redact(`{"t":1,"k":"mark","text":"${canary}"}`)).toBe(
      '{"t":1,"k":"mark","text":"[redacted]"}',
    );
    // Sizes of what was said would tell how long the secret is; in bytes its mark is as long.
    expect(
      redact('{"t":1,"k":"in","op":1,"data":"{\\"pin\\":7}","wire":12,"frags":[9,1],"rsv1":true}'),
    ).toBe(
      String.raw`{"t":1,"k":"in","op":1,"data":"{\"pin\":\"[redacted]\"}","rsv1":true,"redacted":true}`,
    );
    expect(redact(`{"t":1,"k":"in","op":2,"b64":"${b64}","wire":99}`)).toContain('"wire":99');
    // Marks keep what rules made of a message: text, and bytes such as those of a close frame.
    const mark = '{"t":1,"k":"mark","text":"rule 1: edited"';
    expect(redact(String.raw`${mark},"op":1,"data":"{\"pin\":1234}"}`)).toBe(
      String.raw`${mark},"op":1,"data":"{\"pin\":\"[redacted]\"}","redacted":true}`,
    );
    const closing = (reason: string): string =>
      `${mark},"op":8,"b64":"${Buffer.from(`\x03P${reason}`, "latin1").toString("base64")}"`;
    expect(redact(`${closing(`{"pin":12} ${canary}`)}}`)).toBe(
      `${closing('{"pin":"[redacted]"} [redacted]')},"redacted":true}`,
    );
    expect(redact(`${closing("bye")}}`)).toBe(`${closing("bye")}}`);
    // What later versions call data is a text like any other.
    expect(redact(`{"t":1,"k":"future","data":"${canary}","request":["${canary}"]}`)).toBe(
      '{"t":1,"k":"future","data":"[redacted]","request":["[redacted]"]}',
    );
    const future = `{"t":1,"k":"future","a":[{"__proto__":"${canary}","${canary}":2}],"n":1e999}`;
    expect(redact(future)).toBe(
      '{"t":1,"k":"future","a":[{"__proto__":"[redacted]","[redacted]":2}],"n":1e999}',
    );
  });

  test("stays as it is when it was redacted before: marks are no secrets", () => {
    const redactor = new Redactor({ patterns: ["$.pin"] });
    const lines = [
      '{"t":0,"k":"upgrade","status":101,"target":"/?token=redacted","request":[["Authorization","Bearer [redacted]"],["Cookie","sid=[redacted]"]],"response":[]}',
      String.raw`{"t":1,"k":"in","op":1,"data":"{\"pin\":\"[redacted]\",\"redacted\":\"redacted\"}","redacted":true}`,
      `{"t":2,"k":"in","op":2,"b64":"${Buffer.from("a [redacted] redacted").toString("base64")}"}`,
    ];
    const once = lines.map((raw) => redactLine(raw, parseLine(raw), redactor));
    const twice = once.map((raw) =>
      redactLine(raw, parseLine(raw), new Redactor({ patterns: ["$.pin"] })),
    );
    expect(twice).toEqual(once);
    expect(once.slice(1)).toEqual(lines.slice(1));
  });

  test("whose time looks like a secret stays a line", () => {
    const redactor = new Redactor();
    redactor.learn("123456");
    const raw = '{"t":123456,"k":"mark","text":"123456"}';
    expect(redactLine(raw, parseLine(raw), redactor)).toBe(
      '{"t":123456,"k":"mark","text":"[redacted]"}',
    );
  });
});
