/**
 * Shows that a secret which is a plain word, so that no rule but its place tells it from words of
 * ours, is in no page whatever the server says back, and wherever.
 */
import { Chalk } from "chalk";
import { expect, test } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import type { RequestOptions } from "../../src/dial/request.js";
import type { Inspection } from "../../src/findings/inspection.js";
import { inspect } from "../../src/inspect/inspect.js";
import type { Tier } from "../../src/inspect/check.js";
import { inspectionPages } from "../../src/report/inspection/pages.js";
import { frame, onFrames, type RawBehaviour, startRaw, switching } from "../e2e/raw-server.js";

const secret = "swordfish";
/** As a server might put it that knows how others look for it. */
const said = `unknown token ${secret} a"${secret}`;

const lines = [
  `Server: ${said}`,
  `Via: 1.1 ${said}`,
  `X-Powered-By: ${said}`,
  `Retry-After: ${secret}`,
  `Location: /${secret}?a=${secret}#${secret}`,
  `WWW-Authenticate: ${secret} realm="${said}", Bearer realm="${secret}"`,
  `Set-Cookie: a=${secret}; Path=/${secret}; SameSite=${secret}; Domain=${secret}.example`,
  `Alt-Svc: h3="${secret}:443"`,
  `X-Trace: 10.0.0.7 at ${secret} (/srv/${secret}/app.js:1:2)`,
  `Access-Control-Allow-Origin: ${secret}`,
];
const body = `Error: ${said}\n    at ${secret} (/srv/${secret}/app.js:1:2)\nversion: ${said}`;

function http(status: string, ...further: readonly string[]): string {
  return [
    `HTTP/1.1 ${status}`,
    ...lines,
    ...further,
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body,
  ].join("\r\n");
}

const isRight = (head: string): boolean =>
  head.startsWith("GET /chat?") &&
  /^sec-websocket-version: 13\r$/im.test(head) &&
  !/evil/.test(head);

/** Closes with the secret whatever comes. */
const closing: RawBehaviour["upgraded"] = (socket) => {
  const reason = Buffer.concat([Buffer.of(3, 240), Buffer.from(said)]);
  onFrames(socket, () => socket.end(frame(8, reason)));
};

const behaviours: readonly (readonly [string, RawBehaviour])[] = [
  ["refuses", { answer: () => http(`401 ${said}`) }],
  ["fails", { answer: () => http(`500 ${said}`) }],
  ["is limited", { answer: () => http(`429 ${said}`) }],
  ["needs another upgrade", { answer: () => http(`426 ${said}`, `Upgrade: ${said}`) }],
  [
    "redirects",
    { answer: (head) => http(`302 ${said}`, ...(/other/.test(head) ? [] : ["X-Other: 1"])) },
  ],
  [
    "sends elsewhere",
    {
      answer: () =>
        http(`301 ${said}`).replace(/Location: .*/, `Location: wss://${secret}.example/${secret}`),
    },
  ],
  [
    "switches, and says it in every header",
    {
      answer: (head) => switching(head, ...lines),
      upgraded: (socket) => {
        socket.write(frame(1, said));
        closing(socket);
      },
    },
  ],
  [
    "closes at once",
    {
      answer: (head) => switching(head, ...lines),
      upgraded: (socket) => {
        socket.end(frame(8, Buffer.concat([Buffer.of(3, 240), Buffer.from(said)])));
      },
    },
  ],
  [
    "refuses what is wrong, with it",
    {
      answer: (head) =>
        isRight(head)
          ? switching(head, ...lines)
          : http(`400 ${said}`, `Sec-WebSocket-Version: ${secret}`),
      upgraded: closing,
    },
  ],
  [
    "fails at what is wrong, with it",
    {
      answer: (head) => (isRight(head) ? switching(head, ...lines) : http(`500 ${said}`)),
      upgraded: closing,
    },
  ],
  [
    "switches wrongly",
    {
      answer: (head) =>
        switching(head, ...lines)
          .replace("Upgrade: websocket", `Upgrade: ${said}`)
          .replace("Connection: Upgrade", `Connection: ${said}`)
          .replace(/Accept: .*/, `Accept: a"${secret}`),
    },
  ],
  [
    "chooses it",
    {
      answer: (head) =>
        switching(
          head,
          ...lines,
          `Sec-WebSocket-Protocol: ${secret}`,
          `Sec-WebSocket-Extensions: ${secret}; a="${secret}"`,
          `Transfer-Encoding: ${said}`,
        ),
      upgraded: closing,
    },
  ],
  [
    "compresses by it",
    {
      answer: (head) =>
        switching(
          head,
          `Sec-WebSocket-Extensions: permessage-deflate; ${secret}; server_max_window_bits=${secret}`,
        ),
      upgraded: closing,
    },
  ],
  ["speaks no HTTP", { answer: () => `${said}\r\n${said}: ${said}\r\n\r\n` }],
  ["speaks another HTTP", { answer: () => `HTTP/1.0 ${said}\r\n${said}\r\n\r\n` }],
];

