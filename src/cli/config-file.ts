/** Owns one configuration file: YAML in, profiles and defaults out, every mistake at its place. */
import { isToken } from "../frame/http-head.js";
import { isSecretName } from "../base/secret-name.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import { configKeys, keyNamed, keyNames } from "./config-keys.js";
import { variableOrText, parseSecret, plainSecret, type SecretRef } from "./config-secret.js";
import { urlWarnings } from "./url-secrets.js";
import { type YamlEntry, YamlSource } from "../base/yaml-source.js";

/** A header whose value may be kept elsewhere. */
export interface ConfigHeader {
  readonly name: string;
  readonly value: SecretRef;
}

/** A message, and where it stands, as `file:line:column`. */
export interface ConfigMessage {
  readonly text: string;
  readonly place: string;
}

/** What a key says, read by its kind. */
export type SettingValue =
  | string
  | boolean
  | readonly string[]
  | readonly ConfigMessage[]
  | readonly ConfigHeader[]
  | SecretRef;

/** What is said, by the name of the key. */
export type Settings = ReadonlyMap<string, SettingValue>;

/** A target by name. */
export interface Profile {
  readonly url: string | undefined;
  readonly settings: Settings;
  /** What is to be said when it is used, a line each. */
  readonly warnings: readonly string[];
}

/** One file. */
export interface ConfigFile {
  readonly defaults: Settings;
  /** By name; a profile is read when it is used, so that the mistakes of others do no harm. */
  readonly profiles: ReadonlyMap<string, () => Profile>;
  /** Folders of projects whose files are trusted; only the user's own file says so. */
  readonly trust: readonly string[];
  /** What is to be said whatever is used of it. */
  readonly warnings: readonly string[];
}

/** Reads a part of one file; `warnings` is added to. */
class Reader {
  readonly warnings: string[] = [];
  readonly #source: YamlSource;

  constructor(source: YamlSource) {
    this.#source = source;
  }

  settings(entries: readonly YamlEntry[], others: readonly string[]): Settings {
    const settings = new Map<string, SettingValue>();
    for (const entry of entries) {
      if (others.includes(entry.key)) continue;
      const key = keyNamed(entry.key);
      if (key === undefined) throw this.#source.unknownKey(entry, [...others, ...keyNames]);
      if (settings.has(key)) {
        const hint = "it may be written like the flag or in one word; leave one of the two";
        throw this.#source.error(entry.keyNode, `${entry.key} is said twice`, hint);
      }
      settings.set(key, this.#value(key, entry.value));
    }
    return settings;
  }

  #value(key: string, value: unknown): SettingValue {
    const source = this.#source;
    const { kind, choices, asks = false } = configKeys[key]!;
    switch (kind) {
      case "text":
        return this.#choice(source.text(value, key), choices, value);
      case "file":
        return source.text(value, key);
      case "policy":
        return source.truth(value) ?? source.text(value, key);
      case "messages":
        return source
          .items(value)
          .map((item) => ({ text: source.text(item, key), place: source.place(item) }));
      case "switch":
        return this.#truth(value, key);
      case "list":
        return source.items(value).map((item) => source.text(item, key));
      case "headers":
        return this.#headers(value);
      case "secret": {
        // `proxy: false` goes without, whatever the environment says.
        if (key === "proxy" && source.truth(value) === false) return false;
        const secret = parseSecret(source, value, key, (text, place) =>
          plainSecret(text, place, key, asks),
        );
        this.#warnOf(secret, key, key !== "proxy" || /\/\/[^/]*:[^/]*@/.test(secret.what));
        return secret;
      }
      default:
        throw new TypeError(`no such kind of key: ${key}`);
    }
  }

