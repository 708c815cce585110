/** Shows what other programs read of an inspection: JSON, JUnit, SARIF, Markdown, and monitors. */
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import type { Inspection } from "../../../src/findings/inspection.js";
import { nagiosCode } from "../../../src/report/inspection/health.js";
import type { Judged } from "../../../src/report/inspection/judgement.js";
import { healthPages, inspectionPages } from "../../../src/report/inspection/pages.js";
import { attack } from "../hostile.js";
import { tablesOf } from "../read-markdown.js";
import {
  attacked,
  eventful,
  findingOf,
  inkOf,
  plain,
  refused,
  ruleOf,
  unreached,
} from "./inspections.js";
import { sarifSchema } from "./sarif-schema.js";

function judge(inspection: Inspection, more: Partial<Judged> = {}): Judged {
  return { inspection, failOn: "high", ...more };
}

function page(
  kind: keyof typeof inspectionPages,
  inspection: Inspection,
  more?: Partial<Judged>,
): string {
  return inspectionPages[kind](judge(inspection, more), inkOf(100));
}

const all = [
  ["a plain one", plain],
  ["an eventful one", eventful],
  ["a refusal", refused],
  ["nobody there", unreached],
  ["one that was ended", { ...eventful, interrupted: true }],
  ["a hostile one", attacked(eventful, attack)],
  ["a hostile refusal", attacked(refused, attack)],
] as const;

test("JSON is the inspection itself, one document", () => {
  const text = page("json", eventful);
  expect(text).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(eventful)));
});

describe("JUnit", () => {
  const schema = readFileSync(new URL("../junit.xsd", import.meta.url), "utf8");

  test.each(all)("of %s is valid by its schema", async (_which, inspection) => {
    const contents = page("junit", inspection);
    const { errors, valid } = await validateXML({ xml: { fileName: "x.xml", contents }, schema });
    expect(errors).toEqual([]);
    expect(valid).toBe(true);
  });

  test("has a case for each check; what is below the limit, or accepted, has not failed", () => {
    const xml = page("junit", eventful);
    expect(xml).toContain(
      '<testsuite name="wsctl.inspect" tests="9" failures="1" errors="0" skipped="3"',
    );
    expect(xml).toContain('classname="wsctl.inspect.HS" name="HS-05 HS-05 holds"');
    expect(xml).toContain('<failure message="the accept is wrong: Zg, not x0"');
    expect(xml).toMatch(/name="OR-4 OR-4 holds" time="0">\n +<system-out>.*\(accepted\)/);
    expect(page("junit", eventful, { failOn: "low" })).toContain('failures="2"');
    expect(page("junit", eventful, { failOn: "never" })).toContain('failures="0"');
  });

  test("of a server that was not reached has an error, of one that refuses a failure", () => {
    expect(page("junit", unreached)).toContain('tests="2" failures="0" errors="1"');
    expect(page("junit", refused)).toContain('tests="2" failures="1" errors="0"');
  });
});

