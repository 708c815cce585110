/** Shows a run as Markdown; and that nothing in it is obeyed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRuns } from "../../src/metrics/compare.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import { comparisonReporters } from "../../src/report/comparison.js";
import { markdownReport } from "../../src/report/markdown.js";
import {
  cellCode,
  markdownCode,
  markdownTable,
  markdownText,
} from "../../src/report/markdown-text.js";
import { attack, hostile } from "./hostile.js";
import { expectHarmless, tablesOf } from "./read-markdown.js";
import { eventful, resultWith } from "./results.js";

describe("a run as Markdown", () => {
  test.each<[string, Partial<RunResult>, string]>([
    ["passed", {}, "## ✅ wsctl: passed"],
    ["failed", eventful, "## ❌ wsctl: 3 of 4 thresholds failed"],
    ["invalid", { validity: { ok: false, reasons: [] } }, "## ⚠️ wsctl: INVALID"],
    ["interrupted", { interrupted: true }, "## ⚠️ wsctl: interrupted"],
  ])("%s says so first", (_what, changed, headline) => {
    expect(markdownReport(resultWith(changed)).startsWith(headline)).toBe(true);
  });

  test("has tables whose rows are as wide as their heads", () => {
    const tables = tablesOf(markdownReport(resultWith(eventful)));
    expect(tables).toHaveLength(7);
    for (const [head, rule, ...rows] of tables) {
      expect(rule!.every((cell) => /^-+:?$/.test(cell))).toBe(true);
      for (const row of rows) expect(row).toHaveLength(head!.length);
    }
  });

  test("has thresholds, figures, parts, expectations and errors", () => {
    const text = markdownReport(resultWith(eventful));
    expect(text).toMatch(
      /\| ❌ \| `ws_msg_rtt: p\(99\)<200` \| 312 ms \(112 ms over\), it ended the run \|/,
    );
    expect(text).toMatch(/\| messages sent \| 2.000 \| 200\/s \|/);
    expect(text).toMatch(/\| `ws_msg_rtt` \|/);
    expect(text).toMatch(/### Scenarios[\s\S]*\| `listener` \| 0 \|/);
    expect(text).toMatch(/\| `chat: join` \| 3 of 100 not met \| `got \{"ok":false\}` \|/);
    expect(text).toMatch(/\| message lost \| 10 \| `sender 4, sequence 17` \|/);
  });

  test("of plain values holds no backslash and no entity", () => {
    const text = markdownReport(resultWith(eventful));
    expect(text).not.toMatch(/\\|&#|\u200b/);
    expect(text).toContain("on `wss://localhost:9/chat`");
  });

  test("tells of steps that failed beside expectations that were not met", () => {
    const totals = { ...eventful.totals, "ws_step_failed{scenario:chat,step:leave}": 2 };
    const errors = [{ what: "step failed: chat leave", count: 2, example: "a|b `c`" }];
    const text = markdownReport(resultWith({ ...eventful, totals, errors }));
    expect(text).toContain("| `chat: leave` | failed 2 times | `` a\\|b `c` `` |");
    expect(text).not.toContain("### Errors");
  });

  test("that is hostile has neither markup, HTML nor links of its own, and whole tables", () => {
    const text = markdownReport(hostile);
    expectHarmless(text);
    for (const [head, , ...rows] of tablesOf(text)) {
      for (const row of rows) expect(row).toHaveLength(head!.length);
    }
  });
});

/** What a parser that is about in the tree makes of it; it is no dependency of ours. */
const parserName = "marked";
const marked = (await import(parserName).catch(() => undefined)) as
  | { readonly lexer: (text: string) => Token[] }
  | undefined;

interface Token {
  readonly type: string;
  readonly text?: string;
  readonly tokens?: readonly Token[];
  readonly items?: readonly Token[];
  readonly header?: readonly Token[];
  readonly rows?: readonly (readonly Token[])[];
}

function deep(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token) => [
    token,
    ...deep(token.tokens ?? []),
    ...deep(token.items ?? []),
    ...deep(token.header ?? []),
    ...deep(token.rows?.flat() ?? []),
  ]);
}

describe.skipIf(!marked)("a parser of Markdown", () => {
  const lexed = (text: string): Token[] => deep(marked!.lexer(text));

  test("finds neither HTML, links nor pictures in hostile reports", () => {
    const compared = comparisonReporters.markdown({
      comparison: compareRuns(hostile, hostile, [], { base: attack, now: attack }),
      isAll: true,
    });
    for (const text of [markdownReport(hostile), compared]) {
      const kinds = new Set(lexed(text).map(({ type }) => type));
      for (const kind of ["html", "link", "image", "del", "em", "code", "blockquote", "def"]) {
        expect(kinds).not.toContain(kind);
      }
      expect(kinds).toContain("table");
    }
  });

  test("reads texts in cells as they are", () => {
    const piece = fc.constantFrom(
      "`",
      "``",
      "|",
      "\\",
      " ",
      "a",
      "*",
      "<b>",
      "@x",
      "[x](y)",
      "&lt;",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `x${pieces.join("")}y`;
        const table = markdownTable(["", ""], [[cellCode(text), "end"]], []).join("\n");
        const [token] = marked!.lexer(table);
        const [cell, end] = token!.rows![0]!;
        expect(cell!.tokens!.map(({ type }) => type)).toEqual(["codespan"]);
        expect(end!.text).toBe("end");
      }),
    );
  });
});

describe("text in Markdown", () => {
  test.each([
    ["our words stay: 2 of 3 (5 %), ws_msg_rtt, --workers 4.", undefined],
    ["a|b\n*c* <b> `d` #1", "a\\|b⏎\\*c\\* &#60;b> \\`d\\` #1"],
    ["_emphasis_ and snake_case", "\\_emphasis\\_ and snake_case"],
    ["@everyone", "@\u200beveryone"],
    ["&lt; & <", "&#38;lt; & &#60;"],
    ["\\|", "\\\\\\|"],
    ["# title", "\u200b# title"],
  ])("%j", (text, written = text) => {
    expect(markdownText(text)).toBe(written);
  });

  test.each([
    ["plain", "`plain`"],
    ["", ""],
    ["a`b", "``a`b``"],
    ["`a``b", "``` `a``b ```"],
    [" a ", "`  a  `"],
    ["a|b", "`a|b`"],
    ["a\nb\u001b", "`a⏎b␛`"],
  ])("%j as code is %j", (text, written) => {
    expect(markdownCode(text)).toBe(written);
  });

  test("as code in a cell is what it was, whatever it is", () => {
    const piece = fc.constantFrom(
      "`",
      "``",
      "|",
      "\\",
      " ",
      "a",
      "*",
      "<b>",
      "@x",
      "[x](y)",
      "&lt;",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `x${pieces.join("")}y`;
        const cell = cellCode(text);
        const [, fence = "", , inner = ""] = /^(`+)( ?)([^]*)\2\1$/.exec(cell) ?? [];
        expect(inner).not.toMatch(new RegExp(`(?<!\`)${fence}(?!\`)`));
        expect(inner.replace(/\\\|/g, "|").replaceAll("\u200b", "")).toBe(text);
        // No bar is left that ends the cell, however backslashes are counted.
        for (const [, before] of cell.matchAll(/(\\*)\|/g)) expect(before).toHaveLength(1);
      }),
    );
  });
});
