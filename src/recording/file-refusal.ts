/** Owns what it means when the system refuses a file. */
import { messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

const refusals: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file or directory"],
  ["ENOTDIR", "there is no such directory"],
  ["EISDIR", "it is a directory"],
  ["EEXIST", "it is there already"],
  ["EACCES", "you may not"],
  ["EPERM", "you may not"],
  ["EROFS", "nothing can be written there"],
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "your share of the disk is used up"],
  ["EFBIG", "it would be larger than files may be"],
  ["EIO", "the disk is broken"],
]);

/** Why, in a few words. */
export function whyRefused(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return refusals.get(code) ?? safeLine(messageOf(error));
}
