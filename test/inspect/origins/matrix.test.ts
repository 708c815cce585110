/** The origin matrix as data, and servers that would make it say what was not seen. */
import { describe, expect, test } from "vitest";
import { parseTarget } from "../../../src/dial/target.js";
import { Asker } from "../../../src/inspect/asker.js";
import { originChecks } from "../../../src/inspect/origins/checks.js";
import { originMatrixOf } from "../../../src/inspect/origins/matrix.js";
import { Pace } from "../../../src/inspect/pace.js";
import { runChecks } from "../../../src/inspect/runner.js";
import { startRaw, switching } from "../../e2e/raw-server.js";
import { lookAt } from "../looking.js";
import { attack, good, victim } from "./attack.js";
import { startCookieApp, valuesOf } from "./cookie-app.js";
import { theirs } from "../../../src/inspect/their-words.js";

/** An inspection by hand: the matrix hangs on its first exchange. */
async function matrixOf(url: string, ids: readonly string[]) {
  const target = parseTarget(url);
  const { signal } = new AbortController();
  const options = victim.options!;
  const base = { target, options, pace: new Pace(0), signal };
  const first = new Asker(base, { handshakes: 1 });
  const baseline = await first.ask();
  await first.settle();
  const given = {
    allowedOrigin: undefined,
    otherPath: undefined,
    expiredToken: undefined,
    logoutUrl: undefined,
  };
  const subject = { target, options, given, baseline, signal };
  const chosen = originChecks.filter(({ rule }) => ids.includes(rule.id));
  await runChecks(chosen, { base, subject, accepted: new Map() });
  return originMatrixOf(subject);
}

describe("the matrix", () => {
  test("has a row for each thing tried, with what came of it", async () => {
    const { url } = await startCookieApp({
      allows: (origin) => origin === good || origin === "null",
    });
    const open = await startCookieApp();
    const [matrix, attacked] = await Promise.all([
      matrixOf(url, ["OR-1", "OR-2", "OR-3"]),
      matrixOf(open.url, ["OR-1"]),
    ]);
    expect(attacked?.rows.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["exact", "pass"],
      ["other site", "fail"],
    ]);
    expect(matrix).toEqual({
      allowed: good,
      control: {
        name: "no credentials",
        origin: good,
        answer: "rejected",
        said: `403 ${theirs("Forbidden")}`,
        verdict: "pass",
      },
      rows: [
        { name: "exact", origin: good, answer: "accepted", said: "101", verdict: "pass" },
        {
          name: "other site",
          origin: "https://evil.example",
          answer: "rejected",
          said: `403 ${theirs("Forbidden")}`,
          verdict: "pass",
        },
        { name: "null", origin: "null", answer: "accepted", said: "101", verdict: "warn" },
        {
          name: "missing",
          origin: undefined,
          answer: "rejected",
          said: `403 ${theirs("Forbidden")}`,
          verdict: "pass",
        },
        {
          name: "empty",
          origin: "",
          answer: "rejected",
          said: `403 ${theirs("Forbidden")}`,
          verdict: "pass",
        },
      ],
    });
  });

  test("is not there when nobody asked", async () => {
    const { url } = await startCookieApp();
    expect(await matrixOf(url, [])).toBeUndefined();
  });
});

describe("nothing passes that was not seen", () => {
  test("an Origin that is not the right one", async () => {
    const looking = { ...victim, given: { allowedOrigin: "https://other.example" } };
    const seen = await attack({ allows: (origin) => origin === good }, looking);
    expect(new Set(Object.values(seen.verdicts))).toEqual(new Set(["inconclusive"]));
    expect(seen.findings[0]!.message).toContain("name the right one with --origin");
    // Each row is asked once, whoever wants it.
    expect(seen.handshakes).toBe(2);
  });

  test("a server that closes whatever it opens", async () => {
    const seen = await attack({ allows: () => false, late: 1011 });
    expect(new Set(Object.values(seen.verdicts))).toEqual(new Set(["inconclusive"]));
  });

  test("a server that has had enough after a while", async () => {
    let count = 0;
    const seen = await attack({ allows: () => ++count < 4 && count !== 3 }, victim, ["OR-4"]);
    expect(seen.verdicts).toEqual({ "OR-4": "inconclusive" });
    expect(seen.findings[0]!.message).toContain("and then so was the allowed Origin");
  });

  test("a server that limits, hangs, or talks nonsense to strangers", async () => {
    const strange: [string, (head: string) => string | undefined][] = [
      ["limits", () => "HTTP/1.1 429 Slow down\r\nContent-Length: 0\r\n\r\n"],
      ["hangs", () => undefined],
      ["nonsense", () => `${"\0".repeat(1000)}\r\n\r\n`],
      ["a fake 101", () => "HTTP/1.1 101 Yes\r\n\r\n"],
      ["a head without end", () => `HTTP/1.1 403 No\r\n${"x-a: b\r\n".repeat(100_000)}`],
    ];
    await Promise.all(
      strange.map(async ([name, answer]) => {
        const { url, heads } = await startRaw({
          answer: (head) => (valuesOf(head, "origin")[0] === good ? switching(head) : answer(head)),
        });
        const seen = await lookAt(url, originChecks, { options: { request: { origin: good } } });
        const all = Object.values(seen.verdicts);
        // Of OR-6, two rows begin with the allowed Origin.
        expect([name, all.slice(0, 5)]).toEqual([name, Array(5).fill("inconclusive")]);
        expect(all).not.toContain("pass");
        expect(heads.length).toBeLessThan(10);
      }),
    );
    expect.assertions(3 * strange.length);
  }, 20_000);
});
