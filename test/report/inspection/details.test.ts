/** Shows how much a page says of what: heads folded, reasons once, long lists as their number. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../src/findings/finding.js";
import type { Inspection } from "../../../src/findings/inspection.js";
import { folded } from "../../../src/report/inspection/fold.js";
import type { Judged } from "../../../src/report/inspection/judgement.js";
import { markdownPage } from "../../../src/report/inspection/markdown.js";
import { textPage } from "../../../src/report/inspection/text.js";
import { eventful, findingOf, inkOf, plain, refused, ruleOf, unreached } from "./inspections.js";

function pageOf(inspection: Inspection, more: Partial<Judged> = {}, width = 80): string {
  return textPage({ inspection, failOn: "high", ...more }, inkOf(width));
}

function withHeader(value: string): Inspection {
  const response = { ...plain.response!, headers: [["X-Long", value] as const] };
  return { ...plain, response };
}

describe("a long header", () => {
  test("is folded under itself, and nothing of it is lost", () => {
    const value = "default-src 'self'; script-src https://cdn.example.com https://other.example";
    expect(pageOf(withHeader(value))).toMatch(
      /^ {13}< X-Long: default-src 'self'; script-src https:\/\/cdn\.example\.com\n {17}https:\/\/other\.example$/m,
    );
  });

  test("is bounded, and says how much is left; -v shows more of it", () => {
    const page = pageOf(withHeader("x".repeat(2000)));
    expect(page.match(/^ +x+$/gm)).toHaveLength(2);
    expect(page).toMatch(/^ {17}… 1 8\d\d more bytes$/m);
    expect(pageOf(withHeader("x".repeat(2000)), { verbose: true })).not.toContain("more bytes");
    const huge = pageOf(withHeader("x".repeat(1_000_000)), { verbose: true });
    expect(huge).toContain("… at least ");
    expect(huge.split("\n").length).toBeLessThan(120);
  });

  test("stays harmless, one byte that is spelled out counts as one", () => {
    const page = pageOf(withHeader(`a\r\n\u001b[2J${"\u0085".repeat(100)}`));
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(page).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(page).toMatch(/… \d\d more bytes/);
  });

  test("is folded among the evidence of a finding too", () => {
    const sent = "sent: Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8";
    const findings = [findingOf("HS-13", { evidence: [sent, "y".repeat(900)] })];
    const page = pageOf({ ...plain, findings });
    expect(page).toMatch(/^ {8}│ sent: .*deflate;\n {8}│ {3}server_max_window_bits=8$/m);
    expect(page).toMatch(/^ {8}│ {3}… 7\d\d more bytes$/m);
  });

  test("is whole in its lines, none of which is longer than the page", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.integer({ min: 12, max: 90 }),
        (text, width) => {
          const lines = folded(text, { width, hang: 2, most: 1000 });
          expect(lines.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("what could not be looked at", () => {
  const untried = (count: number): Partial<Inspection> => {
    const ids = Array.from({ length: count }, (_, index) => `HS-${index + 10}`);
    const message = "not tried: the first exchange came to 403 Forbidden";
    return {
      checks: ids.map((id) => ({ rule: ruleOf(id), verdict: "inconclusive" as const })),
      findings: ids.map((id) =>
        findingOf(id, { verdict: "inconclusive", severity: "info", kind: "not tried", message }),
      ),
    };
  };
  const and = (inspection: Inspection, more: readonly Finding[]): Inspection => {
    return { ...inspection, findings: [...more, ...inspection.findings] };
  };

  test("for want of an open WebSocket is one line, and says where the reason is", () => {
    const of = (base: Inspection, more: Partial<Judged> = {}) =>
      pageOf(and({ ...base, ...untried(27) }, [findingOf("HS-03")]), more, 120);
    expect(of(refused)).toContain(
      "not clear  27 checks need an open WebSocket, and the server refused it: see HS-03; -v lists",
    );
    expect(of({ ...plain, outcome: "invalid" })).toContain("and the 101 is invalid: see HS-03");
    expect(of(unreached)).toContain("27 checks need an answer, and none came: see HS-03");
    expect(of(refused)).not.toContain("HS-20");
    expect(of(refused, { verbose: true })).toMatch(/HS-10 HS-11 .*HS-20/);
  });

  test("points nowhere where no finding tells why", () => {
    expect(pageOf({ ...refused, ...untried(9) }, {}, 120)).toContain(
      "9 checks need an open WebSocket, and the server refused it; -v lists them",
    );
  });

  test("for one other reason is named as long as there are few of them", () => {
    const of = (count: number): string => {
      const { checks = [], findings = [] } = untried(count);
      const other = findings.map((each) => Object.assign({}, each, { kind: "", message: "odd" }));
      return pageOf({ ...plain, checks, findings: other });
    };
    expect(of(3)).toContain("HS-10 HS-11 HS-12: odd");
    expect(of(9)).toContain("9 checks: odd; -v lists them");
  });

  test("as it has no place here is told with its whole reason", () => {
    const message = `there is no such thing here ${"and nowhere else ".repeat(6)}at all`;
    const findings = [findingOf("H3", { verdict: "skip", severity: "info", message })];
    const page = pageOf({ ...plain, findings });
    expect(page.replace(/\n +/g, " ")).toContain(message);
    expect(Math.max(...page.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe("a warning", () => {
  const repro = "wsctl inspect --only HS-16 ws://chat.example/";
  const warned = (severity: Finding["severity"]): Inspection => {
    const message = `the cookie sid ${"has a rather long story ".repeat(12)}`;
    const finding = findingOf("HS-16", { verdict: "warn", severity, message, repro });
    return { ...plain, findings: [finding], checks: [{ rule: ruleOf("HS-16"), verdict: "warn" }] };
  };

  test.each(["high", "medium"] as const)(
    "of %s severity has all that a failure has",
    (severity) => {
      const page = pageOf(warned(severity));
      expect(page).toMatch(/WARN {2}\w+ +HS-16 +HS-16 holds/);
      expect(page).toContain("why  why HS-16 matters");
      expect(page).toContain("fix  what to do for HS-16");
      expect(page).toContain(`$ ${repro}`);
    },
  );

  test("of low severity is its message, none of it cut off, and all of it with -v", () => {
    const page = pageOf(warned("low"));
    expect(page).toMatch(/^ {2}WARN {2}low {7}HS-16 {2}the cookie sid .*\n {25}\S/m);
    expect(page).not.toContain("…\n");
    expect(page.match(/rather/g)).toHaveLength(12);
    expect(page).toMatch(/story\n {8}-v shows why, what to do/);
    expect(page).not.toContain("why HS-16");
    expect(Math.max(...page.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(pageOf(warned("low"), { verbose: true })).toContain(`$ ${repro}`);
  });

  test("of low severity stands beside the others, and says how many cases it has", () => {
    const low = (rule: string, message: string) =>
      findingOf(rule, { verdict: "warn", severity: "low", message });
    const findings = [low("HS-07", "one"), low("HS-07", "two"), low("HS-16", "three")];
    expect(pageOf({ ...plain, findings })).toMatch(
      /WARN {2}low +HS-07 +one \(and 1 more\)\n {2}WARN {2}low +HS-16 +three\n +-v shows/,
    );
  });
});

test.each([
  ["client_max_window_bits", 4],
  ["server_max_window_bits=8", 2],
])("a command with %s is set out by %d, so that none of its lines is broken", (offer, margin) => {
  const long = `-H 'Sec-WebSocket-Extensions: permessage-deflate; ${offer}'`;
  const findings = [findingOf("HS-05", { repro: `curl -isS ${long} http://chat.example:8080/` })];
  const page = pageOf({ ...plain, findings });
  expect(page).toContain(`\n${" ".repeat(margin)}${long} \\\n`);
  expect(Math.max(...page.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("a title that is longer than its line goes on under itself", () => {
  const title = "what is no handshake is never answered with 101, whatever else a request says";
  const finding = findingOf("HS-05", { confidence: "firm" });
  const checks = [{ rule: { ...ruleOf("HS-05"), title }, verdict: "fail" as const }];
  const page = pageOf({ ...plain, findings: [finding], checks });
  expect(page.replace(/\n +/g, " ")).toContain(`${title} (firm)`);
  expect(page).not.toContain("…");
  expect(Math.max(...page.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("commands are set in alike, long and short", () => {
  const curl = `curl -isS --max-time 2 --http1.1 ${"-H 'X-Header: value' ".repeat(6)}http://h/`;
  const findings = [findingOf("HS-05", { repro: curl }), findingOf("HS-06", { repro: "wsctl x" })];
  const page = pageOf({ ...plain, findings });
  expect(page.match(/^ *\$ (?:curl|wsctl)/gm)).toEqual(["  $ curl", "  $ wsctl"]);
});

describe("what is to be known of commands", () => {
  const put = "put your secret in place of SECRET";
  const waits = "curl waits out its time limit on an open WebSocket: expected";
  const secret = "curl -isS -H 'Cookie: sid=SECRET' http://h/";
  const of = (repros: readonly string[], more: Partial<Inspection> = {}) => {
    const findings = repros.map((repro, at) => findingOf(`HS-0${at + 1}`, { repro }));
    return { ...plain, findings, ...more };
  };

  test("is told once, however many there are", () => {
    for (const inspection of [of([secret]), of([secret, secret, secret])]) {
      for (const page of [pageOf(inspection), markdownPage({ inspection, failOn: "high" })]) {
        expect(page.split(put)).toHaveLength(2);
        expect(page.split(waits)).toHaveLength(2);
      }
    }
  });

  test("is not told where nothing asks for it", () => {
    const page = pageOf(of(["wsctl inspect --only HS-01 ws://h/"]));
    expect(page).not.toMatch(/in place of|waits out/);
    const closed = pageOf({ ...of(["curl -isS http://h/"]), outcome: "refused" });
    expect(closed).not.toContain("waits out");
  });
});

describe("Markdown", () => {
  const page = (inspection: Inspection, failOn: Judged["failOn"]) =>
    markdownPage({ inspection, failOn });

  test("has no tick above what was found", () => {
    const inspection = { ...plain, findings: [findingOf("HS-05")] };
    expect(page(inspection, "never")).toMatch(
      /^## ⚠️ wsctl inspect: the WebSocket opens; 1 finding, none of which is to fail it\n/,
    );
    expect(page(inspection, "high")).toMatch(/^## ❌/);
    const accepted = { ...plain, findings: [findingOf("HS-05", { accepted: true })] };
    expect(page(accepted, "high")).toMatch(/^## ✅ wsctl inspect: the WebSocket opens\n/);
    expect(page(accepted, "high")).not.toContain("❌");
  });
});

describe("how far it came", () => {
  const failed = (phase: string, more: Partial<Inspection> = {}): Inspection => {
    return { ...unreached, failure: { ...unreached.failure!, phase, where: [] }, ...more };
  };

  test.each([
    ["dns", "ws://chat.example/", "✘ dns  · tcp  · upgrade"],
    ["tcp", "ws://127.0.0.1:1/", "✘ tcp  · upgrade"],
    ["tls", "wss://chat.example/", "✔ dns  ✔ tcp 1.50 ms  ✘ tls  · upgrade"],
    ["upgrade", "wss://[::1]/", "✔ tcp 1.50 ms  ✔ tls  ✘ upgrade"],
    ["proxy", "ws://10.0.0.1/", "✔ tcp 1.50 ms  ✘ proxy  · upgrade"],
    ["upgrade", "ws+unix:/run/app.sock:/", "✔ tcp 1.50 ms  ✘ upgrade"],
  ])("is told where it ended in the phase %s of %s", (phase, url, line) => {
    expect(pageOf(failed(phase, { url }))).toContain(`reached    ${line}\n`);
  });

  test("is told of one that was ended while it waited, as an inspection that was ended", () => {
    const failure = { ...unreached.failure!, code: "WSCTL_EABORTED", phase: "upgrade", where: [] };
    const page = pageOf({ ...unreached, url: "ws://127.0.0.1:1/", failure, interrupted: true });
    expect(page).toMatch(/INTERRUPTED ended while waiting for the answer to the upgrade\n/);
    expect(page).toContain("reached    ✔ tcp 1.50 ms  … upgrade\n");
  });

  test("is not told of one that was ended before it had begun", () => {
    const failure = { ...unreached.failure!, code: "WSCTL_EABORTED", phase: "dns", where: [] };
    const page = pageOf({ ...unreached, attempts: [], failure, interrupted: true });
    expect(page).toMatch(/INTERRUPTED ended before the server had answered\n/);
    expect(page).not.toContain("reached");
  });

  test("is told in checks where the first exchange was done", () => {
    const message = "the inspection ended before this was done";
    const ended = { verdict: "inconclusive", severity: "info", message } as const;
    const page = (kind: string): string =>
      pageOf({ ...plain, findings: [findingOf("HS-02", { ...ended, kind })], interrupted: true });
    expect(page("ended")).toContain("ended after 1 of 2 checks");
    expect(page("")).toContain("ended after 2 of 2 checks");
  });
});

describe("the certificates", () => {
  const [own] = eventful.tls!.chain;
  const of = (more: object, others: readonly object[] = [], authorized = true): string => {
    const chain = [{ ...own!, ...more }, ...others.map((each) => Object.assign({}, own!, each))];
    return pageOf({ ...eventful, tls: { ...eventful.tls!, authorized, chain } }, {}, 120);
  };

  test("are all drawn, each signed by the next, and who signed the last", () => {
    const middle = { subject: "CN=Some CA", issuer: "CN=Root", key: "RSA 2048", daysLeft: 400 };
    const page = of({}, [middle]);
    expect(page).toMatch(/signed by CN=Some CA · RSA 2048 · expires in 400 days/);
    expect(page).toContain("signed by CN=Root, known here");
    expect(of({}, [middle], false)).toContain("signed by CN=Root, not sent");
    const root = { subject: "CN=Root", issuer: "CN=Root" };
    expect(of({}, [middle, root])).toContain("signed by itself");
    expect(
      of(
        {},
        Array.from({ length: 20 }, () => middle),
      ),
    ).toContain("and 13 certificates more");
  });

  test.each([
    ["2026-01-20T00:00:00.000Z", 18, "expires in 18 days (2026-01-20)"],
    ["2026-01-03T20:00:00.000Z", 1, "expires in 1 day (2026-01-03)"],
    ["2026-01-02T03:00:00.000Z", -1, "expired 1 day ago (2026-01-02)"],
    ["2025-12-12T00:00:00.000Z", -21, "expired 21 days ago (2025-12-12)"],
  ])("that end at %s say so in days", (to, daysLeft, words) => {
    expect(of({ to, daysLeft })).toContain(words);
  });
});
