/** Shows the page that people read: what stands in it, in which order, and that nothing breaks it. */
import { Chalk } from "chalk";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Inspection } from "../../../src/findings/inspection.js";
import { clipped, columns } from "../../../src/report/inspection/columns.js";
import { commandLines } from "../../../src/report/inspection/command-lines.js";
import type { Judged } from "../../../src/report/inspection/judgement.js";
import { textPage } from "../../../src/report/inspection/text.js";
import { attack } from "../hostile.js";
import {
  attacked,
  eventful,
  findingOf,
  inkOf,
  matrix,
  plain,
  refused,
  ruleOf,
  unreached,
} from "./inspections.js";

function pageOf(inspection: Inspection, more: Partial<Judged> = {}, width = 100): string {
  return textPage({ inspection, failOn: "high", ...more }, inkOf(width));
}

describe("the verdict", () => {
  test.each([
    ["all is well", plain, /^ {2}✔ OK +the WebSocket opens\n +2 passed\n +ws:\/\/chat.*31 of 40/m],
    [
      "a finding",
      eventful,
      /^ {2}✘ FAILED +1 finding at high or above\n +2 findings \(1 critical, 1 medium\), 1 acc/m,
    ],
    ["a refusal", refused, /^ {2}✘ REFUSED +the server refused the upgrade: 403 Forbidden$/m],
    ["nobody there", unreached, /^ {2}✘ FAILED +could not connect to chat\.example:8080/m],
    ["an invalid 101", { ...plain, outcome: "invalid" }, /^ {2}✘ INVALID +the answer breaks/m],
    [
      "an end before time",
      { ...plain, interrupted: true },
      /^ {2}INTERRUPTED ended after 2 of 2 checks/m,
    ],
  ] as const)("of %s comes first", (_what, inspection, words) => {
    const page = pageOf(inspection);
    expect(page).toMatch(words);
    expect(page.trimStart()).toMatch(/^(?:✔|✘|INTERRUPTED)/);
  });

  test("goes by the limit that was asked for", () => {
    expect(pageOf(eventful, { failOn: "low" })).toContain("2 findings at low or above");
    expect(pageOf(eventful, { failOn: "critical" })).toContain("1 finding at critical\n");
  });

  test("says that all is well of nothing that has findings", () => {
    for (const failOn of ["high", "never"] as const) {
      const findings = [findingOf("HS-09", { severity: "medium" })];
      const page = pageOf({ ...plain, findings }, { failOn });
      expect(page).toMatch(/^ {2}▲ OPENS +the WebSocket opens/m);
      expect(page).not.toContain("OK");
      expect(page).toContain("1 medium finding, 2 passed");
      expect(page.includes("nothing found is high or above")).toBe(failOn === "high");
    }
    const accepted = [findingOf("HS-09", { severity: "medium", accepted: true })];
    const page = pageOf({ ...plain, findings: accepted });
    expect(page).toMatch(/✔ OK +the WebSocket opens\n +1 accepted, 2 passed/);
  });

  test("counts what stands on the page as a block", () => {
    const page = pageOf(eventful);
    const said = /(\d+) findings \(/.exec(page)?.[1];
    expect(page.match(/^ {2}(?:FAIL|WARN) /gm)).toHaveLength(Number(said));
  });
});

describe("the phases", () => {
  test("follow one another as bars, in proportion", () => {
    const lines = pageOf(plain).split("\n");
    const bar = (name: string): [number, number] => {
      const line = lines.find((one) => one.includes(` ${name} `)) ?? "";
      return [line.indexOf("━"), line.split("━").length - 1];
    };
    const [[dnsAt, dns], [tcpAt, tcp], [upgradeAt, upgrade]] = [
      bar("dns"),
      bar("tcp"),
      bar("upgrade"),
    ];
    expect([tcp, upgrade]).toEqual([dns * 2, dns * 3]);
    expect([tcpAt, upgradeAt]).toEqual([dnsAt + dns, dnsAt + dns + tcp]);
    expect(lines.some((line) => /open after +6\.00 ms/.test(line))).toBe(true);
  });

  test("leave out what did not take place, and name every address", () => {
    const page = pageOf(plain);
    expect(page).not.toMatch(/^.*\btls {2}.*━/m);
    expect(page).toContain("[::1]:8080 ECONNREFUSED after 500 µs");
    expect(page).toContain("127.0.0.1:8080 connected after 1.50 ms");
  });

  test("of an answer that opens nothing do not say that it opens", () => {
    const page = pageOf(refused);
    expect(page).toMatch(/answer after +6\.00 ms/);
    expect(page).not.toContain("open after");
  });

  describe("of several exchanges", () => {
    const of = (spreads: Record<string, readonly [number, number]>, failed = 0) => {
      const phases = Object.fromEntries(
        Object.entries(spreads).map(([name, [p50, p95]]) => [name, { p50, p95, min: 0, max: p95 }]),
      );
      return { ...plain, timing: { ...plain.timing!, runs: { count: 20, failed, phases } } };
    };
    const barOf = (page: string, name: string): string => {
      const line = page.split("\n").find((one) => one.includes(` ${name} `)) ?? "";
      return line.slice(line.search(/[━─]/)).trim();
    };

    test("are drawn from their percentiles, and not from the first of them", () => {
      const page = pageOf(of({ tcp: [10, 20], upgrade: [20, 20], total: [30, 40] }));
      expect(page).toMatch(/p50 +p95 +━ to p50, ─ to p95/);
      expect(page).toMatch(/tcp +10\.0 ms +20\.0 ms +━+─+\n/);
      expect(page).toMatch(/open after +30\.0 ms +40\.0 ms +━+─+\n/);
      expect(page).toContain("of 20 exchanges");
      expect(page).not.toMatch(/\b(?:the first;|[26]\.00 ms)/);
      const [tcp, upgrade, total] = ["tcp", "upgrade", "open after"].map((name) =>
        barOf(page, name),
      );
      expect(upgrade).toMatch(/^━+$/);
      expect(total!.length).toBe(48);
      expect([tcp!.split("━").length - 1, upgrade!.length]).toEqual([12, 24]);
      expect(tcp!.length).toBe(24);
    });

    test("leave out what never took place, and tell how many failed", () => {
      const page = pageOf(of({ dns: [0, 0], tls: [0, 0], tcp: [1, 1], total: [1, 1] }, 2));
      expect(page).not.toMatch(/ (?:dns|tls) /);
      expect(page).toContain("2 of 20 exchanges failed");
      expect(pageOf(of({}, 20))).toContain("20 of 20 exchanges failed");
    });

    test.each([60, 80, 120])("stay within %d columns, whatever the tail", (width) => {
      const page = pageOf(
        of({ dns: [0.01, 9000], tcp: [1, 1e7], upgrade: [1, 1], total: [3, 1e7] }),
        {},
        width,
      );
      const lines = page.split("\n").filter((line) => /[━─]/.test(line));
      expect(lines).toHaveLength(5);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    });
  });
});

test("the exchange shows both heads, and the body of a refusal", () => {
  const page = pageOf(refused);
  expect(page).toMatch(
    /exchange +> GET \/room\?token=SECRET HTTP\/1\.1\n +> Host: chat\.example:8080/,
  );
  expect(page).toMatch(/< HTTP\/1\.1 403 Forbidden\n +< Server: x\n +no entry\n +for you/);
});

test("a head of very many headers is cut, what matters stays; -v shows all", () => {
  const filler = Array.from({ length: 500 }, (_, i) => [`X-${i}`, "y"] as const);
  const response = { ...plain.response!, headers: [...filler, ["Upgrade", "websocket"] as const] };
  const page = pageOf({ ...plain, response });
  expect(page).toContain("< Upgrade: websocket");
  expect(page).toContain("… 500 more");
  expect(pageOf({ ...plain, response }, { verbose: true })).toContain("< X-499: y");
});

test("TLS, what was agreed, cookies, hints and likely limits take a line or two each", () => {
  const page = pageOf(eventful, {}, 120);
  expect(page).toContain(
    "TLSv1.3 · TLS_AES_256_GCM_SHA384 · no ALPN · SNI chat.example · verified",
  );
  expect(page).toContain(
    "for chat.example, www.chat.example · EC prime256v1 · expires in 18 days (2026-01-20)",
  );
  expect(page).toContain("subprotocol chat.v2 · permessage-deflate");
  expect(page).toContain("sets the cookie sid · Secure · not HttpOnly · no SameSite");
  expect(page).toContain("likely nginx");
  expect(page).toContain("nginx ends connections: 60 s idle");
});

test("limits of products that were not seen are no statement about a server", () => {
  expect(pageOf(plain, { verbose: true })).not.toContain("Heroku");
  const unseen = plain.idleLimits.map((limit) => Object.assign({}, limit, { likely: false }));
  const page = pageOf({ ...plain, idleLimits: unseen }, { verbose: true });
  expect(page).not.toContain("ends connections");
});

describe("the findings", () => {
  test("stand worst first: what was seen, what shows it, why, what to do, and how to see it again", () => {
    const page = pageOf(eventful);
    expect(page).toMatch(
      /FAIL {2}critical {2}HS-05 +HS-05 holds\n +the accept is wrong: Zg, not x0\n +│ sent: key\n +│ got: Zg\n +why {2}why HS-05 matters\n +fix {2}what to do for HS-05\n +\$ curl -isS/,
    );
    expect(page.indexOf("HS-05 holds")).toBeLessThan(page.indexOf("HS-07 holds"));
  });

  test("of one rule stand together, and say what to do once", () => {
    const page = pageOf(eventful);
    expect(page).toMatch(
      /WARN {2}medium {4}HS-07 .*\(tentative\)\n +• version 8 was taken\n +• version 0/,
    );
    expect(page.match(/what to do for HS-07/g)).toHaveLength(1);
    expect(page.match(/why HS-07 matters/g)).toHaveLength(1);
  });

  test("that are accepted are no blocks of their own", () => {
    const page = pageOf(eventful);
    expect(page).toMatch(/accepted +fail high OR-4: H\.evil gets in/);
    expect(page).not.toContain("FAIL  high");
  });

  test("without end are bounded", () => {
    const many = Array.from({ length: 3000 }, (_, i) =>
      findingOf("HS-09", { case: String(i), message: `case ${i}`, evidence: [`line ${i}`] }),
    );
    const checks = [{ rule: ruleOf("HS-09"), verdict: "fail" as const }];
    const page = pageOf({ ...plain, checks, findings: many });
    expect(page.split("\n").length).toBeLessThan(80);
    expect(page).toContain("… and 2988 more");
  });
});

test("what passed is one line, what was not is told with its reason once", () => {
  const page = pageOf(eventful);
  expect(page).toMatch(/passed +✔ 1 check passed: HS-01/);
  expect(page).toMatch(/skipped +H2-1 H2-2: no HTTP\/2/);
  expect(page).toMatch(/not clear +FP: nothing tells/);
  expect(page).toMatch(/noted +HS-15: Bearer is asked for/);
  expect(pageOf(plain, { verbose: true })).toContain("> GET /room");
});

describe("the Origin matrix", () => {
  test("is a table, and names the string that gets in", () => {
    const page = pageOf(eventful, {}, 120);
    expect(page).toContain("1 of 4 other Origins gets in and must not, 1 more is doubtful");
    expect(page).toContain("the right one is https://app.example");
    expect(page).toMatch(/✔ {2}let in +https:\/\/app\.example +exact +101/);
    expect(page).toMatch(/· {2}let in +\(none\) +missing +101/);
    expect(page).toMatch(/\? {2}no answer +\(empty\) +empty/);
    expect(page).toMatch(/✘ {2}let in +https:\/\/app\.example\.evil\.example +H\.evil +101/);
    expect(page).toMatch(/▲ {2}let in, then closed +null +null +101, then closed with 1008/);
    expect(page).toMatch(/✔ {2}refused +https:\/\/app\.example +no credentials +401\n/);
  });

  test("has what gets in and must not first, in full", () => {
    const lines = pageOf(eventful, {}, 80).split("\n");
    const marks = lines.flatMap((line) => /^ {13}([✔✘▲·?]) {2}/.exec(line)?.[1] ?? []);
    expect(marks.join("")).toBe("✘▲?·✔✔");
    const origin = `https://app.example.${"long.".repeat(20)}example`;
    const rows = matrix.rows.map((row) => (row.verdict === "fail" ? { ...row, origin } : row));
    const page = pageOf({ ...plain, origins: { ...matrix, rows } }, {}, 80);
    expect(page.replace(/\n +/g, "")).toContain(`gets in:${origin}`);
  });

  test("shows what of a string was overlooked", () => {
    const chalk = new Chalk({ level: 1 });
    const of = (origin: string): string => {
      const rows = [{ ...matrix.rows[3]!, origin }];
      const inspection = { ...plain, origins: { ...matrix, rows } };
      return textPage({ inspection, failOn: "high" }, { chalk, width: 80 });
    };
    const marked = (text: string): string => chalk.red.bold.underline(text);
    expect(of("https://app.example.evil.example")).toContain(marked(".evil.example"));
    expect(of("https://evilapp.example")).toContain(marked("evil"));
    expect(of("https://app.example@evil.example")).toContain(marked("@evil.example"));
  });

  test("of a server that lets in any Origin counts all that get in", () => {
    const row = (name: string, verdict: "pass" | "fail" | "warn" | "info") =>
      Object.assign({}, matrix.rows[0]!, { name, origin: `https://${name}`, verdict });
    const others = Array.from({ length: 23 }, (_, at) => row(`x${at}`, "info"));
    const of = (verdict: "fail" | "warn", more = others) => {
      const rows = [matrix.rows[0]!, ...more, row("other site", verdict)];
      return pageOf({ ...plain, origins: { ...matrix, rows } });
    };
    expect(of("fail")).toMatch(
      /all 24 other Origins get in; what must not comes first\n.*\n +✘ {2}let in/,
    );
    expect(of("warn")).toContain("all 24 other Origins get in\n");
    const shut = Object.assign({}, others[0]!, { answer: "rejected", verdict: "pass" });
    expect(of("fail", [...others.slice(1), shut])).toContain("23 of 24 other Origins get in;");
  });

  test("of which nothing must not get in says so", () => {
    const of = (verdict: "pass" | "warn" | "inconclusive"): string => {
      const rows = [matrix.rows[0]!, { ...matrix.rows[3]!, verdict }];
      return pageOf({ ...plain, origins: { ...matrix, rows } });
    };
    expect(of("pass")).toContain("no Origin gets in that should not");
    expect(of("warn")).toContain("1 of 1 other Origin gets in and better did not");
    expect(of("inconclusive")).toContain("which Origins get in is not clear");
  });

  test.each([60, 80, 120])("has no row that is broken at %d columns", (width) => {
    const origin = "https://a-rather-long-name-of-a-host.internal.app.example.evil.example:8443";
    const rows = matrix.rows.map((row) => Object.assign({}, row, { origin }));
    const lines = pageOf({ ...plain, origins: { ...matrix, rows } }, {}, width).split("\n");
    const shown = lines.filter((line) => /^ {13}[✔✘▲·?] {2}/.test(line));
    expect(shown).toHaveLength(6);
    expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(width);
  });
});

describe("whatever the server says", () => {
  test.each([60, 100, 160])("obeys nothing, in %d columns", (width) => {
    for (const inspection of [eventful, refused, unreached, { ...plain, origins: matrix }]) {
      const page = pageOf(attacked(inspection, attack), { verbose: true }, width);
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(page).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e\u2028]/);
      expect(page).not.toMatch(/^::error/m);
    }
  });

  test("a text of a megabyte makes no page of a megabyte", () => {
    const page = pageOf(attacked(eventful, "x".repeat(1_000_000)));
    expect(page.length).toBeLessThan(60_000);
  });
});

