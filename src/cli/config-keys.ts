/** Owns the keys of configuration files and of WSCTL_ variables: their kinds, and the flag of each. */
import type { ConnectionFlags } from "./connection-options.js";

/** How the value of a key is written. */
type KeyKind =
  /** Text or a number, as the flag takes it. */
  | "text"
  /** true or false. */
  | "switch"
  /** One text or a list of them. */
  | "list"
  /** Name to value, or a list of `Name: value`. */
  | "headers"
  /** A reference `{ env: … }`, `{ file: … }` or `{ command: … }`, or the text itself. */
  | "secret"
  /** A path, relative to the folder of the configuration file. */
  | "file";

/** What is known of a key. */
export interface ConfigKey {
  readonly kind: KeyKind;
  /** The flag that it stands for, by its name in {@link ConnectionFlags}. */
  readonly flag: keyof ConnectionFlags;
  /** Keys of one group exclude each other: the one that is said with more right counts. */
  readonly group?: "credentials" | "route";
  /** Whether the defaults of a project that is not trusted may say it: it changes neither who is
   * talked to nor who may listen. */
  readonly harmless?: boolean;
}

/** Every key by its name. `url` is known besides, in profiles. */
export const configKeys: Readonly<Record<string, ConfigKey>> = {
  headers: { kind: "headers", flag: "header" },
  cookie: { kind: "secret", flag: "cookie" },
  bearer: { kind: "secret", flag: "bearer", group: "credentials" },
  user: { kind: "secret", flag: "user", group: "credentials" },
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
  passphrase: { kind: "secret", flag: "passphrase" },
  servername: { kind: "text", flag: "servername" },
  proxy: { kind: "secret", flag: "proxy", group: "route" },
  proxyCa: { kind: "file", flag: "proxyCa" },
  proxyInsecure: { kind: "switch", flag: "proxyInsecure" },
  resolve: { kind: "list", flag: "resolve" },
  connectTo: { kind: "list", flag: "connectTo" },
  unix: { kind: "text", flag: "unix", group: "route" },
  localAddress: { kind: "list", flag: "localAddress" },
};

/** The variable that stands for a key: `maxPayload` is WSCTL_MAX_PAYLOAD. */
export function variableFor(key: string): string {
  return `WSCTL_${key.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}
