/** Shows that a server without faults passes everything, and that no check asks more than it may. */
import { describe, expect, test } from "vitest";
import { deflateChecks } from "../../../src/inspect/deflate/checks.js";
import { handshakeChecks } from "../../../src/inspect/handshake/checks.js";
import { costOf } from "../../../src/inspect/selection.js";
import { startRaw } from "../../e2e/raw-server.js";
import { startWsEcho } from "../../support/servers.js";
import { lookAt } from "../looking.js";
import { exemplary, http, lookWith, rowsOf, startFaulty } from "./exemplary.js";

const ids = handshakeChecks.map(({ rule }) => rule.id);

test("the list is in the order of the catalogue", () => {
  expect(ids).toEqual([
    "HS-01",
    "HS-02",
    "HS-03",
    "HS-04",
    "HS-05",
    "HS-06",
    "HS-07",
    "HS-08",
    "HS-09",
    "HS-10",
    "HS-11",
    "HS-12",
    "HS-14",
    "HS-15",
    "HS-16",
    "HS-17",
    "HS-18",
  ]);
});

test("every rule says why, what to do, and where it stands", () => {
  for (const { rule } of handshakeChecks) {
    expect(rule.why.length, rule.id).toBeGreaterThan(40);
    expect(rule.fix.length, rule.id).toBeGreaterThan(40);
    expect(rule.source, rule.id).toMatch(/^(?:RFC \d{4} §|practice|OWASP)/);
  }
});

test("a server without faults passes", async () => {
  const { url } = await startFaulty();
  const { verdicts, findings } = await lookAt(url, handshakeChecks, { watch: 20 });
  const right = ids.map((id) => [id, id === "HS-15" || id === "HS-16" ? "skip" : "pass"]);
  expect(verdicts, rowsOf(findings).join("\n")).toEqual(Object.fromEntries(right));
  expect(findings.find(({ rule }) => rule === "HS-07")?.evidence).toEqual([
    "version 8: 426 Upgrade Required with Sec-WebSocket-Version: 13",
    "version 14: 426 Upgrade Required with Sec-WebSocket-Version: 13",
    "version missing: 426 Upgrade Required with Sec-WebSocket-Version: 13",
    "version 13 twice: 426 Upgrade Required with Sec-WebSocket-Version: 13",
    "versions 8 and 13 in one: 426 Upgrade Required with Sec-WebSocket-Version: 13",
    "version 013: 426 Upgrade Required with Sec-WebSocket-Version: 13",
  ]);
});

test.each(ids)("%s asks no more than it declares", async (id) => {
  const { url } = await startFaulty();
  const cost = costOf(handshakeChecks.filter(({ rule }) => rule.id === id)).handshakes;
  const { handshakes } = await lookWith(id, url);
  expect(handshakes - 1).toBeLessThanOrEqual(cost);
});

describe("servers that answer the first exchange, and then misbehave, pass nothing that asks", () => {
  const asking = handshakeChecks.filter(
    ({ cost, needs }) => cost.handshakes > 0 && needs === "switch",
  );
  const first = (then: string): ((head: string) => string) => {
    let isFirst = true;
    return (head) => {
      if (!isFirst) return then;
      isFirst = false;
      return exemplary(head);
    };
  };
  test.each([
    ["are rate limited", http("429 Too Many Requests")],
    ["are overloaded", http("503 Service Unavailable")],
    ["talk garbage", "220 mail.example ESMTP\r\n"],
    ["send a head of 1 MB", `HTTP/1.1 101 X\r\nA: ${"a".repeat(1_000_000)}\r\n\r\n`],
    ["send a thousand headers and more", `HTTP/1.1 101 X\r\n${"A: b\r\n".repeat(1100)}\r\n`],
  ])("%s", async (_what, then) => {
    const { url } = await startRaw({ answer: first(then) });
    const { verdicts, findings } = await lookAt(url, asking);
    expect(Object.values(verdicts), rowsOf(findings).join()).not.toContain("pass");
  });

  test("have lost the session", async () => {
    const { url } = await startRaw({ answer: first(http("401 Unauthorized")) });
    const { verdicts } = await lookAt(url, asking);
    expect(verdicts).toEqual({
      "HS-06": "inconclusive",
      "HS-07": "inconclusive",
      "HS-08": "inconclusive",
      "HS-09": "inconclusive",
      "HS-10": "inconclusive",
      "HS-11": "inconclusive",
      "HS-12": "inconclusive",
    });
  });

  test.each([1, 2, 3, 9, 20, 31])(
    "have had enough after %i: what is refused for that has not passed, nor is it held against them",
    async (most) => {
      let count = 0;
      const { url } = await startFaulty(() => (++count > most ? http("403 Forbidden") : undefined));
      const { verdicts, findings } = await lookAt(url, [...asking, ...deflateChecks]);
      const { "HS-06": _fresh, ...negative } = verdicts;
      expect(Object.values(negative), rowsOf(findings).join("\n")).toEqual(
        Array.from({ length: 7 }, () => "inconclusive"),
      );
      expect(findings.find(({ rule }) => rule === "HS-08")?.message).toContain(
        "a good request after that came to 403 Forbidden",
      );
    },
  );

  test("one good request shows it for all of them, and is in the plan", async () => {
    const { url, heads } = await startFaulty();
    const { handshakes, verdicts } = await lookAt(url, asking);
    expect(new Set(Object.values(verdicts))).toEqual(new Set(["pass"]));
    const alone = asking.reduce((sum, { cost }) => sum + cost.handshakes, 0);
    expect(handshakes).toBe(1 + alone + 1);
    expect(costOf(asking).handshakes).toBe(alone + 1);
    expect(exemplary(heads.at(-1)!)).toContain("101");
  });

  test("hang up", async () => {
    let isFirst = true;
    const { url } = await startRaw({
      answer: (head) => (isFirst ? exemplary(head) : ""),
      upgraded: (socket) => {
        if (!isFirst) socket.destroy();
        isFirst = false;
      },
    });
    const { verdicts } = await lookAt(url, asking);
    expect(verdicts).toEqual({
      "HS-06": "inconclusive",
      "HS-07": "info",
      "HS-08": "info",
      "HS-09": "info",
      "HS-10": "warn",
      "HS-11": "info",
      "HS-12": "info",
    });
  });

  test("are gone", async () => {
    const server = await startWsEcho();
    server.wss.on("connection", () => void server.close());
    const { findings } = await lookWith("HS-08", server.url);
    expect(rowsOf(findings)).toEqual([
      "unreachable | inconclusive | info",
      "untried | inconclusive | info",
    ]);
  });
});

test("a server that begins to answer and hangs is left alone after two silences", async () => {
  let isFirst = true;
  const { url } = await startRaw({
    answer: (head) => {
      const was = isFirst;
      isFirst = false;
      return was ? exemplary(head) : "HTTP/1.1 400 Bad Requ";
    },
  });
  const { findings, handshakes } = await lookWith("HS-08", url);
  expect(handshakes).toBe(3);
  expect(rowsOf(findings)).toEqual(["silent | warn | low", "untried | inconclusive | info"]);
});

test("what cannot be read at first passes nothing", async () => {
  for (const answer of ["", "\0\0\0", "SSH-2.0-x\r\n", "HTTP/1.1 101 X\r\nbroken\r\n\r\n"]) {
    const { url } = await startRaw({ answer: () => answer, upgraded: (socket) => socket.end() });
    const { verdicts } = await lookAt(url, handshakeChecks);
    expect(Object.values(verdicts), JSON.stringify(answer)).not.toContain("pass");
  }
});
