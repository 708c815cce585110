/** Owns secrets in configuration: references to where they are kept, and the fetching of them. */
import path from "node:path";
import { realpathSync } from "node:fs";
import { WsctlError } from "../base/errors.js";
import type { Host } from "./host.js";
import { fileText, secretText, variableOf } from "./text-source.js";
import type { YamlSource } from "../base/yaml-source.js";

/** Where a secret is kept. */
type SecretSource = "env" | "file" | "command" | "literal";

/** A secret, or where it is kept. */
export interface SecretRef {
  readonly from: SecretSource;
  /** The variable, the path as it was written, the command line, or the secret itself. */
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

/** Reads a secret as it is written. @throws WsctlError WSCTL_EUSAGE */
export function parseSecret(source: YamlSource, node: unknown, what: string): SecretRef {
  const place = source.place(node);
  if (!source.isMap(node)) return { from: "literal", what: source.text(node, what), place };
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
 * Fetches a secret. Whoever cloned a project has not agreed to run its commands, nor to send the
 * files of this machine to the URL that it names: both want trust.
 *
 * @throws WsctlError WSCTL_EUSAGE when it is not there, or is not to be had without trust
 */
export function fetchSecret(ref: SecretRef, access: SecretAccess): string {
  const { from, what } = ref;
  const trust = `look at the file; to trust it, add its folder to your own configuration: trust: ["${access.folder}"]`;
  if (from === "literal") return what;
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
