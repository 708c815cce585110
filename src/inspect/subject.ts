/** Owns the Subject: what a check is given to look at, and to look with. */
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import type { Asker } from "./asker.js";
import type { SecretHeaders } from "./credentials.js";
import type { Reply } from "./reply.js";

/** A header whose secret is kept elsewhere, such as `Authorization: Bearer ` and `env:TOKEN`. */
export interface KeptHeader {
  readonly name: string;
  /** What stands before the secret; undefined for user and password, which are encoded (RFC 7617). */
  readonly before: string | undefined;
  /** `env:NAME` or `@file`. */
  readonly reference: string;
}

/** The same way to the server in the words of commands. */
export interface CommandWay {
  readonly curl: readonly string[];
  readonly wsctl: readonly string[];
  /** What is sent besides: flags of wsctl and their values, without secrets. */
  readonly said?: readonly string[] | undefined;
  readonly kept?: readonly KeptHeader[] | undefined;
}

/** What people say of the server they have inspected. */
export interface Given {
  /** The Origin that the server is to accept; that of its own host unless told. */
  readonly allowedOrigin: string | undefined;
  /** The path for HS-10, where no WebSocket is; a random one unless told. */
  readonly otherPath: string | undefined;
  /** A token that has expired, for AU-1. */
  readonly expiredToken: string | undefined;
  /** A URL to be fetched with the same credentials, which logs out, for AU-4. */
  readonly logoutUrl: string | undefined;
  /** Names of headers whose values are secrets, whatever they are called. */
  readonly secretHeaders?: SecretHeaders | undefined;
  /** The flags that lead there, for commands that show a finding again. */
  readonly way?: CommandWay | undefined;
}

/** What is inspected. */
export interface Subject {
  readonly target: Target;
  /** As the user gave them: route, TLS, credentials. */
  readonly options: DialOptions;
  readonly given: Given;
  /** By which certificates are old or young; now unless told. */
  readonly date?: Date | undefined;
  /** The first exchange: as the user asked for it, watched for a moment. */
  readonly baseline: Reply;
  /** Asks on the budget of the check it was given to. */
  readonly asker: Asker;
  /** Ends when the inspection is to end. */
  readonly signal: AbortSignal;
}
