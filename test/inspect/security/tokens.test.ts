/** What a server makes of tokens that are none, wherever they ride. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { describe, expect, test } from "vitest";
import { securityChecks } from "../../../src/inspect/security/checks.js";
import { closeInKind, onFrames, switching } from "../../e2e/raw-server.js";
import { makeCertificates } from "../../support/certificates.js";
import { type Looking, lookAt, type Seen } from "../looking.js";
import { type Sentence, startGuarded, tokenOf, type Verifying, verifies } from "./guard.js";

const token = tokenOf();
const expiredToken = tokenOf({ isExpired: true });
const bearer: Looking = { options: { request: { authorization: `Bearer ${token}` } } };

function only(id: string) {
  return securityChecks.filter(({ rule }) => rule.id === id);
}

function bearerIn(head: string): string | undefined {
  return /^authorization: bearer (\S+)/im.exec(head)?.[1];
}

/** Rule, case, verdict and severity of all that did not pass. */
function told({ findings }: Seen): string[] {
  return findings
    .filter(({ verdict }) => verdict !== "pass")
    .map((each) => `${each.case}: ${each.verdict} ${each.severity}`)
    .toSorted();
}

function noSecrets(seen: Seen): void {
  const all = JSON.stringify(seen);
  for (const secret of [token, expiredToken]) expect(all).not.toContain(secret.slice(0, 40));
}

