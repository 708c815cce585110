/** Owns the laying of settings under flags: what was said with more right stays, the rest fills in. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { ConfigHeader, ConfigMessage, Settings, SettingValue } from "./config-file.js";
import { type ConfigFlags, type ConfigKey, configKeys, variableFor } from "./config-keys.js";
import {
  configMessage,
  configPath,
  fetchSecret,
  variableOrText,
  type SecretAccess,
  type SecretRef,
} from "./config-secret.js";
import type { Host } from "./host.js";
import { asLiteral } from "./text-source.js";

function truthIn(text: string): boolean | undefined {
  if (/^(?:1|true|yes|on)$/i.test(text)) return true;
  return /^(?:0|false|no|off)$/i.test(text) ? false : undefined;
}

function truth(name: string, text: string): boolean {
  const value = truthIn(text);
  if (value !== undefined) return value;
  throw new WsctlError("WSCTL_EUSAGE", `the variable ${name} is "${text}"`, {
    hint: "write 1 or 0",
  });
}

function headersOf(text: string, place: string): ConfigHeader[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const colon = line.indexOf(":");
      if (colon <= 0) {
        throw new WsctlError("WSCTL_EUSAGE", `a line of the variable ${place} is not a header`, {
          hint: "write a header a line, such as X-Tenant: blue",
        });
      }
      const what = line.slice(colon + 1).trim();
      return { name: line.slice(0, colon).trim(), value: variableOrText(what, place) };
    });
}

function choice(name: string, text: string, { choices }: ConfigKey): string {
  if (!choices || choices.includes(text)) return text;
  throw new WsctlError("WSCTL_EUSAGE", `the variable ${name} is "${safeLine(text, 40)}"`, {
    hint: `there are ${choices.join(", ")}`,
  });
}

/** The value of a variable. */
function valueOf(key: string, name: string, text: string): SettingValue {
  const known = configKeys[key]!;
  switch (known.kind) {
    case "switch":
      return truth(name, text);
    case "policy":
      return truthIn(text) ?? text;
    case "list":
      return text.split(",").map((one) => one.trim());
    case "headers":
      return headersOf(text, name);
    case "messages":
      // One: whatever could stand between several may stand in a message.
      return [{ text, place: name }];
    case "secret":
      return variableOrText(text, name);
    case "text":
    case "file":
    default:
      return choice(name, text, known);
  }
}

/**
 * What the environment says: `WSCTL_TIMEOUT=5s`, lists with commas, headers a line each.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function environmentSettings(env: Host["env"]): Settings {
  const settings = new Map<string, SettingValue>();
  for (const key of Object.keys(configKeys)) {
    const name = variableFor(key);
    const text = env[name];
    if (text !== undefined && text !== "") settings.set(key, valueOf(key, name, text));
  }
  return settings;
}

/** Keys that are two words for one thing. */
const opposites: Readonly<Record<string, keyof ConfigFlags>> = { ipv4: "ipv6", ipv6: "ipv4" };

/** Flags, and layer by layer what fills them up. */
export class Layers {
  /** What was filled in, by the names of flags. */
  readonly values: Partial<ConfigFlags> = {};
  /** Names of headers, in small letters, whose values were fetched from where they are kept. */
  readonly secretHeaders = new Set<string>();
  readonly #isGiven: (flag: keyof ConfigFlags) => boolean;
  readonly #headers: readonly string[];

  constructor(flags: ConfigFlags, isGiven: (flag: keyof ConfigFlags) => boolean) {
    this.#isGiven = isGiven;
    this.#headers = flags.header ?? [];
  }

  /** Lays settings under what is said already. */
  add(settings: Settings, access: SecretAccess): void {
    // What a layer says of itself does not shut out the rest of the layer, but for its group.
    const open = [...settings].filter(([key]) => this.#isOpen(key));
    for (const [key, value] of open) {
      if (key === "headers") this.#addHeaders(value as readonly ConfigHeader[], access);
      else this.#set(configKeys[key]!, value, access);
    }
  }

  #isSaid(flag: keyof ConfigFlags): boolean {
    return this.#isGiven(flag) || this.values[flag] !== undefined;
  }

  #isOpen(key: string): boolean {
    const { flag, group } = configKeys[key]!;
    if (flag === "header") return true;
    const opposite = opposites[key];
    if (opposite !== undefined && this.#isSaid(opposite)) return false;
    if (this.#isSaid(flag)) return false;
    // Said or given with `Authorization` in a header, credentials are not sent twice.
    if (group === "credentials" && this.#names().has("authorization")) return false;
    return !Object.values(configKeys).some(
      (other) => group !== undefined && other.group === group && this.#isSaid(other.flag),
    );
  }

  #set({ flag, kind }: ConfigKey, value: SettingValue, access: SecretAccess): void {
    let text: unknown = value;
    if (kind === "file") text = configPath(value as string, access.folder, access.home);
    else if (kind === "secret" && value !== false) {
      const ref = value as SecretRef;
      text = ref.from === "asked" ? ref.what : asLiteral(fetchSecret(ref, access));
    } else if (kind === "messages") {
      const messages = value as readonly ConfigMessage[];
      text = messages.map((one) => configMessage(one.text, one.place, access));
    }
    Object.assign(this.values, { [flag]: text });
  }

  /** The names of headers that are said already, in small letters. */
  #names(): Set<string> {
    const lines = [...this.#headers, ...(this.values.header ?? [])];
    return new Set(lines.map((line) => line.split(":")[0]!.trim().toLowerCase()));
  }

  /** Headers fill up by name; those of the configuration come first. */
  #addHeaders(headers: readonly ConfigHeader[], access: SecretAccess): void {
    const names = this.#names();
    if (this.#isSaid("bearer") || this.#isSaid("user")) names.add("authorization");
    if (this.#isSaid("cookie")) names.add("cookie");
    if (this.#isSaid("origin")) names.add("origin");
    const added = headers
      .filter(({ name }) => !names.has(name.toLowerCase()))
      .map(({ name, value }) => {
        if (value.from !== "literal") this.secretHeaders.add(name.toLowerCase());
        return `${name}: ${fetchSecret(value, access)}`;
      });
    const lines = [...added, ...(this.values.header ?? this.#headers)];
    if (lines.length > 0) this.values.header = lines;
  }
}
