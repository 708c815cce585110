/** Owns one configuration file: YAML in, profiles and defaults out, every mistake at its place. */
import { isToken } from "../frame/http-head.js";
import { isSecretName } from "../scenario/redact.js";
import { configKeys } from "./config-keys.js";
import { parseSecret, type SecretRef } from "./config-secret.js";
import { urlWarnings } from "./url-secrets.js";
import { type YamlEntry, YamlSource } from "../base/yaml-source.js";

/** A header whose value may be kept elsewhere. */
export interface ConfigHeader {
  readonly name: string;
  readonly value: SecretRef;
}

/** What a key says, read by its kind. */
export type SettingValue =
  | string
  | boolean
  | readonly string[]
  | readonly ConfigHeader[]
  | SecretRef;

/** What is said, by the name of the key. */
export type Settings = ReadonlyMap<string, SettingValue>;

/** A target by name. */
export interface Profile {
  readonly url: string | undefined;
  readonly settings: Settings;
}

/** One file. */
export interface ConfigFile {
  readonly defaults: Settings;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Folders of projects whose files are trusted; only the user's own file says so. */
  readonly trust: readonly string[];
  readonly warnings: readonly string[];
}

/** Reads one file; `warnings` is added to. */
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
      if (!Object.hasOwn(configKeys, entry.key)) {
        throw this.#source.unknownKey(entry, [...others, ...Object.keys(configKeys)]);
      }
      settings.set(entry.key, this.#value(entry));
    }
    return settings;
  }

  #value({ key, value }: YamlEntry): SettingValue {
    const source = this.#source;
    switch (configKeys[key]!.kind) {
      case "text":
      case "file":
        return source.text(value, key);
      case "switch":
        return this.#truth(value, key);
      case "list":
        return source.items(value).map((item) => source.text(item, key));
      case "headers":
        return this.#headers(value);
      case "secret": {
        // `proxy: false` goes without, whatever the environment says.
        if (key === "proxy" && source.truth(value) === false) return false;
        const secret = parseSecret(source, value, key);
        this.#warnOf(secret, key, key !== "proxy" || /\/\/[^/]*:[^/]*@/.test(secret.what));
        return secret;
      }
      default:
        throw new TypeError(`no such kind of key: ${key}`);
    }
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
          return this.#header(entry.keyNode, entry.key, parseSecret(source, item, entry.key));
        }),
      );
    }
    return source.items(value).map((item) => {
      const line = source.text(item, "headers");
      const colon = line.indexOf(":");
      const what = line.slice(colon + 1).trim();
      const place = source.place(item);
      return this.#header(item, line.slice(0, Math.max(0, colon)).trim(), {
        from: "literal",
        what,
        place,
      });
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

/** In defaults a secret would go to every server that is ever dialled. */
function checkDefaults(source: YamlSource, entries: readonly YamlEntry[]): void {
  for (const { key, keyNode } of entries) {
    if (["bearer", "user", "cookie"].includes(key)) {
      const hint = "put it into a profile, so that it goes to that server only";
      throw source.error(keyNode, `${key} may not stand in defaults`, hint);
    }
  }
}

/**
 * Reads a configuration file.
 *
 * @param name as it is named to people
 * @throws WsctlError WSCTL_EUSAGE with file, line and column
 */
export function parseConfig(name: string, text: string): ConfigFile {
  const source = new YamlSource(name, text);
  const reader = new Reader(source);
  const profiles = new Map<string, Profile>();
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
        const entries = source.entries(value, `the profile ${key}`);
        const url = entries.find((one) => one.key === "url");
        const address = url && source.text(url.value, "url");
        for (const warning of urlWarnings(address === undefined ? [] : [address])) {
          reader.warnings.push(`${source.place(url?.value)}: ${warning}`);
        }
        profiles.set(key, { url: address, settings: reader.settings(entries, ["url"]) });
      }
    } else if (entry.key === "trust") {
      trust = source.items(entry.value).map((item) => source.text(item, "trust"));
    } else {
      throw source.unknownKey(entry, known);
    }
  }
  return { defaults, profiles, trust, warnings: reader.warnings };
}
