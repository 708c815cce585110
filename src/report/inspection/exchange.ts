/** Owns the exchange as a person reads it: both heads, what matters in them before the rest. */
import { safeLine, safeText } from "../../base/safe-text.js";
import type { InspectedHead, Inspection } from "../../findings/inspection.js";
import type { Ink } from "../ink.js";
import type { Section } from "../section.js";
import { clipped } from "./columns.js";

/** What decides over an upgrade, or tells who has answered it. */
const important =
  /^(?:upgrade|connection|sec-websocket-.*|host|origin|authorization|cookie|location|www-authenticate|proxy-authenticate|retry-after|server|via|set-cookie|content-length|transfer-encoding)$/i;

const mostHeaders = 20;
const mostBody = 6;

function headLines(head: InspectedHead, mark: string, page: Ink, verbose: boolean): string[] {
  const { chalk, width } = page;
  const room = width - mark.length;
  const line = (text: string): string => clipped(safeLine(text, 16_384), verbose ? Infinity : room);
  const limit = verbose ? Infinity : mostHeaders;
  const isShort = head.headers.length <= limit;
  // Where not all have room, those that matter have it.
  const chosen = isShort ? head.headers : head.headers.filter(([name]) => important.test(name));
  const shown = chosen.slice(0, limit);
  const left = head.headers.length - shown.length;
  return [
    `${chalk.dim(mark)}${chalk.bold(line(head.first))}`,
    ...shown.map(([name, value]) => {
      const text = line(`${name}: ${value}`);
      if (!important.test(name)) return chalk.dim(mark + text);
      const split = Math.min(text.length, name.length + 1);
      return `${chalk.dim(mark)}${chalk.bold(text.slice(0, split))}${text.slice(split)}`;
    }),
    ...(left > 0 ? [chalk.dim(`${mark}… ${left} more; -v or --json shows them`)] : []),
  ];
}

function bodyLines(body: string, { chalk, width }: Ink, verbose: boolean): string[] {
  const lines = safeText(body)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  const limit = verbose ? lines.length : mostBody;
  const shown = lines.slice(0, limit).map((line) => chalk.dim(`  ${clipped(line, width - 2)}`));
  return lines.length > limit ? [...shown, chalk.dim("  …")] : shown;
}

/** The section. */
export function exchangeSection(
  { request, response, body }: Inspection,
  ink: Ink,
  verbose: boolean,
): Section {
  return {
    title: "exchange",
    lines: [
      ...(request ? headLines(request, "> ", ink, verbose) : []),
      ...(response ? headLines(response, "< ", ink, verbose) : []),
      ...(body === undefined ? [] : bodyLines(body, ink, verbose)),
    ],
  };
}
