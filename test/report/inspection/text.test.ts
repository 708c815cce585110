/** Shows the page that people read: what stands in it, in which order, and that nothing breaks it. */
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
    ["a finding", eventful, /^ {2}✘ FAILED +1 finding at high or above\n +2 failed, 1 warned/m],
    ["a refusal", refused, /^ {2}✘ REFUSED +the server refused the upgrade: 403 Forbidden$/m],
    ["nobody there", unreached, /^ {2}✘ FAILED +could not connect to chat\.example:8080/m],
    ["an invalid 101", { ...plain, outcome: "invalid" }, /^ {2}✘ INVALID +the answer breaks/m],
    ["an end before time", { ...plain, interrupted: true }, /^ {2}INTERRUPTED ended before/m],
  ] as const)("of %s comes first", (_what, inspection, words) => {
    const page = pageOf(inspection);
    expect(page).toMatch(words);
    expect(page.trimStart()).toMatch(/^(?:✔|✘|INTERRUPTED)/);
  });

  test("goes by the limit that was asked for", () => {
    expect(pageOf(eventful, { failOn: "never" })).toContain("✔ OK");
    expect(pageOf(eventful, { failOn: "low" })).toContain("3 findings at low or above");
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

  test("of several exchanges have p50 and p95", () => {
    const page = pageOf(eventful);
    expect(page).toMatch(/first +p50 +p95/);
    expect(page).toMatch(/upgrade +3\.00 ms +3\.00 ms +77\.0 ms +━/);
    expect(page).toMatch(/open after +6\.00 ms +6\.00 ms +88\.0 ms/);
    expect(page).toContain("of 20 exchanges");
    expect(page).toContain("2 of them failed");
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
  expect(page).not.toContain("Heroku");
  expect(pageOf(eventful, { verbose: true })).toContain("Heroku");
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
    expect(page).not.toContain("why HS-07");
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
    expect(page).toContain("the right one is https://app.example");
    expect(page).toMatch(/✔ {2}exact +https:\/\/app\.example +let in +101/);
    expect(page).toMatch(/· {2}missing +\(none\) +let in +101/);
    expect(page).toMatch(/\? {2}empty +\(empty\) +no answer/);
    expect(page).toMatch(/✘ {2}H\.evil +https:\/\/app\.example\.evil\.example +let in +101/);
    expect(page).toMatch(/▲ {2}null +null +let in, then closed +101, then closed with 1008/);
    expect(page).toMatch(/✔ {2}no credentials +https:\/\/app\.example +refused +401\n/);
    expect(page).toMatch(/gets in: https:\/\/app\.example\.evil\.example {2}H\.evil/);
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
