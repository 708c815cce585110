/** Shows that a page is one document that loads nothing and runs nothing but its own script. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { modes } from "../../src/serve/modes.js";
import { pageFor } from "../../src/serve/page.js";

/** The only element of that kind: its text. */
function only(html: string, tag: string): string {
  const found = [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))];
  expect(found).toHaveLength(1);
  return found[0]![1]!;
}

const hash = (text: string): string =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

test("exactly the modes that say so have a page", () => {
  const said = [...modes].filter(([, kind]) => kind.page).map(([name]) => name);
  expect([...modes.keys()].filter((name) => pageFor(name))).toEqual(said);
  expect(pageFor("../../package.json")).toBeUndefined();
});

describe.each(["chat", "ticker"])("the page of %s", (mode) => {
  const { html, headers } = pageFor(mode)!;

  test("is allowed its own script and style by their hashes, and nothing else", () => {
    const policy = headers["content-security-policy"]!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hash(only(html, "script"))};`);
    expect(policy).toContain(`style-src ${hash(only(html, "style"))};`);
    expect(policy).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  test("is whole: no imports, no resources, no inline handlers or styles", () => {
    expect(only(html, "script")).not.toMatch(/^(?:import|export)\b/m);
    expect(html.match(/\s(?:src|href)="(?!data:)[^"]*"/g)).toBeNull();
    expect(html).not.toMatch(/<[^>]*\s(?:on\w+|style)=/);
    expect(html).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/);
  });

  test("knows where WebSocket is spoken, whatever the path", () => {
    const path = '/a"><script>$&</script>';
    const told = pageFor(mode, path)!.html;
    const escaped = "/a&#34;&#62;&#60;script&#62;$&#38;&#60;/script&#62;";
    expect(told).toContain(`<meta name="wsctl-path" content="${escaped}" />`);
    expect(only(told, "script")).toBe(only(html, "script"));
  });
});
