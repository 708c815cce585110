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
    throw refuse(safeLine(messageOf(error)), error);
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
