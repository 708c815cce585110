/**
 * Owns the precedence of what a connection is configured by: flags, then WSCTL_ variables, then the
 * project's `.wsctl.yaml`, then the user's `wsctl/config.yaml`; in each file a profile before defaults.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { messageOf, WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import {
  type ConfigFile,
  type ConfigHeader,
  type ConfigMessage,
  parseConfig,
  type Profile,
  type Settings,
  type SettingValue,
} from "./config-file.js";
import { type ConfigFlags, configKeys, keyName } from "./config-keys.js";
import { configPath, type SecretAccess, type SecretRef } from "./config-secret.js";
import { environmentSettings, Layers } from "./config-layers.js";
import type { ConnectionFlags } from "./connection-options.js";
import type { Host } from "./host.js";

/** Where configuration is looked for. */
export interface ConfigPlace {
  readonly env: Host["env"];
  /** The project's file is looked for here. */
  readonly cwd: string;
  /** Whether the command has the flags of a session, rather than only those that open connections. */
  readonly session?: boolean;
  /** Whether files of configuration are left alone, so that only the environment has a say. */
  readonly environmentOnly?: boolean;
  /** Runs a command line in a shell; what it prints. */
  readonly run: (command: string) => string;
}

/** A connection with everything that was configured. */
export interface Configured<Flags> {
  /** Every `@profile` replaced by its URL. */
  readonly urls: readonly string[];
  readonly flags: Flags;
  /** Names of headers, in small letters, whose values are kept elsewhere: not to be shown. */
  readonly secretHeaders: ReadonlySet<string>;
  /** What to tell on stderr, a line each. */
  readonly warnings: readonly string[];
}

/** A file that was found. */
interface Found {
  readonly file: ConfigFile;
  readonly name: string;
  readonly access: SecretAccess;
}

const projectFile = ".wsctl.yaml";

/** The user's file: in $XDG_CONFIG_HOME, which must be absolute to count, or ~/.config. */
function userFile({ env }: ConfigPlace): string | undefined {
  const { XDG_CONFIG_HOME: xdg, HOME: home } = env;
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, "wsctl", "config.yaml");
  return home ? path.join(home, ".config", "wsctl", "config.yaml") : undefined;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** The names in a file; none in one that is not there, or whose mistakes are told when it is used. */
function namesIn(file: string): string[] {
  try {
    return [...parseConfig(file, read(file) ?? "").profiles.keys()];
  } catch {
    return [];
  }
}

/** Every profile of the project and of the user, without `@`. */
export function profileNames(place: ConfigPlace): string[] {
  const users = userFile(place);
  const files = [path.resolve(place.cwd, projectFile), ...(users === undefined ? [] : [users])];
  return [...new Set(files.flatMap(namesIn))];
}

/** The files that are there, the one with more right first. */
function findFiles(place: ConfigPlace, warnings: string[]): Found[] {
  const { env, run } = place;
  const home = env["HOME"];
  const found: Found[] = [];
  const add = (at: string, name: string, trusted: boolean): ConfigFile | undefined => {
    const text = read(at);
    if (text === undefined) return undefined;
    const file = parseConfig(name, text);
    const folder = path.dirname(at);
    found.unshift({ file, name, access: { env, home, run, folder, trusted } });
    warnings.push(...file.warnings);
    return file;
  };
  const users = userFile(place);
  const own = users === undefined ? undefined : add(users, users, true);
  const project = path.resolve(place.cwd, projectFile);
  if (project === users) return found;
  const trusted = (own?.trust ?? []).some(
    (folder) => configPath(folder, path.dirname(users!), home) === path.dirname(project),
  );
  const file = add(project, projectFile, trusted);
  if (file && file.trust.length > 0) {
    warnings.push(`${projectFile}: trust counts in your own configuration only`);
  }
  return found;
}

/** The profile of that name; the project's hides the user's, nothing of the two is mixed. */
function profileNamed(name: string, found: readonly Found[]): readonly [Found, Profile] {
  for (const one of found) {
    const profile = one.file.profiles.get(name);
    if (profile) return [one, profile()];
  }
  const names = found.flatMap(({ file }) => [...file.profiles.keys()]);
  const guess = nearest(name, names);
  throw new WsctlError("WSCTL_EUSAGE", `there is no profile "${safeLine(name, 60)}"`, {
    hint:
      names.length === 0
        ? `profiles stand in ${projectFile} or in the user's wsctl/config.yaml`
        : guess === undefined
          ? `there are ${names.map((one) => `@${safeLine(one, 40)}`).join(", ")}`
          : `did you mean @${guess}?`,
  });
}