describe("SARIF", () => {
  const ajv = new Ajv({ allErrors: true });
  const validate = ajv.compile(sarifSchema);
  const read = (inspection: Inspection) =>
    JSON.parse(page("sarif", inspection)) as {
      runs: {
        tool: { driver: { rules: { id: string; properties: object }[] } };
        results: Record<string, unknown>[];
      }[];
    };

  test.each(all)("of %s is as the standard has it", (_which, inspection) => {
    validate(read(inspection));
    expect(validate.errors ?? []).toEqual([]);
  });

  test("has a result for what is held against the server, and a rule for each check", () => {
    const [run] = read(eventful).runs;
    expect(run!.tool.driver.rules.map(({ id }) => id)).toEqual(
      eventful.checks.map(({ rule }) => rule.id),
    );
    expect(run!.tool.driver.rules[4]!.properties).toEqual({
      tags: ["websocket", "OR", "security", "external/cwe/cwe-1385"],
      "security-severity": "8.0",
    });
    expect(run!.results).toMatchObject([
      { ruleId: "HS-05", ruleIndex: 1, level: "error", properties: { "security-severity": "9.5" } },
      { ruleId: "HS-07", ruleIndex: 2, level: "warning" },
      { ruleId: "HS-07", ruleIndex: 2, level: "note" },
      { ruleId: "OR-4", ruleIndex: 4, suppressions: [{ kind: "external", status: "accepted" }] },
    ]);
    expect(run!.results[0]).toMatchObject({
      suppressions: [],
      partialFingerprints: { "wsctl/v1": eventful.findings[0]!.cases[0]!.fingerprint },
      locations: [{ physicalLocation: { artifactLocation: { uri: "wsctl/chat.example" } } }],
    });
  });

  test("has each case once, under a fingerprint of its own", () => {
    const known = (name: string) => ({ case: name, fingerprint: name.repeat(32) });
    const findings = [
      findingOf("HS-07", { case: "a, b", cases: [known("a"), known("b")], accepted: true }),
      findingOf("HS-07", { case: "b", cases: [known("b")], severity: "low", message: "again" }),
    ];
    const checks = [{ rule: ruleOf("HS-07"), verdict: "fail" as const }];
    const [run] = read({ ...plain, checks, findings }).runs;
    expect(run!.results).toMatchObject([
      { partialFingerprints: { "wsctl/v1": "a".repeat(32) }, properties: { case: "a" } },
      { partialFingerprints: { "wsctl/v1": "b".repeat(32) }, suppressions: [], level: "error" },
    ]);
    expect(run!.results[1]!["message"]).toMatchObject({
      text: expect.stringContaining("again") as unknown,
    });
  });

  test.each([
    ["ws://h.example:8080/a?b", "wsctl/h.example_8080"],
    ["wss://[::1]:9/", "wsctl/___1__9"],
    ["ws+unix:/run/app.sock:/chat", "wsctl/_run_app.sock__chat"],
    ["ws://../", "wsctl/_"],
  ])("places %s at %s", (url, uri) => {
    const text = page("sarif", { ...eventful, url });
    expect(text).toContain(`"artifactLocation":{"uri":"${uri}"}`);
  });

  test("has no links and no placeholders in what a server said", () => {
    const findings = [findingOf("HS-05", { message: "[click](https://evil.example) {0}" })];
    const checks = [{ rule: ruleOf("HS-05"), verdict: "fail" as const }];
    const [run] = read({ ...plain, checks, findings }).runs;
    expect(run!.results[0]!["message"]).toMatchObject({
      text: expect.stringMatching(/^\\\[click\\\]\(https:\/\/evil\.example\) \{\{0\}\}/) as unknown,
    });
  });
});

describe("Markdown", () => {
  test.each([
    ["## ✅ wsctl inspect: the WebSocket opens", plain],
    ["## ❌ wsctl inspect: 1 finding at high or above", eventful],
    ["## ❌ wsctl inspect: the server refused the upgrade: 403 Forbidden", refused],
    ["## ⚠️ wsctl inspect: ended after 2 of 2 checks", { ...plain, interrupted: true }],
  ] as const)("begins with %s", (headline, inspection) => {
    expect(page("markdown", inspection).startsWith(`${headline}\n`)).toBe(true);
  });

  test("has the findings and the Origins as tables, details folded", () => {
    const text = page("markdown", eventful);
    const [findings, origins] = tablesOf(text);
    expect(findings!.slice(2).map(([, ...cells]) => cells)).toEqual([
      ["critical", "HS-05 HS-05 holds", "the accept is wrong: Zg, not x0"],
      ["medium", "HS-07 HS-07 holds", "version 8 was taken · version 0 was taken"],
    ]);
    expect(text).toContain("2 findings (1 critical, 1 medium)");
    expect(text).toContain("open after 6.00 ms (p50), 88.0 ms (p95)");
    expect(origins!.slice(2)).toHaveLength(6);
    expect(text).toContain("<details><summary>HS-07: version 8</summary>");
    expect(text).toContain("- accepted: OR-4 H.evil gets in");
  });

  test("obeys nothing of what a server said", () => {
    const text = page("markdown", attacked(eventful, `${attack}\`\`\`\n</details>`));
    for (const table of tablesOf(text)) {
      for (const row of table) expect(row).toHaveLength(table[0]!.length);
    }
    // What is left beside fences and code spans is Markdown.
    const outside = text
      .replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, "")
      .replace(/(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "");
    expect(outside.match(/<\/?details>/g)).toHaveLength(3 * 2);
    const rest = outside.replace(/<\/?(?:details|summary)>/g, "");
    expect(rest).not.toMatch(/<|@everyone|[^\u200b]\/\/evil/);
  });
});