describe("columns", () => {
  test("never take more than the page, unless it is too narrow for all of them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string(), fc.string({ maxLength: 90 }), fc.string()), {
          maxLength: 8,
        }),
        fc.integer({ min: 30, max: 120 }),
        (rows, width) => {
          for (const line of columns(rows, width)) expect(line.length).toBeLessThanOrEqual(width);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("cut a text no pair of surrogates is broken by", () => {
    expect(clipped("ab😀cd", 4)).toBe("ab…");
    expect(clipped("abcd", 4)).toBe("abcd");
  });
});

describe("a command that is longer than the page", () => {
  const command =
    "curl -isS --max-time 5 -H 'X-Note: it'\\''s a long one' -H $'a\\'b\\x07' http://h/";

  test("is broken between words only, and flags keep their values", () => {
    const lines = commandLines(command, 40);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.slice(0, -1).every((line) => line.endsWith(" \\"))).toBe(true);
    expect(lines.some((line) => line.endsWith("-H \\"))).toBe(false);
    expect(lines.map((line) => line.replace(/ \\$/, "").trim()).join(" ")).toBe(command);
  });

  test.each([
    ["quotes that do not end", `curl 'a ${"b ".repeat(60)}`],
    ["a line break", `curl 'a\n${"b ".repeat(60)}'`],
  ])("stays as it is with %s", (_what, text) => {
    expect(commandLines(text, 40)).toEqual([text]);
  });
});