describe("AU-1", () => {
  test("each way to verify too little is found, and none where all is verified", async () => {
    const known: [string, (head: string) => Sentence, readonly string[]][] = [
      ["all", (head) => (verifies(bearerIn(head)) ? "in" : 401), []],
      ["403", (head) => (verifies(bearerIn(head)) ? "in" : 403), []],
      ["any", (head) => (bearerIn(head) ? "in" : 401), ["garbage: fail high"]],
      ["nobody asks", () => "in", ["absent: warn medium"]],
      [
        "late",
        (head) => (verifies(bearerIn(head)) ? "in" : "late"),
        ["absent", "alg none", "expired", "garbage", "wrong signature"].map(
          (c) => `${c}: warn low`,
        ),
      ],
      [
        "400",
        (head) => (verifies(bearerIn(head)) ? "in" : bearerIn(head) ? 401 : 400),
        ["absent: info info"],
      ],
      ["limited", (head) => (verifies(bearerIn(head)) ? "in" : 429), ["absent: inconclusive info"]],
      ...(
        [
          [
            "no signature",
            { signature: false },
            ["alg none: fail high", "wrong signature: fail high"],
          ],
          ["none", { none: true }, ["alg none: fail high"]],
          ["no expiry", { expiry: false }, ["expired: fail medium"]],
        ] satisfies [string, Verifying, readonly string[]][]
      ).map(
        ([name, verifying, wanted]): [string, (head: string) => Sentence, readonly string[]] => [
          name,
          (head) => (verifies(bearerIn(head), verifying) ? "in" : 401),
          wanted,
        ],
      ),
    ];
    await Promise.all(
      known.map(async ([name, guard, wanted]) => {
        const { url } = await startGuarded(guard);
        const seen = await lookAt(url, only("AU-1"), { ...bearer, given: { expiredToken } });
        expect([name, told(seen)]).toEqual([name, wanted]);
        expect(seen.handshakes).toBeLessThanOrEqual(7);
        noSecrets(seen);
      }),
    );
  });

  test("a hanging server passes nothing, and is not waited for again and again", async () => {
    const { url, heads } = await startGuarded((head) => (verifies(bearerIn(head)) ? "in" : "hang"));
    const seen = await lookAt(url, only("AU-1"), bearer);
    expect(seen.verdicts).toEqual({ "AU-1": "inconclusive" });
    expect(heads).toHaveLength(2);
  });

  test("a token is changed wherever it rides, and nothing else lets in", async () => {
    const places: [string, Looking, string, (head: string) => string | undefined][] = [
      ["query", {}, `chat?room=1&token=${token}`, (head) => /[?&]token=([^& ]*)/.exec(head)?.[1]],
      [
        "subprotocol",
        { options: { request: { subprotocols: ["bearer", `bearer.${token}`] } } },
        "",
        (head) => /protocol: bearer, bearer\.(\S+)/i.exec(head)?.[1],
      ],
      [
        "cookie",
        { options: { request: { cookie: `theme=dark; jwt=${token}` } } },
        "",
        (head) => /cookie:.*jwt=(\S+)/i.exec(head)?.[1],
      ],
      [
        "header",
        { options: { request: { headers: [["X-Auth-Token", token]] } } },
        "",
        (head) => /x-auth-token: (\S+)/i.exec(head)?.[1],
      ],
    ];
    await Promise.all(
      places.map(async ([name, looking, path, find]) => {
        const tried: (string | undefined)[] = [];
        const { url, heads } = await startGuarded(
          (head) => {
            tried.push(find(head));
            return verifies(find(head)) ? "in" : 401;
          },
          (head) =>
            /^sec-websocket-protocol/im.test(head) ? ["Sec-WebSocket-Protocol: bearer"] : [],
        );
        const seen = await lookAt(`${url}${path}`, only("AU-1"), {
          ...looking,
          given: { expiredToken },
        });
        expect([name, seen.verdicts["AU-1"]]).toEqual([name, "pass"]);
        expect([name, tried[0], tried[1]]).toEqual([name, token, undefined]);
        expect(tried).toHaveLength(7);
        expect(tried[6]).toBe(token);
        expect(tried[5]).toBe(expiredToken);
        expect(heads[1]).not.toContain(token);
        noSecrets(seen);
      }),
    );
    expect.hasAssertions();
  });

  test("the session beside it is kept, so that what it hides is found", async () => {
    const hasSession = (head: string) => /cookie: sid=alice/i.test(head);
    const known: [string, (head: string) => Sentence, readonly string[]][] = [
      [
        "both, any token",
        (h) => (hasSession(h) && bearerIn(h) ? "in" : 401),
        ["garbage: fail high"],
      ],
      ["both", (h) => (hasSession(h) && verifies(bearerIn(h)) ? "in" : 401), []],
      ["either", (h) => (hasSession(h) ? "in" : 401), ["absent: inconclusive info"]],
      ["neither", () => "in", ["absent: warn medium"]],
      ["busy", (h) => (hasSession(h) ? "in" : 503), ["absent: inconclusive info"]],
    ];
    await Promise.all(
      known.map(async ([name, guard, wanted]) => {
        const { url } = await startGuarded(guard);
        const seen = await lookAt(url, only("AU-1"), {
          options: { request: { authorization: `Bearer ${token}`, cookie: "sid=alice" } },
        });
        expect([name, told(seen)]).toEqual([name, wanted]);
      }),
    );
    expect.hasAssertions();
  });

  test("a client certificate is no nobody: what it lets in is not open to all", async () => {
    const { ca, server, client } = await makeCertificates();
    const app = tls.createServer(
      { ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true },
      (socket) => {
        socket.on("error", () => socket.destroy());
        socket.once("data", (head: Buffer) => {
          socket.write(switching(head.toString("latin1")));
          onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
        });
      },
    );
    app.listen(0, "127.0.0.1");
    await once(app, "listening");
    try {
      const { port } = app.address() as AddressInfo;
      const seen = await lookAt(`wss://127.0.0.1:${port}/`, only("AU-1"), {
        options: {
          tls: { ca: ca.cert, cert: client.cert, key: client.key },
          request: { authorization: `Bearer ${token}` },
        },
      });
      expect(told(seen)).toEqual(["absent: inconclusive info"]);
    } finally {
      app.close();
    }
  });

  test.each([2, 3, 4, 5])("a server that has had enough after %i passes nothing", async (most) => {
    let count = 0;
    const { url } = await startGuarded((head) =>
      ++count <= most && verifies(bearerIn(head)) ? "in" : 403,
    );
    const seen = await lookAt(url, [...only("AU-1"), ...only("AU-2")], bearer);
    expect(seen.verdicts["AU-1"]).toBe("inconclusive");
    expect(seen.verdicts["AU-2"]).toBe("inconclusive");
  });

  test("without a token there is nothing to try", async () => {
    const { url } = await startGuarded(() => "in");
    const seen = await lookAt(url, only("AU-1"), { options: { request: { cookie: "sid=1" } } });
    expect(seen.verdicts).toEqual({ "AU-1": "skip" });
    expect(seen.handshakes).toBe(1);
  });
});