/** Of a project's defaults what may be taken; whoever cloned it has not read them. */
function allowedDefaults({ file, name, access }: Found, warnings: string[]): Settings {
  if (access.trusted) return file.defaults;
  const isHarmless = ([key]: readonly [string, unknown]) => configKeys[key]?.harmless === true;
  const refused = [...file.defaults]
    .filter((entry) => !isHarmless(entry))
    .map(([key]) => keyName(key));
  if (refused.length > 0) {
    warnings.push(
      `${name}: the defaults ${refused.join(", ")} are passed over, as the project is not trusted; ` +
        `to trust it, add its folder to your own configuration: trust: ["${access.folder}"]`,
    );
  }
  return new Map([...file.defaults].filter(isHarmless));
}

/** The variables whose values a setting sends: those it refers to, and those of its templates. */
function variablesIn(key: string, value: SettingValue): string[] {
  const { kind } = configKeys[key]!;
  if (kind === "messages") {
    return (value as readonly ConfigMessage[]).flatMap(({ text }) =>
      Array.from(text.matchAll(/\$env\.(\w+)/g), ([, name = ""]) => name),
    );
  }
  const refs =
    kind === "headers"
      ? (value as readonly ConfigHeader[]).map((header) => header.value)
      : kind === "secret" && typeof value === "object"
        ? [value as SecretRef]
        : [];
  return refs.filter(({ from }) => from === "env").map(({ what }) => what);
}

/** What a project that is not trusted is about to do with secrets of the environment. */
function disclosures({ name, access }: Found, { url, settings }: Profile): string[] {
  if (access.trusted) return [];
  const names = new Set([...settings].flatMap(([key, value]) => variablesIn(key, value)));
  const shown = safeLine((url ?? "the target").split("?")[0]!, 100);
  return names.size === 0
    ? []
    : [
        `${name} has the variable ${[...names].join(", ")} sent to ${shown}; the project is not trusted`,
      ];
}

/** What opens connections, without what is said on them. */
function withoutSession(settings: Settings): Settings {
  return new Map([...settings].filter(([key]) => configKeys[key]?.session !== true));
}

/** What a profile has said to its server that this command does not say. */
function unsaid(name: string, { settings }: Profile): string[] {
  const keys = ["firstMessage", "autoReply", "ping"].filter((key) => settings.has(key));
  if (keys.length === 0) return [];
  return [
    `the profile ${name} has ${keys.map(keyName).join(", ")}, which counts for wsctl connect only`,
  ];
}

/**
 * Puts configuration under the flags.
 *
 * @param given the arguments that are URLs or `@profile`; at most one profile among them
 * @param isGiven whether a flag was given on the command line, rather than by its default
 * @throws WsctlError WSCTL_EUSAGE with file, line and column for a mistake in a file
 */
export function configure<Flags extends ConnectionFlags>(
  given: readonly string[],
  flags: Flags,
  isGiven: (flag: keyof ConfigFlags) => boolean,
  place: ConfigPlace,
): Configured<Flags> {
  const hasSession = place.session ?? false;
  const warnings: string[] = [];
  const found = place.environmentOnly ? [] : findFiles(place, warnings);
  const names = given.filter((url) => url.startsWith("@"));
  if (names.length > 1) {
    throw new WsctlError("WSCTL_EUSAGE", "several profiles were given", {
      hint: "a profile says how to connect as well: use one, and plain URLs",
    });
  }
  const layers = new Layers(flags, isGiven);
  const add = (settings: Settings, access: SecretAccess): void => {
    layers.add(hasSession ? settings : withoutSession(settings), access);
  };
  add(environmentSettings(place.env), {
    env: place.env,
    folder: place.cwd,
    home: place.env["HOME"],
    trusted: true,
    run: place.run,
  });
  let url: string | undefined;
  if (names[0] !== undefined) {
    const [one, profile] = profileNamed(names[0].slice(1), found);
    if (profile.url === undefined) {
      throw new WsctlError("WSCTL_EUSAGE", `the profile ${safeLine(names[0])} has no url`, {
        hint: `add one to it in ${one.name}`,
      });
    }
    url = profile.url;
    warnings.push(...profile.warnings, ...disclosures(one, profile));
    if (!hasSession) warnings.push(...unsaid(names[0], profile));
    add(profile.settings, one.access);
  }
  for (const one of found) add(allowedDefaults(one, warnings), one.access);
  return {
    urls: given.map((one) => (one.startsWith("@") ? url! : one)),
    flags: { ...flags, ...layers.values },
    secretHeaders: layers.secretHeaders,
    warnings: warnings.map((line) => safeLine(line, 400)),
  };
}
