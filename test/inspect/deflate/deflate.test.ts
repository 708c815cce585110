/** Shows what is said of how servers negotiate permessage-deflate. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../src/findings/finding.js";
import { deflateChecks } from "../../../src/inspect/deflate/checks.js";
import { costOf } from "../../../src/inspect/selection.js";
import { parametersOf } from "../../../src/inspect/deflate/parameters.js";
import { closeInKind, onFrames, startRaw, switching } from "../../e2e/raw-server.js";
import { startWsEcho } from "../../support/servers.js";
import { lookAt } from "../looking.js";

/** What the request offers. */
function offerIn(head: string): string | undefined {
  return /^sec-websocket-extensions: *(.*)\r$/im.exec(head)?.[1];
}

/** A server that answers each offer as it is told: an extension, nothing, or a whole other head. */
async function findingsOf(
  answer: (offer: string) => string | undefined,
  hangs = false,
): Promise<readonly Finding[]> {
  const server = await startRaw({
    answer: (head) => {
      const offer = offerIn(head);
      if (offer === undefined) return switching(head);
      const answered = answer(offer);
      if (answered === undefined && hangs) return undefined;
      if (answered?.startsWith("HTTP/")) return answered;
      if (answered === undefined) return switching(head);
      return switching(head, `Sec-WebSocket-Extensions: ${answered}`);
    },
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload)),
  });
  const seen = await lookAt(server.url, deflateChecks);
  expect(seen.handshakes - 1).toBeLessThanOrEqual(costOf(deflateChecks).handshakes);
  return seen.findings;
}

/** A server that knows the rules: it takes the first offer that is legal, and confirms what it must. */
function lawful(offer: string): string | undefined {
  for (const member of offer.split(", ")) {
    const [, ...parameters] = member.split("; ");
    const names = parameters.map((parameter) => parameter.split("=")[0]);
    const isKnown = names.every((name) => /^(?:client|server)_max_window_bits$/.test(name ?? ""));
    const isOnce = new Set(names).size === names.length;
    const bits = /server_max_window_bits=(\d+)/.exec(member)?.[1];
    const isInRange = bits === undefined || /^(?:[89]|1[0-5])$/.test(bits);
    if (!isKnown || !isOnce || !isInRange) continue;
    return `permessage-deflate${bits === undefined ? "" : `; server_max_window_bits=${bits}`}`;
  }
  return undefined;
}

describe("a server that is right", () => {
  test("passes with a line for each of the eight cases", async () => {
    const [finding, ...others] = await findingsOf(lawful);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ verdict: "pass" });
    expect(finding!.evidence).toEqual([
      "bare: accepted as permessage-deflate",
      "client_max_window_bits: accepted as permessage-deflate",
      "server_max_window_bits=8: accepted as permessage-deflate; server_max_window_bits=8",
      "server_max_window_bits=9: accepted as permessage-deflate; server_max_window_bits=9",
      "server_max_window_bits=15, client's quoted: accepted as permessage-deflate; server_max_window_bits=15",
      "values out of range: declined",
      "duplicate and unknown parameters: declined",
      "fallback: accepted as permessage-deflate",
    ]);
  });

  test("and declines everything passes, and so does one that takes what it may unasked", async () => {
    expect(await findingsOf(() => undefined)).toMatchObject([
      { verdict: "pass", message: expect.stringMatching(/no compression/) },
    ]);
    const unasked =
      "permessage-deflate; server_max_window_bits=8; server_no_context_takeover; client_no_context_takeover";
    const found = await findingsOf((offer) => lawful(offer) && unasked);
    expect(found).toMatchObject([{ verdict: "pass" }]);
  });

  test("may hang up on offers that are not legal", async () => {
    const found = await findingsOf((offer) => lawful(offer) ?? "HTTP/1.1 400 Bad\r\n\r\n");
    expect(found).toMatchObject([{ verdict: "pass" }]);
    expect(found[0]!.evidence).toContain("values out of range: 400 Bad");
  });
});

