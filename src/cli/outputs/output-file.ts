/** Owns the files that outputs are written to: whether they can be, and that they are whole. */
import { randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  lstatSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { messageOf, WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";

/**
 * Checks that the file can be written, before an hour is spent on what is to stand in it.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function checkWritable(file: string): void {
  const existing = statOf(file, statSync);
  if (existing?.isDirectory()) {
    throw refuse(file, "it is a directory", "name a file in it");
  }
  if (existing) {
    requireWrite(file, file, "it may not be written");
    // A device or a pipe is written where it is.
    if (!existing.isFile()) return;
  }
  const folder = path.dirname(file);
  const around = statOf(folder, statSync);
  if (!around?.isDirectory()) {
    throw refuse(
      file,
      `there is no directory ${safeLine(folder, 100)}`,
      `make it first: mkdir -p ${safeLine(folder, 100)}`,
    );
  }
  if (!existing)
    requireWrite(file, folder, `the directory ${safeLine(folder, 100)} may not be written`);
}

/**
 * Writes the file; whoever reads it meanwhile sees the old text or the new one, never a half.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function writeWhole(file: string, text: string): void {
  const existing = statOf(file, lstatSync);
  try {
    // What is no plain file (a link, a pipe, a device) must stay what it is.
    if (existing && !existing.isFile()) {
      writeFileSync(file, text);
      return;
    }
    replace(file, text);
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(file, 100)}: ${why(cause)}`, {
      cause,
    });
  }
}

function replace(file: string, text: string): void {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    writeFileSync(beside, text, { flag: "wx" });
  } catch {
    // A directory that takes no new file may still hold one that can be written.
    rmSync(beside, { force: true });
    writeFileSync(file, text);
    return;
  }
  try {
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function statOf(file: string, stat: (file: string) => Stats): Stats | undefined {
  try {
    return stat(file);
  } catch {
    return undefined;
  }
}

function requireWrite(file: string, what: string, otherwise: string): void {
  try {
    accessSync(what, constants.W_OK);
  } catch {
    throw refuse(file, otherwise, undefined);
  }
}

function refuse(file: string, message: string, hint: string | undefined): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(file, 100)}: ${message}`, {
    hint,
  });
}

/** Node names the call and the path once more. */
function why(cause: unknown): string {
  return safeLine(messageOf(cause).replace(/, \w+( '.*')?$/s, ""));
}