const carriers: readonly (readonly [string, RequestOptions, string])[] = [
  ["cookie", { cookie: `sid=${secret}` }, ""],
  ["bearer", { authorization: `Bearer ${secret}` }, ""],
  ["header", { headers: [["X-Api", secret]] }, ""],
  ["subprotocol", { subprotocols: ["access_token", secret] }, ""],
  ["parameter", {}, `&key=${secret}`],
];

const looks: readonly Tier[] = ["default", "origins", "security"];

async function inspected(
  behaviour: RawBehaviour,
  request: RequestOptions,
  query: string,
  tiers: readonly Tier[] = looks,
): Promise<Inspection> {
  const { url } = await startRaw(behaviour);
  return inspect(parseTarget(`${url}chat?a=1${query}`), {
    dial: { timeouts: { total: tiers.length === 1 ? 3000 : 200 }, request },
    selection: { tiers: new Set(tiers), only: [], skip: [] },
    runs: 0,
    spacing: 0,
    given: {
      allowedOrigin: undefined,
      otherPath: undefined,
      expiredToken: undefined,
      logoutUrl: undefined,
      secretHeaders: new Set(["x-api"]),
    },
    accepted: new Map(),
    wsctl: "1.2.3",
    date: new Date("2026-03-04T05:06:07.089Z"),
  });
}

function* pagesOf(inspection: Inspection): Generator<readonly [string, string]> {
  const ink = { chalk: new Chalk({ level: 0 }), width: 400 };
  for (const [kind, page] of Object.entries(inspectionPages)) {
    yield [kind, page({ inspection, failOn: "low", verbose: true }, ink)];
  }
}

function expectSilence(inspection: Inspection, what: string): void {
  for (const [kind, page] of pagesOf(inspection)) {
    const leaks = page.split("\n").filter((line) => line.toLowerCase().includes(secret));
    expect([what, kind, ...leaks.slice(0, 3).map(around)]).toEqual([what, kind]);
    expect(page).not.toMatch(/[\ue000\ue001]/);
  }
}

// All of one test at once: they mostly wait, and servers are closed after each.
const patience = 30_000;

test(
  "what the server says back, wherever it does, is on no page",
  { timeout: patience },
  async () => {
    await Promise.all(
      behaviours.map(async ([what, behaviour]) => {
        const inspection = await inspected(behaviour, { cookie: `sid=${secret}` }, "");
        expect(inspection.findings.length, what).toBeGreaterThan(10);
        expectSilence(inspection, what);
      }),
    );
  },
);

test("nor is it there in whatever the user sent it", { timeout: patience }, async () => {
  await Promise.all(
    carriers.flatMap(([what, request, query]) =>
      [behaviours[0]!, behaviours[8]!].map(async ([, behaviour]) => {
        expectSilence(await inspected(behaviour, request, query, ["default"]), what);
      }),
    ),
  );
});

function around(line: string): string {
  const at = line.toLowerCase().indexOf(secret);
  return line.slice(Math.max(0, at - 200), at + 60);
}

test("words of ours stay, though one is a secret", { timeout: patience }, async () => {
  const answer = (head: string): string =>
    isRight(head) ? switching(head) : "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n";
  const told = async (cookie: string): Promise<string[]> => {
    const { findings } = await inspected({ answer }, { cookie }, "", ["default"]);
    return findings
      .filter(({ rule }) => rule.startsWith("HS"))
      .map(({ rule, message }) => `${rule}: ${message.replace(/[\d.]+ m?s\b/g, "a while")}`);
  };
  const words = ["open", "server", "upgrade", "refused", "answered", "request"];
  const [plain, ...odd] = await Promise.all(["x", ...words].map((word) => told(`sidebar=${word}`)));
  for (const each of odd) expect(each).toEqual(plain);
});