describe("a server that is wrong is told, by the case", () => {
  test.each<[string, string, RegExp]>([
    [
      "client bits unasked",
      "; client_max_window_bits=15",
      /client_max_window_bits was not offered/,
    ],
    ["a window of 7", "; server_max_window_bits=7", /is "7", not 8 to 15/],
    ["a window of 16", "; server_max_window_bits=16", /is "16", not 8 to 15/],
    ["a leading zero", "; server_max_window_bits=08", /is "08", not 8 to 15/],
    ["no value", "; server_max_window_bits", /has no value/],
    ["a value too many", "; server_no_context_takeover=1", /may have none/],
    ["a parameter of its own", "; x_fast", /"x_fast" does not exist/],
    ["the same twice", "; server_max_window_bits=9; server_max_window_bits=9", /more than once/],
    ["itself twice", ", permessage-deflate", /came 2 times/],
  ])("%s", async (_what, parameters, message) => {
    const found = await findingsOf((offer) =>
      offer === "permessage-deflate" ? `permessage-deflate${parameters}` : undefined,
    );
    expect(found).toMatchObject([{ case: "bare", verdict: "fail", severity: "high" }]);
    expect(found[0]!.message).toMatch(message);
    expect(found[0]!.repro).toContain("Sec-WebSocket-Extensions: permessage-deflate");
  });

  test("that accepts without a word of what was asked for", async () => {
    const found = await findingsOf(() => "permessage-deflate");
    expect(found.map(({ case: which, severity }) => [which, severity])).toEqual([
      ["server_max_window_bits=8", "high"],
      ["server_max_window_bits=9", "high"],
      ["server_max_window_bits=15, client's quoted", "high"],
      ["values out of range, duplicate and unknown parameters", "medium"],
    ]);
  });

  test("that takes more than it was offered", async () => {
    const found = await findingsOf((offer) =>
      /client_max_window_bits="10"/.test(offer)
        ? "permessage-deflate; server_max_window_bits=15; client_max_window_bits=11"
        : offer.endsWith("bits=9")
          ? "permessage-deflate; server_max_window_bits=10"
          : undefined,
    );
    expect(found.map(({ message }) => message).join("\n")).toMatch(
      /server_max_window_bits is 10, and was offered as 9[\s\S]*client_max_window_bits is 11, and was offered as 10/,
    );
  });

  test("that breaks: 5xx for a legal offer is graver than for another", async () => {
    const found = await findingsOf(() => "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
    expect(found.map(({ verdict, severity }) => [verdict, severity])).toEqual([
      ["fail", "high"],
      ["fail", "medium"],
    ]);
    // Each of them says what it is about.
    expect(found[0]!.case).toMatch(/^bare, client_max_window_bits, .*, fallback$/);
    expect(found[0]!.evidence).toHaveLength(6);
    expect(found[0]!.evidence[0]).toBe("bare: 500 Oops");
    expect(found[1]!.case).toBe("values out of range, duplicate and unknown parameters");
  });

  test("that hangs is left alone after two silences", async () => {
    const server = await startRaw({
      answer: (head) => (head.includes("permessage-deflate") ? undefined : switching(head)),
    });
    const { findings, handshakes } = await lookAt(server.url, deflateChecks, {
      options: { timeouts: { total: 400 } },
    });
    expect(handshakes).toBe(3);
    expect(findings.map(({ case: which, verdict }) => [which, verdict])).toEqual([
      ["bare, client_max_window_bits", "warn"],
      ["untried", "inconclusive"],
    ]);
  });

  test("that refuses legal offers, or takes too long over one", async () => {
    const refused = await findingsOf((offer) =>
      offer.includes("x_wsctl=1, permessage-deflate") ? "HTTP/1.1 400 Bad\r\n\r\n" : undefined,
    );
    expect(refused).toMatchObject([{ case: "fallback", verdict: "warn", severity: "low" }]);
    const hung = await findingsOf(
      (offer) => (offer === "permessage-deflate" ? undefined : "permessage-nothing"),
      true,
    );
    expect(hung).toMatchObject([{ case: "bare", verdict: "warn", severity: "medium" }]);
  });
});

describe("ws", () => {
  test("with compression refuses offers that it cannot take, which is legal only where they are not", async () => {
    const server = await startWsEcho({ ws: { perMessageDeflate: true } });
    const { findings } = await lookAt(server.url, deflateChecks);
    // One bad offer in the list makes it refuse the whole handshake.
    expect(findings).toMatchObject([{ case: "fallback", verdict: "warn", severity: "low" }]);
  });

  test("without compression passes", async () => {
    const server = await startWsEcho();
    const { findings } = await lookAt(server.url, deflateChecks);
    expect(findings).toMatchObject([{ verdict: "pass" }]);
  });
});

test("a server that refuses the WebSocket is not judged", async () => {
  const server = await startWsEcho({ refuse: 403 });
  const { findings } = await lookAt(server.url, deflateChecks);
  expect(findings).toMatchObject([{ verdict: "inconclusive" }]);
});

test("any answer can be read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary-ascii", maxLength: 200 }), (text) => {
      for (const parameters of parametersOf(`permessage-deflate; a="${text}`)) {
        for (const [name] of parameters) expect(name).toBe(name.toLowerCase());
      }
    }),
    { numRuns: 200 },
  );
  expect(parametersOf('x, permessage-deflate; a="1,\\"2;"; b ; c = 3, Permessage-Deflate')).toEqual(
    [
      [
        ["a", '1,"2;'],
        ["b", undefined],
        ["c", "3"],
      ],
      [],
    ],
  );
});

test.each([401, 429, 503])("%i is for another reason than the offer", async (status) => {
  const findings = await findingsOf(() => `HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
  expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(["inconclusive"]));
});
