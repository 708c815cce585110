/** Owns where a backplane is: the URL of a Redis as flags have it, and what of it may be shown. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { FlagSpec } from "./flag.js";

/** A Redis. */
export interface RedisPlace {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  /** The URL without credentials. */
  readonly shown: string;
}

const usualPort = 6379;

/** The flags of modes whose nodes can form a fleet. */
export const fleetFlags: readonly FlagSpec[] = [
  {
    flag: "--redis <url>",
    summary: "share with other nodes over this Redis: redis:// or rediss://, @file, env:NAME",
  },
  { flag: "--redis-prefix <text>", summary: "of its channels and keys", default: "wsctl" },
];

/**
 * Reads a URL such as `rediss://user:password@host:6379/0`. Errors do not repeat it: it may hold a
 * password.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseRedis(text: string): RedisPlace {
  if (!URL.canParse(text)) throw refuse("this is no URL");
  const url = new URL(text);
  if (url.protocol !== "redis:" && url.protocol !== "rediss:") {
    throw refuse(`${safeLine(url.protocol, 20)} is no scheme of Redis`);
  }
  if (url.hostname === "") throw refuse("the URL names no host");
  if (url.search !== "" || url.hash !== "") throw refuse("the URL has parameters");
  const [, db] = /^\/(\d{1,5})?$/.exec(url.pathname || "/") ?? [];
  if (db === undefined && url.pathname.length > 1) {
    throw refuse("the path of the URL is the number of a database");
  }
  const port = url.port === "" ? usualPort : Number(url.port);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    tls: url.protocol === "rediss:",
    username: decoded(url.username),
    password: decoded(url.password),
    db: Number(db ?? 0),
    shown: `${url.protocol}//${url.hostname}:${port}/${db ?? 0}`,
  };
}

/** @throws WsctlError WSCTL_EUSAGE */
export function parsePrefix(text: string): string {
  if (/^[\w.:-]{1,64}$/.test(text)) return text;
  throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 60)}" is no prefix`, {
    hint: "at most 64 letters, digits and _ . : -",
  });
}

function decoded(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw refuse("the URL's credentials are badly encoded");
  }
}

function refuse(message: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", message, {
    hint: "write it like redis://127.0.0.1:6379/0 or rediss://user:password@host",
  });
}
