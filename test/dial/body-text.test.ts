/** Shows how the body of a refusal is put for people: without tags, within bounds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyText } from "../../src/dial/body-text.js";

function shown(body: string | Buffer, type = "text/html; charset=utf-8"): string {
  const bytes = Buffer.from(body);
  const headers = [["Content-Type", type]] as const;
  const head = { httpVersion: "1.1", status: 403, reason: "", bytes: Buffer.alloc(0) };
  return bodyText({ ...head, headers }, bytes);
}

describe("a page", () => {
  test("is its sentences, each once", () => {
    const page = `<!doctype html>\r\n<html><head><title>403 Forbidden</title>
<style>h1 > p { color: red }</style><script>if (a < b) alert("</p>")</script></head>
<body><center><h1>403 Forbidden</h1></center><!-- <p>hidden --><hr>
<p>You are <b>not</b> allowed,\n<a href="/">go &amp; ask</a> &lt;me&gt;</p></body></html>`;
    expect(shown(page)).toBe("403 Forbidden · You are not allowed, go & ask <me>");
    expect(shown(page, "text/plain")).toBe(shown(page));
  });

  test("that shows nothing is told by its size", () => {
    expect(shown("<html><script>1</script></html>")).toBe("31 bytes of HTML");
  });

  test("may be broken anywhere", () => {
    expect(shown("a < b <p")).toBe("a < b");
    expect(shown("a<script>never closed")).toBe("a");
    expect(shown("a<!-- never closed")).toBe("a");
  });

  test("is harmless, short, and read in little time, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const line = shown(text);
        expect(line.length).toBeLessThanOrEqual(300);
        // oxlint-disable-next-line no-control-regex -- control characters are the subject here
        expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
      }),
      { numRuns: 200 },
    );
    for (const unit of ["<", "<!--", "<script>", "&amp", " \n", "<b>x"]) {
      expect(shown(unit.repeat(65_536 / unit.length)).length).toBeLessThanOrEqual(300);
    }
  });
});

test("what is no page stays as it is", () => {
  expect(shown('{"html":"<p>x</p>"}', "application/json")).toBe('{"html":"<p>x</p>"}');
});
