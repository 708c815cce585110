/** Owns the files that a person names at the prompt. */
import { readFile, stat } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { messageOf, WsctlError } from "../base/errors.js";
import { formatSize } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";

const largest = 1024 ** 3;

const mostNames = 200;

/** The path, with `~/` for the home directory. */
export function pathOf(typed: string): string {
  return typed.startsWith("~/") ? path.join(homedir(), typed.slice(2)) : typed;
}

/** What the system's refusals mean, and what can be done. */
const refusals: ReadonlyMap<string, readonly [why: string, hint?: string]> = new Map([
  ["ENOENT", ["there is no such file or directory"]],
  ["ENOTDIR", ["there is no such directory"]],
  ["EISDIR", ["it is a directory"]],
  ["EEXIST", ["it is there already", "files are never written over: take another name"]],
  ["EACCES", ["you may not"]],
  ["EPERM", ["you may not"]],
  ["EROFS", ["nothing can be written there"]],
  ["ENOSPC", ["the disk is full"]],
  ["EDQUOT", ["your share of the disk is used up"]],
  ["EFBIG", ["it would be larger than files may be"]],
  ["ENAMETOOLONG", ["the name is too long"]],
]);

/** Why the system has refused a file. */
export function whyNot(error: unknown): {
  readonly why: string;
  readonly hint?: string | undefined;
} {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const [why = safeLine(messageOf(error)), hint] = refusals.get(code) ?? [];
  return { why, hint };
}

/** The bytes of a file. @throws WsctlError WSCTL_EUSAGE */
export async function fileBytes(typed: string, most = largest): Promise<Buffer> {
  const refuse = (why: string, cause?: unknown) =>
    new WsctlError("WSCTL_EUSAGE", `cannot read ${safeLine(typed)}: ${why}`, { cause });
  let size: number;
  try {
    const found = await stat(pathOf(typed));
    if (!found.isFile()) throw new Error("it is no file");
    ({ size } = found);
    if (size <= most) return await readFile(pathOf(typed));
  } catch (error) {
    throw refuse(whyNot(error).why, error);
  }
  throw refuse(`${formatSize(size)} are too many, ${formatSize(most)} at most`);
}

/** The paths that begin so; directories end with a slash. */
export function pathsLike(typed: string): readonly string[] {
  const slash = typed.lastIndexOf("/") + 1;
  const [directory, start] = [typed.slice(0, slash), typed.slice(slash)];
  try {
    return readdirSync(pathOf(directory === "" ? "." : directory), { withFileTypes: true })
      .filter(({ name }) => name.startsWith(start) && (start !== "" || !name.startsWith(".")))
      .slice(0, mostNames)
      .map((entry) => directory + entry.name + (entry.isDirectory() ? "/" : ""))
      .sort();
  } catch {
    return [];
  }
}