  #choice(text: string, choices: readonly string[] | undefined, node: unknown): string {
    if (!choices || choices.includes(text)) return text;
    const guess = nearest(text, choices);
    const hint = guess === undefined ? `there are ${choices.join(", ")}` : `did you mean ${guess}?`;
    throw this.#source.error(node, `there is no "${safeLine(text, 40)}"`, hint);
  }

  #truth(value: unknown, key: string): boolean {
    const truth = this.#source.truth(value);
    if (truth === undefined) throw this.#source.error(value, `${key} must be true or false`);
    return truth;
  }

  #headers(value: unknown): ConfigHeader[] {
    const source = this.#source;
    if (source.isMap(value)) {
      return source.entries(value, "headers").flatMap((entry) =>
        source.items(entry.value).map((item) => {
          return this.#header(
            entry.keyNode,
            entry.key,
            parseSecret(source, item, entry.key, variableOrText),
          );
        }),
      );
    }
    return source.items(value).map((item) => {
      const line = source.text(item, "headers");
      const colon = line.indexOf(":");
      const what = line.slice(colon + 1).trim();
      const place = source.place(item);
      const name = line.slice(0, Math.max(0, colon)).trim();
      return this.#header(item, name, variableOrText(what, place));
    });
  }

  #header(node: unknown, name: string, value: SecretRef): ConfigHeader {
    if (!isToken(name)) {
      throw this.#source.error(node, "this is not a header", "write it like X-Tenant: blue");
    }
    this.#warnOf(value, name, isSecretName(name));
    return { name, value };
  }

  #warnOf({ from, place }: SecretRef, key: string, isSecret: boolean): void {
    if (from !== "literal" || !isSecret) return;
    this.warnings.push(
      `${place}: ${key} is written out; better keep it elsewhere and write { env: NAME }, { file: PATH } or { command: … }`,
    );
  }
}

/** In defaults a secret, or what is said at once, would go to every server that is ever dialled. */
const forProfiles = new Set(["bearer", "user", "cookie", "firstMessage"]);

function checkDefaults(source: YamlSource, entries: readonly YamlEntry[]): void {
  for (const { key, keyNode } of entries) {
    if (forProfiles.has(keyNamed(key) ?? "")) {
      const hint = "put it into a profile, so that it goes to that server only";
      throw source.error(keyNode, `${key} may not stand in defaults`, hint);
    }
  }
}

/** Reads one profile. */
function profileOf(source: YamlSource, name: string, value: unknown): Profile {
  const reader = new Reader(source);
  const entries = source.entries(value, `the profile ${name}`);
  const url = entries.find(({ key }) => key === "url");
  const address = url && source.text(url.value, "url");
  for (const warning of urlWarnings(address === undefined ? [] : [address])) {
    reader.warnings.push(`${source.place(url?.value)}: ${warning}`);
  }
  const settings = reader.settings(entries, ["url"]);
  return { url: address, settings, warnings: reader.warnings };
}

/**
 * Reads a configuration file; its profiles when they are asked for, which then throw as well.
 *
 * @param name as it is named to people
 * @throws WsctlError WSCTL_EUSAGE with file, line and column
 */
export function parseConfig(name: string, text: string): ConfigFile {
  const source = new YamlSource(name, text);
  const reader = new Reader(source);
  const profiles = new Map<string, () => Profile>();
  let defaults: Settings = new Map();
  let trust: string[] = [];
  const known = ["defaults", "profiles", "trust"];
  for (const entry of source.entries(source.root, "the file")) {
    if (entry.key === "defaults") {
      const entries = source.entries(entry.value, "defaults");
      checkDefaults(source, entries);
      defaults = reader.settings(entries, []);
    } else if (entry.key === "profiles") {
      for (const { key, value } of source.entries(entry.value, "profiles")) {
        profiles.set(key, () => profileOf(source, key, value));
      }
    } else if (entry.key === "trust") {
      trust = source.items(entry.value).map((item) => source.text(item, "trust"));
    } else {
      throw source.unknownKey(entry, known);
    }
  }
  return { defaults, profiles, trust, warnings: reader.warnings };
}
