/** Owns how a recording is spelt, so that what is written anew keeps it: its header, and its line breaks. */
import { open } from "node:fs/promises";
import { type Changes, rewriteLine } from "../recording/rewrite-line.js";

/** How a file begins. */
export interface FileHead {
  /** The comments and empty lines above the header. */
  readonly above: readonly string[];
  /** The header as it is written. */
  readonly raw: string;
}

/** Bytes that a header is looked for in. */
const longestHead = 1024 * 1024;

/** The line with some fields changed; it keeps its line break. @param raw without the line feed */
export function rewritten(raw: string, changes: Changes): string {
  const [, mark = "", rest = "", end = ""] = /^(\ufeff?)([^]*?)(\r?)$/.exec(raw) ?? [];
  return mark + rewriteLine(rest, changes) + end;
}

/** @throws Error for a file that begins with no header */
export async function headOf(file: string): Promise<FileHead> {
  await using handle = await open(file, "r");
  const memory = Buffer.alloc(longestHead);
  const { bytesRead } = await handle.read(memory, 0, longestHead, 0);
  const all = memory.toString("utf8", 0, bytesRead).split("\n");
  const at = all.findIndex((line) => !/^\s*(?:#|$)/.test(line));
  // The last one may go on behind what was read.
  if (at < 0 || (at === all.length - 1 && bytesRead === longestHead)) {
    throw new Error("its header is too far from its beginning");
  }
  return { above: all.slice(0, at), raw: all[at]! };
}
