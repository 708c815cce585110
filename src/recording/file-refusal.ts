/** Owns what it means when the system refuses a file, and what can be done. */
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";

/** What is done with a file. */
type Doing = "read" | "write";

interface Refusal {
  readonly why: string;
  /** What to do, when it was to be read, and when it was to be written. */
  readonly read?: string;
  readonly write?: string;
}

const notYours = {
  why: "you may not",
  read: "it is another's: `ls -l` tells whose",
  write: "name a place that is yours to write to",
};
const full = { why: "the disk is full", write: "make room, or name a place on another disk" };

const refusals: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  [
    "ENOENT",
    {
      why: "there is no such file or directory",
      read: "is it spelt right? It is looked for from the directory that you are in",
      write: "make the directory first, or name another one",
    },
  ],
  ["ENOTDIR", { why: "there is no such directory", write: "a part of the path is a file" }],
  ["EISDIR", { why: "it is a directory", read: "name a file in it", write: "name a file in it" }],
  ["EEXIST", { why: "it is there already", write: "take another name" }],
  ["EACCES", notYours],
  ["EPERM", notYours],
  ["EROFS", { why: "nothing can be written there", write: notYours.write }],
  ["ENOSPC", full],
  ["EDQUOT", { why: "your share of the disk is used up", write: full.write }],
  ["EFBIG", { why: "it would be larger than files may be" }],
  ["EIO", { why: "the disk is broken" }],
  ["ENAMETOOLONG", { why: "the name is too long" }],
  ["EMFILE", { why: "too many files are open", read: "`ulimit -n` allows more" }],
]);

function refusalOf(error: unknown): Refusal | undefined {
  return refusals.get(error instanceof Error && "code" in error ? String(error.code) : "");
}

/** Why, in a few words. */
export function whyRefused(error: unknown): string {
  // Node names the call and the path once more.
  return refusalOf(error)?.why ?? safeLine(messageOf(error).replace(/, \w+( '.*')?$/s, ""));
}

/** What can be done; undefined where nothing general can be said. */
export function adviceFor(error: unknown, doing: Doing): string | undefined {
  return refusalOf(error)?.[doing];
}

/** The error for a file that the system refuses. */
export function refusedFile(doing: Doing, path: string, cause: unknown): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `cannot ${doing} ${safeLine(path)}: ${whyRefused(cause)}`, {
    cause,
    hint: adviceFor(cause, doing),
  });
}
