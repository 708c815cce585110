/**
 * Owns where the text of a flag comes from: the flag itself, a file, or for secrets the environment,
 * so that they need not stand where `ps` and the shell's history show them.
 */
import { readFileSync } from "node:fs";
import { messageOf, WsctlError } from "../base/errors.js";
import type { Host } from "./host.js";

/** Every byte that a file holds. @throws WsctlError WSCTL_EUSAGE */
export function fileBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    // Node names the call and the path once more.
    const why = messageOf(cause).replace(/, \w+( '.*')?$/, "");
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${path}: ${why}`, { cause });
  }
}

/** The text that a file holds. @throws WsctlError WSCTL_EUSAGE */
export function fileText(path: string): string {
  return fileBytes(path).toString("utf8");
}

/**
 * The text itself, or for `@file` what the file holds, the last line break taken off.
 * @throws WsctlError WSCTL_EUSAGE for a file that cannot be read
 */
export function textOrFile(value: string): string {
  return value.startsWith("@") ? fileText(value.slice(1)).replace(/\r?\n$/, "") : value;
}

/** Begins a secret that is meant as it stands, even if it looks like a reference. */
const literal = "text:";

/** A secret, or where it is kept, as flags have it. */
interface SecretText {
  readonly from: "env" | "file" | "literal";
  /** The variable, the path, or the secret itself. */
  readonly what: string;
}

/** What a secret that was written as flags take it refers to; nothing is read yet. */
export function secretSource(value: string): SecretText {
  if (value.startsWith(literal)) return { from: "literal", what: value.slice(literal.length) };
  const name = variableOf(value);
  if (name !== undefined) return { from: "env", what: name };
  if (value.startsWith("@")) return { from: "file", what: value.slice(1) };
  return { from: "literal", what: value };
}

/** A secret written so that {@link secretText} gives it back unchanged. */
export function asLiteral(secret: string): string {
  return `${literal}${secret}`;
}

/** The name of the variable that a reference such as `env:TOKEN` names; undefined for any other text. */
export function variableOf(value: string): string | undefined {
  return /^env:([A-Za-z_][A-Za-z0-9_]*)$/.exec(value)?.[1];
}

/**
 * A secret: `@file`, `env:NAME`, `text:` and what follows as it stands, or the text itself.
 * @throws WsctlError WSCTL_EUSAGE for a file or a variable that is not there
 */
export function secretText(value: string, env: Host["env"]): string {
  const { from, what } = secretSource(value);
  if (from === "literal") return what;
  if (from === "file") return textOrFile(value);
  const found = env[what];
  if (found !== undefined && found !== "") return found;
  throw new WsctlError("WSCTL_EUSAGE", `the environment variable ${what} is not set`, {
    hint: `set it, as in \`read -rs ${what} && export ${what}\`, or name a file with @`,
  });
}
