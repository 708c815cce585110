/** Holds the guard of credentials against each kind, right, missing, wrong and forged. */
import { createHmac, generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import type { Mode } from "../../../src/serve/mode.js";
import { connect, guarded, guardsFor, statusOf, upgrade } from "./guarded.js";

const basicOf = (text: string): string =>
  `Authorization: Basic ${Buffer.from(text).toString("base64")}`;

describe("each kind admits what is right, and answers 401 with a challenge to nothing at all", () => {
  test.each<[string, string[], string, string]>([
    ["bearer=s3cret", ["Authorization: Bearer s3cret"], "/", 'Bearer realm="wsctl"'],
    ["bearer=s3cret", ["authorization: bEARER  s3cret"], "/", 'Bearer realm="wsctl"'],
    [
      "basic=ann:pass:wörd",
      [basicOf("ann:pass:wörd")],
      "/",
      'Basic realm="wsctl", charset="UTF-8"',
    ],
    ["cookie=sid=a=b", ["Cookie: x=1; sid=a=b; y"], "/", 'Cookie realm="wsctl", cookie-name="sid"'],
    ["query=token=a b", [], "/?x=1&token=a%20b", 'Query realm="wsctl", parameter="token"'],
    ["subprotocol=t0k", ["Sec-WebSocket-Protocol: chat, t0k"], "/", 'Subprotocol realm="wsctl"'],
  ])("%s", async (value, lines, target, challenge) => {
    const server = await guarded({ auth: value });
    expect((await upgrade(server, lines, target)).status).toMatch(/^HTTP\/1.1 101 /);
    const refused = await upgrade(server);
    expect(refused.status).toBe("HTTP/1.1 401 Unauthorized");
    expect(refused.headers.get("www-authenticate")).toBe(challenge);
    expect(refused.body).toBe('{"error":"credentials are missing"}\n');
    expect(server.truth.total.opened).toBe(1);
  });
});

describe("wrong ones in Authorization are 401", () => {
  test.each<[string, string, string]>([
    ["bearer=s3cret", "Bearer s3cre", 'Bearer realm="wsctl", error="invalid_token"'],
    ["bearer=s3cret", "Bearer s3crett", 'Bearer realm="wsctl", error="invalid_token"'],
    ["bearer=s3cret", "Bearer S3CRET", 'Bearer realm="wsctl", error="invalid_token"'],
    ["bearer=s3cret", "Bearer", 'Bearer realm="wsctl", error="invalid_token"'],
    ["bearer=s3cret", "Bearer s3cret, s3cret", 'Bearer realm="wsctl", error="invalid_token"'],
    ["basic=ann:pw", "Basic YW5uOnB3eA==", 'Basic realm="wsctl", charset="UTF-8"'],
    ["basic=ann:pw", "Basic ann:pw", 'Basic realm="wsctl", charset="UTF-8"'],
    ["basic=ann:pw", "Basic \xff\xfe", 'Basic realm="wsctl", charset="UTF-8"'],
  ])("%s for %j", async (value, sent, challenge) => {
    const refused = await upgrade(await guarded({ auth: value }), [`Authorization: ${sent}`]);
    expect(refused.status).toBe("HTTP/1.1 401 Unauthorized");
    expect(refused.headers.get("www-authenticate")).toBe(challenge);
    expect(refused.body).toBe('{"error":"the credentials are wrong"}\n');
  });

  test("another scheme is no credential at all", async () => {
    const refused = await upgrade(await guarded({ auth: "bearer=s3cret" }), [
      "Authorization: Token s3cret",
    ]);
    expect(refused.body).toBe('{"error":"credentials are missing"}\n');
  });
});

describe("wrong ones elsewhere are 403", () => {
  test.each<[string, string[], string]>([
    ["cookie=sid=right", ["Cookie: sid=wrong"], "/"],
    ["cookie=sid=right", ["Cookie: sid="], "/"],
    ["cookie=sid=right", ['Cookie: sid="right"'], "/"],
    ["query=token=right", [], "/?token=wrong"],
    ["query=token=right", [], "/?token"],
    ["query=token=right", [], "/?token=%E0%A4%A"],
    ["subprotocol=right", ["Sec-WebSocket-Protocol: wrong"], "/"],
    ["subprotocol=right", ["Sec-WebSocket-Protocol: Right"], "/"],
  ])("%s for %j %s", async (value, lines, target) => {
    const refused = await upgrade(await guarded({ auth: value }), lines, target);
    expect(refused.status).toBe("HTTP/1.1 403 Forbidden");
    expect(refused.headers.has("www-authenticate")).toBe(false);
    expect(refused.body).toBe('{"error":"the credentials are wrong"}\n');
  });
});

describe("several of one kind must all be right", () => {
  test.each<[string, string[], string, number]>([
    ["bearer=right", ["Authorization: Bearer right", "Authorization: Bearer wrong"], "/", 401],
    ["bearer=right", ["Authorization: Bearer wrong", "Authorization: Bearer right"], "/", 401],
    ["cookie=sid=right", ["Cookie: sid=right; sid=wrong"], "/", 403],
    ["cookie=sid=right", ["Cookie: sid=wrong", "Cookie: sid=right"], "/", 403],
    ["cookie=sid=right", ["Cookie: sid=right", "Cookie: other=1"], "/", 101],
    ["query=token=right", [], "/?token=right&token=wrong", 403],
    ["query=token=right", [], "/?token=wrong&token=right", 403],
    ["query=token=right", [], "/?token=right&token=right", 101],
  ])("%s for %j %s", async (value, lines, target, status) => {
    expect(await statusOf(await guarded({ auth: value }), lines, target)).toBe(status);
  });
});

describe("any of several kinds suffices", () => {
  const kinds = ["bearer=s3cret", "cookie=sid=right", "jwt=key", "basic=a:b"];

  test("with each of them, whatever else is wrong", async () => {
    const server = await guarded({ auth: kinds });
    expect(await statusOf(server, ["Authorization: Bearer s3cret"])).toBe(101);
    expect(await statusOf(server, ["Authorization: Bearer no", "Cookie: sid=right"])).toBe(101);
    expect(await statusOf(server, [basicOf("a:b")])).toBe(101);
  });

  test("one challenge for each scheme; the refused scheme is told so", async () => {
    const server = await guarded({ auth: kinds });
    expect((await upgrade(server)).headers.get("www-authenticate")).toBe(
      'Bearer realm="wsctl", Cookie realm="wsctl", cookie-name="sid", ' +
        'Basic realm="wsctl", charset="UTF-8"',
    );
    const both = await upgrade(server, ["Authorization: Bearer no", "Cookie: sid=no"]);
    expect(both.status).toBe("HTTP/1.1 401 Unauthorized");
    expect(both.headers.get("www-authenticate")).toContain('error="invalid_token", Cookie');
    expect(await statusOf(server, ["Cookie: sid=no"])).toBe(403);
  });

  test("a challenge that can be answered better comes before 403, in whatever order", async () => {
    const wrong = ["Authorization: Bearer no", "Cookie: sid=no"];
    for (const auth of [kinds, ["cookie=sid=right", "bearer=s3cret"]]) {
      expect(await statusOf(await guarded({ auth }), wrong)).toBe(401);
    }
  });
});

describe("subprotocol", () => {
  test("is echoed, unless the client would rather speak another one that the server speaks", async () => {
    const server = await guarded({ auth: "subprotocol=t0k" }, { subprotocols: ["chat"] });
    const alone = await upgrade(server, ["Sec-WebSocket-Protocol: t0k"]);
    expect(alone.headers.get("sec-websocket-protocol")).toBe("t0k");
    const both = await upgrade(server, ["Sec-WebSocket-Protocol: chat, t0k"]);
    expect(both.headers.get("sec-websocket-protocol")).toBe("chat");
    expect(await statusOf(server, ["Sec-WebSocket-Protocol: chat"])).toBe(403);
  });
});

describe("jwt", () => {
  const key = Buffer.from("the server's own key");
  const now = Math.floor(Date.now() / 1000);
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const forge = (header: unknown, claims: unknown, sign: (text: string) => string): string => {
    const text = `${encode(header)}.${encode(claims)}`;
    return `${text}.${sign(text)}`;
  };
  const hmac = (secret: string | Buffer, algorithm = "sha256") => {
    return (text: string) => createHmac(algorithm, secret).update(text).digest("base64url");
  };
  const presented = async (token: string): Promise<number> => {
    const server = await guarded({ auth: `jwt=${key.toString()}` });
    return statusOf(server, [`Authorization: Bearer ${token}`]);
  };

  test.each(["HS256", "HS384", "HS512"])("signed with %s gets through", async (alg) => {
    const claims = { exp: now + 60, nbf: now - 60 };
    expect(await presented(await new SignJWT(claims).setProtectedHeader({ alg }).sign(key))).toBe(
      101,
    );
  });

  test("without any claim gets through", async () => {
    expect(await presented(forge({ alg: "HS256" }, {}, hmac(key)))).toBe(101);
  });

  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  test.each<[string, string]>([
    ["expired", forge({ alg: "HS256" }, { exp: now - 1 }, hmac(key))],
    ["not valid yet", forge({ alg: "HS256" }, { nbf: now + 60 }, hmac(key))],
    ["an exp that is no number", forge({ alg: "HS256" }, { exp: "never" }, hmac(key))],
    ["another key", forge({ alg: "HS256" }, {}, hmac("another key"))],
    ["an empty key", forge({ alg: "HS256" }, {}, hmac(""))],
    ["alg none", forge({ alg: "none" }, {}, () => "")],
    ["alg nOnE", forge({ alg: "nOnE" }, {}, hmac(key))],
    ["alg none with a signature", forge({ alg: "none" }, {}, hmac(key))],
    ["no alg", forge({}, {}, hmac(key))],
    ["another alg than the one used", forge({ alg: "HS512" }, {}, hmac(key))],
    ["RS256", forge({ alg: "RS256" }, {}, hmac(key))],
    [
      "a public key as secret",
      forge({ alg: "HS256" }, {}, hmac(publicKey.export({ type: "spki", format: "pem" }))),
    ],
    ["unknown critical header", forge({ alg: "HS256", crit: ["x"], x: 1 }, {}, hmac(key))],
    ["claims that are a list", forge({ alg: "HS256" }, [], hmac(key))],
    ["claims that are null", forge({ alg: "HS256" }, null, hmac(key))],
    ["no signature", forge({ alg: "HS256" }, {}, () => "")],
    ["the key itself", key.toString()],
    ["dots", "..."],
    ["nothing", ""],
    ["garbage", "\xff\x80.\xfe.~"],
    ["many parts", "a.".repeat(3000)],
  ])("refuses %s", async (_what, token) => {
    expect(await presented(token)).toBe(401);
  });
});

describe("first-message", () => {
  const failed = [1008, "authentication failed"];

  test.each([
    "s3cret",
    '{"type":"auth","token":"s3cret"}',
    '{"token":"s3cret"}',
    ' { "token" : "s3cret", "more": [1] } ',
  ])("%s lets the messages after it through", async (first) => {
    const server = await guarded({ auth: "first-message=s3cret" });
    const client = await connect(server);
    client.send(first, "hello");
    expect(await client.next()).toBe("hello");
    client.send("s3cret");
    expect(await client.next()).toBe("s3cret");
  });

  test.each([
    "hello",
    "",
    "s3cret ",
    "null",
    "[]",
    '"s3cret"',
    '{"type":"login","token":"s3cret"}',
    '{"token":["s3cret"]}',
    '{"token":null}',
    '{"__proto__":{"token":"s3cret"}}',
    `{"token":"s3cret"}${" ".repeat(20_000)}`,
    "[".repeat(10_000),
  ])("%.40s does not, nor anything after it", async (first) => {
    const heard: string[] = [];
    const mode: Mode = {
      accept(peer) {
        peer.onMessage = (data) => void heard.push(data.toString());
      },
    };
    const server = await guarded({ auth: "first-message=s3cret" }, { mode });
    const client = await connect(server);
    client.send(first, "s3cret", "hello");
    expect(await client.closed).toEqual(failed);
    expect(heard).toEqual([]);
  });

  test("a binary message is not the first message", async () => {
    const client = await connect(await guarded({ auth: "first-message=s3cret" }));
    client.socket.send(Buffer.from("s3cret"));
    expect(await client.closed).toEqual(failed);
  });

  test("the mode does not know of the client until then, and misses nothing of it", async () => {
    let accepted = 0;
    const mode: Mode = {
      accept(peer) {
        accepted++;
        for (let at = 0; at < 1000; at++) peer.send(Buffer.from(`welcome ${at}`), false);
      },
    };
    const server = await guarded({ auth: "first-message=s3cret" }, { mode });
    const client = await connect(server);
    const pong = new Promise((resolve) => client.socket.once("pong", resolve));
    client.socket.ping();
    await pong;
    expect(client.unread).toEqual([]);
    expect(accepted).toBe(0);
    client.send("s3cret");
    for (let at = 0; at < 1000; at++) expect(await client.next()).toBe(`welcome ${at}`);
    expect(accepted).toBe(1);
    expect(server.truth.total.stats().messages).toMatchObject({ sent: 1000, dropped: 0 });
  });

  test("is not asked of whom the request already vouched for", async () => {
    const server = await guarded({ auth: ["first-message=s3cret", "bearer=t0k"] });
    const known = await connect(server, { headers: { authorization: "Bearer t0k" } });
    known.send("hello");
    expect(await known.next()).toBe("hello");
    const wrong = await connect(server, { headers: { authorization: "Bearer no" } });
    wrong.send("hello");
    expect(await wrong.closed).toEqual(failed);
  });
});

describe("values that cannot be meant", () => {
  test.each([
    "",
    "s3cret",
    "=s3cret",
    "token=s3cret",
    "bearer",
    "bearer=",
    "jwt=",
    "basic=s3cret",
    "cookie=s3cret",
    "cookie==s3cret",
    "cookie=sid=",
    "cookie=a b=s3cret",
    'query=a"b=s3cret',
    "query=token=",
    "subprotocol=Bearer s3cret",
    "subprotocol=s3cret,other",
    "first-message=",
    "constructor=s3cret",
  ])("%j", (value) => {
    const error = (() => {
      try {
        return guardsFor({ auth: ["bearer=fine", value] });
      } catch (thrown) {
        return thrown as Error & { hint?: string };
      }
    })();
    expect(error).toMatchObject({
      code: "WSCTL_EUSAGE",
      message: expect.stringContaining("--auth") as string,
    });
    const { message, hint } = error as Error & { hint: string };
    expect(message).not.toContain("s3cret");
    expect(hint.replace("s3cret", "")).not.toContain("other");
  });

  test("a mistyped kind is guessed", () => {
    expect(() => guardsFor({ auth: "beare=x" })).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^did you mean bearer=/) as string }),
    );
  });
});
