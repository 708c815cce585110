/**
 * Owns the pages that let a person watch a mode in a browser: put together from the files in `page/`
 * into a single document that loads nothing and may run nothing but its own script.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Page } from "./site.js";

/** The parts of a page besides `base.css` and `link.js`, by mode. */
const modesWithPage: ReadonlySet<string> = new Set(["chat", "ticker"]);

/**
 * The page of a mode; undefined for modes without one.
 * @param path where the server speaks WebSocket
 */
export function pageFor(mode: string, path = "/"): Page | undefined {
  if (!modesWithPage.has(mode)) return undefined;
  const style = read("base.css") + read(`${mode}.css`);
  const script = join("link.js", "dom.js", `${mode}.js`);
  // Functions, since a replacement's own "$" would mean something.
  const html = read(`${mode}.html`)
    .replace(/<link rel="stylesheet"[^>]*>/, () => `<style>${style}</style>`)
    .replace(/(<script type="module") src=[^>]*>/, (_, tag: string) => `${tag}>${script}`)
    .replace(/(name="wsctl-path" content=")[^"]*/, (_, tag: string) => tag + escape(path));
  return { html, headers: headersFor(style, script) };
}

function headersFor(style: string, script: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    // In policies of level 3, 'self' includes the WebSocket of the same host and port.
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
}

/** One script of several modules: each is whole without the words that join them. */
function join(...names: readonly string[]): string {
  const modules = names.map((name) =>
    read(name)
      .replace(/^import .*;\n/gm, "")
      .replace(/^export /gm, ""),
  );
  return modules.join("\n");
}

function read(name: string): string {
  return readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");
}

function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
