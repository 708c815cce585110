import { describe, expect, test } from "vitest";
import type { Accepted } from "../../src/findings/baseline.js";
import { fingerprintOf } from "../../src/findings/finding.js";
import type { Severity } from "../../src/findings/severity.js";
import { parseTarget } from "../../src/dial/target.js";
import { Asker, type AskerBase } from "../../src/inspect/asker.js";
import type { Check, Observation } from "../../src/inspect/check.js";
import { Pace } from "../../src/inspect/pace.js";
import { runChecks } from "../../src/inspect/runner.js";
import type { Subject } from "../../src/inspect/subject.js";
import { closeInKind, onFrames, refusingPort, startRaw, switching } from "../e2e/raw-server.js";
import { lookAt } from "./looking.js";

const passed: Observation = { verdict: "pass", message: "all is well" };

function check(
  id: string,
  run: Check["run"],
  more: Partial<Omit<Check, "rule">> & { readonly severity?: Severity } = {},
): Check {
  const { severity = "medium", ...rest } = more;
  const rule = { id, title: id, severity, source: "practice", why: "why", fix: "fix" };
  return { rule, tier: "default", needs: "open", cost: { handshakes: 2 }, run, ...rest };
}

async function open() {
  return startRaw({
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload)),
  });
}

describe("no check passes by not running", () => {
  test.each<[string, Check, RegExp]>([
    ["one that throws", check("T-1", () => Promise.reject(new Error("boom"))), /boom/],
    [
      "one that throws at once",
      check("T-1", () => {
        throw new TypeError("boom");
      }),
      /boom/,
    ],
    ["one that says nothing", check("T-1", async () => []), /came to no result/],
    [
      "one that cannot say whether it has a place",
      check("T-1", async () => [passed], {
        skip: () => {
          throw new Error("boom");
        },
      }),
      /boom/,
    ],
    [
      "one that asks for more than its budget",
      check("T-1", async ({ asker }) => {
        for (let asked = 0; asked < 3; asked++) await asker.ask();
        return [passed];
      }),
      /the budget of 2 handshakes is spent/,
    ],
    [
      "one that does not mind that its budget is spent",
      check("T-1", async ({ asker }) => {
        for (let asked = 0; asked < 3; asked++) await asker.ask().catch(() => undefined);
        return [passed];
      }),
      /wanted more of the server than it may ask for/,
    ],
    [
      "one that reports what a server cannot be asked",
      check("T-1", async ({ asker }) => {
        await asker.ask({ request: { subprotocols: ["a b"] } });
        return [passed];
      }),
      /could not be looked at/,
    ],
  ])("%s is inconclusive", async (_what, one, said) => {
    const { verdicts, findings } = await lookAt((await open()).url, [one]);
    expect(verdicts).toEqual({ "T-1": "inconclusive" });
    expect(findings).toMatchObject([{ verdict: "inconclusive", severity: "info" }]);
    expect(findings[0]?.message).toMatch(said);
  });

  test("what stands against the server is told even where the budget was spent", async () => {
    const one = check("T-1", async ({ asker }) => {
      for (let asked = 0; asked < 3; asked++) await asker.ask().catch(() => undefined);
      return [{ verdict: "fail", message: "bad" }, passed];
    });
    const { verdicts, findings } = await lookAt((await open()).url, [one]);
    expect(verdicts).toEqual({ "T-1": "fail" });
    expect(findings.map(({ verdict }) => verdict)).toEqual(["fail", "inconclusive"]);
  });

  test("nor where the first exchange did not come far enough", async () => {
    const all = (["nothing", "connection", "answer", "switch", "open"] as const).map((needs) =>
      check(needs, async () => [passed], { needs }),
    );
    const verdictsAt = async (url: string): Promise<string[]> => {
      const { verdicts } = await lookAt(url, all, { options: { timeouts: { total: 1000 } } });
      return all.map(({ rule }) => verdicts[rule.id] ?? "missing");
    };
    const silent = await startRaw({ answer: () => undefined });
    const refusing = await startRaw({ answer: () => "HTTP/1.1 403 No\r\n\r\n" });
    const wrong = await startRaw({ answer: () => "HTTP/1.1 101 X\r\n\r\n" });
    const not = "inconclusive";
    expect(await verdictsAt(`ws://127.0.0.1:${await refusingPort()}`)).toEqual([
      "pass",
      not,
      not,
      not,
      not,
    ]);
    expect(await verdictsAt(silent.url)).toEqual(["pass", "pass", not, not, not]);
    expect(await verdictsAt(refusing.url)).toEqual(["pass", "pass", "pass", not, not]);
    expect(await verdictsAt(wrong.url)).toEqual(["pass", "pass", "pass", "pass", not]);
    expect(await verdictsAt((await open()).url)).toEqual(["pass", "pass", "pass", "pass", "pass"]);
  });

  test("nor when the inspection is ended: neither the one under way nor those after it", async () => {
    const abort = new AbortController();
    let ran = 0;
    const checks = [
      check("T-1", async () => [passed]),
      check("T-2", async () => {
        abort.abort();
        return [passed];
      }),
      check("T-3", async () => {
        ran++;
        return [passed];
      }),
    ];
    const { verdicts } = await lookAt((await open()).url, checks, { signal: abort.signal });
    expect(verdicts).toEqual({ "T-1": "pass", "T-2": "inconclusive", "T-3": "inconclusive" });
    expect(ran).toBe(0);
  });

  test("one that has no place here is skipped, and says why", async () => {
    const one = check("T-1", async () => [passed], { skip: () => "there is no TLS" });
    const { verdicts, findings } = await lookAt((await open()).url, [one]);
    expect(verdicts).toEqual({ "T-1": "skip" });
    expect(findings).toMatchObject([{ verdict: "skip", message: "there is no TLS" }]);
  });
});