describe("AU-2", () => {
  test("a token in the URL is warned of, and so is a server that takes one there", async () => {
    const inQuery = (name: string) => (head: string) =>
      verifies(bearerIn(head) ?? new RegExp(`[?&]${name}=([^& ]+)`).exec(head)?.[1]) ? "in" : 401;
    const known: [string, (head: string) => Sentence, Looking, string, readonly string[]][] = [
      ["access_token", inQuery("access_token"), bearer, "a?b=c", ["query: warn low"]],
      ["token", inQuery("token"), bearer, "", ["query: warn low"]],
      ["neither", inQuery("other"), bearer, "", []],
      ["everybody", () => "in", bearer, "", ["query: info info"]],
      ["given", () => "in", {}, "?api_key=sesame", ["given URL: warn low"]],
      [
        "limited",
        (head) => (bearerIn(head) ? "in" : 503),
        bearer,
        "",
        ["query: inconclusive info"],
      ],
    ];
    await Promise.all(
      known.map(async ([name, guard, looking, path, wanted]) => {
        const { url } = await startGuarded(guard);
        const seen = await lookAt(`${url}${path}`, only("AU-2"), looking);
        expect([name, told(seen)]).toEqual([name, wanted]);
        expect(seen.handshakes).toBeLessThanOrEqual(5);
        expect(JSON.stringify(seen)).not.toContain("sesame");
        noSecrets(seen);
      }),
    );
    expect.hasAssertions();
  });

  test("is skipped without a token", async () => {
    const { url } = await startGuarded(() => "in");
    expect((await lookAt(url, only("AU-2"))).verdicts).toEqual({ "AU-2": "skip" });
  });
});

describe("AU-3", () => {
  async function offer(value: string, chosen: string | undefined): Promise<Seen> {
    const { url } = await startGuarded(
      () => "in",
      () => (chosen === undefined ? [] : [`Sec-WebSocket-Protocol: ${chosen}`]),
    );
    const headers = [["Sec-WebSocket-Protocol", value]] as const;
    return lookAt(url, only("AU-3"), { options: { request: { headers } } });
  }

  test("a plain name beside a token that browsers can send is right", async () => {
    const seen = await offer(`app.v1, bearer.${token}`, "app.v1");
    expect(seen.verdicts).toEqual({ "AU-3": "pass" });
    expect(seen.handshakes).toBe(1);
  });

  test.each<[string, string, string | undefined, readonly string[]]>([
    ["said back", `bearer.${token}`, `bearer.${token}`, ["answer: info info"]],
    ["none chosen", `app.v1, bearer.${token}`, undefined, ["answer: warn medium"]],
    ["padded base64", "app.v1, auth-c2VjcmV0/w==", "app.v1", ["grammar: warn medium"]],
  ])("%s", async (_name, value, chosen, wanted) => {
    const seen = await offer(value, chosen);
    expect(told(seen)).toEqual(wanted);
    noSecrets(seen);
    expect(JSON.stringify(seen)).not.toContain("c2VjcmV0");
  });

  test("is skipped for plain names, even those that sound secret", async () => {
    expect((await offer("bearer, graphql-auth", "bearer")).verdicts).toEqual({ "AU-3": "skip" });
  });
});

test("AU-1: a header that only the user calls secret is a token like any other", async () => {
  const secretHeaders = new Set(["x-ws"]);
  const request = { headers: [["X-Ws", "blue-42"]] as const };
  const server = await startGuarded((head) => (/^x-ws: \S/im.test(head) ? "in" : 401));
  const seen = await lookAt(server.url, only("AU-1"), {
    options: { request },
    given: { secretHeaders },
  });
  expect(told(seen)).toEqual(["garbage: fail high"]);
  expect(JSON.stringify(seen)).not.toContain("blue-42");
  // Nobody has said so: then it is no token.
  const silent = await lookAt(server.url, only("AU-1"), { options: { request } });
  expect(silent.verdicts).toEqual({ "AU-1": "skip" });
});

test.each(["sid", "PHPSESSID", "connect.sid", "jsessionid", "ticket", "sig", "apikey"])(
  "AU-1 and AU-2: ?%s= is a credential in the URL, and is not shown",
  async (name) => {
    const server = await startGuarded((head) => (head.includes(`${name}=s3ss-1`) ? "in" : 401));
    const url = `${server.url}?page=1&${name}=s3ss-1`;
    const seen = await lookAt(url, [...only("AU-1"), ...only("AU-2")]);
    expect(seen.verdicts).toEqual({ "AU-1": "pass", "AU-2": "warn" });
    expect(JSON.stringify(seen)).not.toContain("s3ss-1");
    expect(server.heads.some((head) => head.startsWith("GET /?page=1 "))).toBe(true);
  },
);

test("what is let in is known apart from what is refused late, by its fingerprint", async () => {
  const known = async (guard: (head: string) => Sentence) => {
    const { findings } = await lookAt((await startGuarded(guard)).url, only("AU-1"), bearer);
    const found = findings.find((each) => each.case === "absent" && each.verdict === "warn");
    return found!.cases[0]!.fingerprint;
  };
  const late = await known((head) => (verifies(bearerIn(head)) ? "in" : "late"));
  expect(await known(() => "in")).not.toBe(late);
});