describe("monitors", () => {
  const medium = {
    ...plain,
    findings: [findingOf("HS-07", { verdict: "warn", severity: "medium" })],
  };
  const low = { ...plain, findings: [findingOf("HS-07", { verdict: "warn", severity: "low" })] };

  test.each([
    [0, "OK", plain],
    [0, "OK", low],
    [1, "WARNING", medium],
    [2, "CRITICAL", eventful],
    [2, "CRITICAL", refused],
    [2, "CRITICAL", unreached],
    [3, "UNKNOWN", { ...plain, interrupted: true }],
  ] as const)("Nagios is told %d, %s", (code, word, inspection) => {
    const line = healthPages.nagios(judge(inspection));
    expect(nagiosCode(judge(inspection))).toBe(code);
    expect(line).toMatch(new RegExp(`^WEBSOCKET ${word} - [^|\\n]+ \\| [^|\\n]+\\n$`));
  });

  describe("a certificate that expires too soon", () => {
    const [own] = eventful.tls!.chain;
    const ending = (...ends: readonly string[]): Inspection => {
      const chain = ends.map((to, index) => {
        const daysLeft = Math.floor((Date.parse(to) - Date.parse(plain.startedAt)) / 86_400_000);
        const from = "2025-01-01T00:00:00.000Z";
        const names = { subject: `CN=${index}`, issuer: `CN=${index + 1}` };
        return Object.assign({}, own!, names, { from, to, daysLeft });
      });
      return { ...plain, tls: { ...eventful.tls!, chain } };
    };
    const late = "2027-01-01T00:00:00.000Z";

    test.each([
      [0, [late]],
      [0, ["2026-02-05T00:00:00.000Z", late]],
      [1, ["2026-01-20T00:00:00.000Z", late]],
      [1, ["2026-01-01T00:00:00.000Z"]],
      [1, [late, "2026-01-20T00:00:00.000Z"]],
    ] as const)("is %d where the chain ends at %j", (code, ends) => {
      expect(nagiosCode(judge(ending(...ends)))).toBe(code);
    });

    test("is told in days, and judged by TLS-1 where that was looked at", () => {
      const soon = ending("2026-01-20T00:00:00.000Z");
      expect(healthPages.nagios(judge(soon))).toMatch(
        /^WEBSOCKET WARNING - the certificate expires in 17 days, open in /,
      );
      expect(healthPages.plain(judge(ending("2026-01-01T00:00:00.000Z")))).toContain(
        ": the certificate has expired, open in ",
      );
      const accepted = findingOf("TLS-1", { verdict: "warn", severity: "medium", accepted: true });
      const checks = [{ rule: ruleOf("TLS-1"), verdict: "warn" as const }];
      expect(nagiosCode(judge({ ...soon, checks, findings: [accepted] }))).toBe(0);
    });

    test("is not looked for among certificates that vouch for nothing", () => {
      const { tls, ...rest } = ending(late, late);
      const stray = { ...own!, subject: "CN=stray", to: "2026-01-04T00:00:00.000Z" };
      const seen = { ...rest, tls: { ...tls!, chain: [...tls!.chain, stray] } };
      expect(nagiosCode(judge(seen))).toBe(0);
    });
  });

  test("Nagios has figures with their units", () => {
    const line = healthPages.nagios(judge(eventful));
    expect(line).toContain("| time=0.006000s;;;0 dns=0.001000s;;;0 connect=0.003000s;;;0 ");
    expect(line).toContain("certificate_days=18 failed=2;;;0 warned=1;;;0\n");
  });

  test("a line for people says how it stands", () => {
    expect(healthPages.plain(judge(plain))).toBe(
      "OK ws://chat.example:8080/room?token=SECRET: open in 6.00 ms, 2 passed\n",
    );
    expect(healthPages.plain(judge(medium))).toContain(": open in 6.00 ms, 1 medium finding, 2");
    expect(healthPages.plain(judge(refused))).toMatch(/^REFUSED ws:.*: the server refused .*403/);
  });

  test("Prometheus has what it is to watch", () => {
    const text = healthPages.prometheus(judge(eventful));
    expect(text).toContain('wsctl_inspect_up{url="wss://chat.example/room"} 1\n');
    expect(text).toContain('wsctl_inspect_ok{url="wss://chat.example/room"} 0\n');
    expect(text).toContain('phase="upgrade"} 0.003\n');
    expect(text).toContain(
      `expiry_timestamp_seconds{url="wss://chat.example/room"} ${Date.parse("2026-01-20") / 1000}\n`,
    );
    expect(text).toMatch(/findings\{url="[^"]*",severity="critical"\} 1\n/);
    expect(text).toMatch(/findings\{url="[^"]*",severity="high"\} 0\n/);
  });

  test.each(Object.keys(healthPages) as (keyof typeof healthPages)[])(
    "%s is one harmless page",
    (form) => {
      const text = healthPages[form](judge(attacked(unreached, attack)));
      if (form !== "prometheus") expect(text.trimEnd()).not.toContain("\n");
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(text).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]/);
    },
  );
});
