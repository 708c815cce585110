/** Owns the keys of configuration files and of WSCTL_ variables: their kinds, and the flag of each. */
import { lenses } from "../lens/lenses.js";
import type { ConnectionFlags } from "./connection-options.js";

/** The flags of `wsctl connect` that a service may want, beyond those that open its connections. */
interface SessionFlags {
  readonly firstMessage?: string[] | undefined;
  readonly autoReply?: string[] | undefined;
  readonly reconnect?: string | boolean | undefined;
  readonly ping?: string | undefined;
  readonly lens?: string | undefined;
  readonly templates?: boolean | undefined;
  readonly pretty?: boolean | undefined;
  readonly frames?: boolean | undefined;
  readonly showPingPong?: boolean | undefined;
  readonly history?: boolean | undefined;
}

/** Every flag that can be configured. */
export type ConfigFlags = ConnectionFlags & SessionFlags;

/** How the value of a key is written. */
type KeyKind =
  /** Text or a number, as the flag takes it. */
  | "text"
  /** true or false. */
  | "switch"
  /** true or false, or text that says how. */
  | "policy"
  /** One text or a list of them. */
  | "list"
  /** The same, of messages as the flag takes them: templates, and `@file`. */
  | "messages"
  /** Name to value, or a list of `Name: value`. */
  | "headers"
  /** A reference `{ env: … }`, `{ file: … }` or `{ command: … }`, or the text that the flag takes. */
  | "secret"
  /** A path, relative to the folder of the configuration file. */
  | "file";

/** What is known of a key. */
export interface ConfigKey {
  readonly kind: KeyKind;
  /** The flag that it stands for, by its name in {@link ConfigFlags}. */
  readonly flag: keyof ConfigFlags;
  /** Whether only a session has it: `wsctl load` has none. */
  readonly session?: boolean;
  /** Whether the flag can ask for the value at the terminal. */
  readonly asks?: boolean;
  /** The only values that there are. */
  readonly choices?: readonly string[];
  /** Keys of one group exclude each other: the one that is said with more right counts. */
  readonly group?: "credentials" | "route";
  /** Whether the defaults of a project that is not trusted may say it: it changes neither who is
   * talked to nor who may listen. */
  readonly harmless?: boolean;
}

/** Lenses by name, and none. */
export const lensChoices: readonly string[] = [...lenses.keys(), "off"];

/** Every key by its name. `url` is known besides, in profiles. */
export const configKeys: Readonly<Record<string, ConfigKey>> = {
  headers: { kind: "headers", flag: "header" },
  cookie: { kind: "secret", flag: "cookie" },
  bearer: { kind: "secret", flag: "bearer", group: "credentials", asks: true },
  user: { kind: "secret", flag: "user", group: "credentials", asks: true },
  origin: { kind: "text", flag: "origin" },
  subprotocols: { kind: "list", flag: "subprotocol", harmless: true },
  timeout: { kind: "text", flag: "timeout", harmless: true },
  maxPayload: { kind: "text", flag: "maxPayload", harmless: true },
  compress: { kind: "switch", flag: "compress", harmless: true },
  compressParams: { kind: "text", flag: "compressParams", harmless: true },
  ipv4: { kind: "switch", flag: "ipv4", harmless: true },
  ipv6: { kind: "switch", flag: "ipv6", harmless: true },
  insecure: { kind: "switch", flag: "insecure" },
  ca: { kind: "file", flag: "ca" },
  cert: { kind: "file", flag: "cert" },
  key: { kind: "file", flag: "key" },
  passphrase: { kind: "secret", flag: "passphrase", asks: true },
  servername: { kind: "text", flag: "servername" },
  proxy: { kind: "secret", flag: "proxy", group: "route" },
  proxyCa: { kind: "file", flag: "proxyCa" },
  proxyInsecure: { kind: "switch", flag: "proxyInsecure" },
  resolve: { kind: "list", flag: "resolve" },
  connectTo: { kind: "list", flag: "connectTo" },
  unix: { kind: "text", flag: "unix", group: "route" },
  localAddress: { kind: "list", flag: "localAddress" },
  firstMessage: { kind: "messages", flag: "firstMessage", session: true },
  autoReply: { kind: "messages", flag: "autoReply", session: true },
  reconnect: { kind: "policy", flag: "reconnect", session: true, harmless: true },
  ping: { kind: "text", flag: "ping", session: true, harmless: true },
  lens: { kind: "text", flag: "lens", session: true, harmless: true, choices: lensChoices },
  templates: { kind: "switch", flag: "templates", session: true, harmless: true },
  pretty: { kind: "switch", flag: "pretty", session: true, harmless: true },
  frames: { kind: "switch", flag: "frames", session: true, harmless: true },
  showPingPong: { kind: "switch", flag: "showPingPong", session: true, harmless: true },
  history: { kind: "switch", flag: "history", session: true, harmless: true },
};

/** The names of flags that are another word here. */
const aliases: Readonly<Record<string, string>> = {
  header: "headers",
  subprotocol: "subprotocols",
};

/** A key as it is named to people, which is how flags are written: `max-payload`. */
export function keyName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Every key as it is named to people. */
export const keyNames: readonly string[] = Object.keys(configKeys).map(keyName);

/** The key that is written like a flag (`max-payload`) or like a variable (`maxPayload`). */
export function keyNamed(written: string): string | undefined {
  const camel = written.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const key = Object.hasOwn(aliases, camel) ? aliases[camel]! : camel;
  return Object.hasOwn(configKeys, key) ? key : undefined;
}

/** The variable that stands for a key: `maxPayload` is WSCTL_MAX_PAYLOAD. */
export function variableFor(key: string): string {
  return `WSCTL_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}
