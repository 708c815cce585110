/** Owns the writing of XML: text and attributes with nothing in them that is obeyed. */
import { safeLine } from "../base/safe-text.js";

const longest = 2000;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** One line of text that is safe in XML 1.0, which has no way at all to write U+FFFE and U+FFFF. */
export function xmlText(text: string): string {
  return safeLine(text, longest)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (char) => entities[char]!);
}

/** An attribute, with a space before it. */
export function xmlAttribute(name: string, value: string): string {
  return ` ${name}="${xmlText(value)}"`;
}