describe("findings", () => {
  async function run(seen: readonly Observation[], accepted: Accepted = new Map()) {
    const { url } = await open();
    const target = parseTarget(url);
    const signal = new AbortController().signal;
    const base: AskerBase = { target, options: {}, pace: new Pace(0), signal };
    const asker = new Asker(base, { handshakes: 1 });
    const baseline = await asker.ask();
    await asker.settle();
    const given = {
      allowedOrigin: undefined,
      otherPath: undefined,
      expiredToken: undefined,
      logoutUrl: undefined,
    };
    const subject: Omit<Subject, "asker"> = { target, options: {}, given, baseline, signal };
    const checks = [check("T-1", async () => seen), check("T-2", async () => [passed])];
    const order: string[] = [];
    const outcome = await runChecks(checks, {
      base,
      subject,
      accepted,
      onCheck: ({ rule }, index) => order.push(`${index} ${rule.id}`),
    });
    expect(order).toEqual(["0 T-1", "1 T-2"]);
    return outcome;
  }

  test("stand the worst first, the accepted ones last, and else in the order of the catalogue", async () => {
    const { findings, checks } = await run(
      [
        passed,
        { verdict: "warn", case: "known", severity: "critical", message: "known" },
        { verdict: "info", message: "info" },
        { verdict: "warn", severity: "low", message: "low" },
        { verdict: "fail", severity: "low", message: "failed a little" },
        { verdict: "inconclusive", message: "unsure" },
        { verdict: "warn", case: "other", severity: "high", message: "high" },
        { verdict: "fail", severity: "critical", message: "failed" },
      ],
      new Map([
        [fingerprintOf("T-1", "known", "warn"), "critical"],
        [fingerprintOf("T-2", "", "pass"), "critical"],
      ]),
    );
    expect(findings.map(({ message }) => message)).toEqual([
      "failed",
      "failed a little",
      "high",
      "low",
      "unsure",
      "info",
      "all is well",
      "all is well",
      "known",
    ]);
    expect(findings.filter(({ accepted }) => accepted).map(({ message }) => message)).toEqual([
      "known",
    ]);
    expect(checks.map(({ verdict }) => verdict)).toEqual(["fail", "pass"]);
  });

  test("have the severity of their rule only where they stand against the server", async () => {
    const { findings } = await run([
      { verdict: "fail", message: "a" },
      { verdict: "info", severity: "critical", message: "b" },
    ]);
    expect(findings.map(({ severity }) => severity)).toEqual(["medium", "info", "info"]);
  });

  test("are harmless and bounded, whatever a check passes on", async () => {
    const hostile = `\u001b[2J\n${"x".repeat(100_000)}`;
    const { findings } = await run([
      {
        verdict: "fail",
        case: hostile,
        message: hostile,
        evidence: Array.from({ length: 1000 }, () => hostile),
        why: hostile,
        fix: hostile,
        repro: "echo \u001b[2J",
      },
    ]);
    const text = JSON.stringify(findings);
    expect(text.length).toBeLessThan(60_000);
    expect(text).not.toMatch(/\\u001b|\\n/);
  });

  test("show the request again as a command", async () => {
    const { url } = await startRaw({ answer: (head) => switching(head) });
    const one = check("T-1", async ({ asker }) => {
      const reply = await asker.ask({ request: { cookie: "sid=1234567890" } });
      return [{ verdict: "fail", message: "x", request: reply.request }];
    });
    const { findings } = await lookAt(url, [one]);
    expect(findings[0]?.repro).toMatch(/^curl -isS .* -H 'Cookie: \w+=SECRET' .*http:\/\/127/);
  });
});
