/** Owns secrets in configuration: references to where they are kept, and the fetching of them. */
import path from "node:path";
import { realpathSync } from "node:fs";
import { WsctlError } from "../base/errors.js";
import type { Host } from "./host.js";
import { fileText, secretSource, secretText, variableOf } from "./text-source.js";
import type { YamlSource } from "../base/yaml-source.js";

/** Where a secret is kept. */
type SecretSource = "env" | "file" | "command" | "literal" | "asked";

/** A secret, or where it is kept. */
export interface SecretRef {
  readonly from: SecretSource;
  /** The variable, the path as it was written, the command line, the secret itself, or what has the
   * flag ask for it. */
  readonly what: string;
  /** `file:line:column`, for errors. */
  readonly place: string;
}

/** What the fetching of a secret may do. */
export interface SecretAccess {
  readonly env: Host["env"];
  /** The folder of the configuration file. */
  readonly folder: string;
  readonly home: string | undefined;
  /** Whether commands are run, and files outside of the folder read. */
  readonly trusted: boolean;
  /** Runs a command line in a shell; what it prints. */
  readonly run: (command: string) => string;
}

const kinds = ["env", "file", "command"] as const;

/**
 * A secret that is written as the flag takes it: `env:NAME`, `@file`, `text:` and what follows as it
 * stands, or the text itself.
 * @param asks whether the flag asks for what is not said: `prompt`, or the password of a user
 */
export function plainSecret(text: string, place: string, key: string, asks: boolean): SecretRef {
  const source = secretSource(text);
  const isAsked = text === "prompt" || (key === "user" && !text.includes(":"));
  if (asks && isAsked && source.from === "literal") return { from: "asked", what: text, place };
  return { ...source, place };
}

/**
 * The value of a header, or of a variable: `env:NAME` is a reference, which nobody means to be sent as
 * it stands; all else is what it is, as those are no places where flags take a file.
 */
export function variableOrText(text: string, place: string): SecretRef {
  const name = variableOf(text);
  return name === undefined
    ? { from: "literal", what: text, place }
    : { from: "env", what: name, place };
}

/**
 * Reads a secret as it is written.
 * @param plain reads what is no map
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseSecret(
  source: YamlSource,
  node: unknown,
  what: string,
  plain: (text: string, place: string) => SecretRef,
): SecretRef {
  const place = source.place(node);
  if (!source.isMap(node)) return plain(source.text(node, what), place);
  const [entry, ...more] = source.entries(node, what);
  const hint = "write it like { env: TOKEN }, { file: token.txt } or { command: pass show token }";
  if (!entry || more.length > 0) throw source.error(node, `${what} must name one source`, hint);
  const from = kinds.find((kind) => kind === entry.key);
  if (!from) throw source.unknownKey(entry, kinds);
  const named = source.text(entry.value, `${what}.${from}`);
  if (from === "env" && variableOf(`env:${named}`) === undefined) {
    throw source.error(entry.value, "this is not the name of a variable", hint);
  }
  return { from, what: named, place };
}

/** A path of a configuration file: `~` is the home, the rest is relative to the file's folder. */
export function configPath(written: string, folder: string, home: string | undefined): string {
  if (home !== undefined && /^~(?:\/|$)/.test(written)) return path.join(home, written.slice(1));
  return path.resolve(folder, written);
}

function refuse({ place }: SecretRef, message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", `${place}: ${message}`, { hint });
}

/** Whether a file lies in the folder, links followed. */
function isWithin(file: string, folder: string): boolean {
  try {
    const relative = path.relative(realpathSync(folder), realpathSync(file));
    return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  } catch {
    return true; // What is not there will say so when it is read.
  }
}

/**
 * A message as flags take it, `@file` being that of the folder. Of a project that is not trusted no
 * file is sent: it might be a template, which takes what it likes out of the environment.
 *
 * @param place `file:line:column`, for errors
 * @throws WsctlError WSCTL_EUSAGE
 */
export function configMessage(text: string, place: string, access: SecretAccess): string {
  // Of a reply, the message stands behind the match.
  const [, before = "", file] = /^((?:.*?\s+=>\s+)?)@(.*)$/s.exec(text) ?? [];
  if (file === undefined) return text;
  if (!access.trusted) {
    const message = "no file is sent for a project that is not trusted";
    throw new WsctlError("WSCTL_EUSAGE", `${place}: ${message}`, { hint: trustHint(access) });
  }
  return `${before}@${configPath(file, access.folder, access.home)}`;
}

function trustHint({ folder }: SecretAccess): string {
  return `look at the file; to trust it, add its folder to your own configuration: trust: ["${folder}"]`;
}

/**
 * Fetches a secret. Whoever cloned a project has not agreed to run its commands, nor to send the
 * files of this machine to the URL that it names: both want trust.
 *
 * @throws WsctlError WSCTL_EUSAGE when it is not there, or is not to be had without trust
 */
export function fetchSecret(ref: SecretRef, access: SecretAccess): string {
  const { from, what } = ref;
  const trust = trustHint(access);
  if (from === "literal" || from === "asked") return what;
  if (from === "env") return secretText(`env:${what}`, access.env);
  if (from === "file") {
    const file = configPath(what, access.folder, access.home);
    if (!access.trusted && !isWithin(file, access.folder)) {
      refuse(ref, "a project that is not trusted may not read files outside its folder", trust);
    }
    return fileText(file).replace(/\r?\n$/, "");
  }
  if (!access.trusted) {
    refuse(ref, "the command of a project that is not trusted is not run", trust);
  }
  const said = access.run(what).replace(/\r?\n$/, "");
  if (said === "") refuse(ref, "the command printed no secret", "run it by hand to see why");
  return said;
}
