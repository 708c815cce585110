/** Owns the exchange as a person reads it: both heads, what matters in them before the rest. */
import { safeLine, safeText } from "../../base/safe-text.js";
import type { InspectedHead, Inspection } from "../../findings/inspection.js";
import type { Ink } from "../ink.js";
import type { Section } from "../section.js";
import { clipped } from "./columns.js";
import { folded } from "./fold.js";

/** What decides over an upgrade, or tells who has answered it. */
const important =
  /^(?:upgrade|connection|sec-websocket-.*|host|origin|authorization|cookie|location|www-authenticate|proxy-authenticate|retry-after|server|via|set-cookie|content-length|transfer-encoding)$/i;

const mostHeaders = 20;
const mostBody = 6;
/** Lines of one header; with -v as well there is an end. */
const mostLines = 3;
const mostLinesInFull = 60;
const longest = 16_384;

/** How far a line is set in that goes on. */
const hang = 2;

function headLines(head: InspectedHead, mark: string, page: Ink, verbose: boolean): string[] {
  const { chalk } = page;
  const fold = {
    width: page.width - mark.length,
    hang,
    most: verbose ? mostLinesInFull : mostLines,
  };
  const lines = (text: string): string[] => folded(safeLine(text, longest), fold);
  const limit = verbose ? Infinity : mostHeaders;
  const isShort = head.headers.length <= limit;
  // Where not all have room, those that matter have it.
  const chosen = isShort ? head.headers : head.headers.filter(([name]) => important.test(name));
  const shown = chosen.slice(0, limit);
  const left = head.headers.length - shown.length;
  const goesOn = " ".repeat(mark.length);
  return [
    ...lines(head.first).map(
      (line, index) => chalk.dim(index === 0 ? mark : goesOn) + chalk.bold(line),
    ),
    ...shown.flatMap(([name, value]) =>
      lines(`${name}: ${value}`).map((text, index) => {
        if (!important.test(name)) return chalk.dim((index === 0 ? mark : goesOn) + text);
        if (index > 0) return goesOn + text;
        const split = Math.min(text.length, name.length + 1);
        return `${chalk.dim(mark)}${chalk.bold(text.slice(0, split))}${text.slice(split)}`;
      }),
    ),
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
