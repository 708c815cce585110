/**
 * Owns the Scenario: what virtual users do, in the shape and the words in which a person writes it
 * (durations and rates are still text), and what of connections and messages flags say beside it.
 * Compiling it gives the Plan.
 */
import type { ScenarioDocument } from "./schema/document.js";

/** What virtual users do. */
export type Scenario = ScenarioDocument;

/** A message as flags give it: exactly one of the content keys. */
export interface SendSpec {
  readonly text?: string;
  /** Binary payload in base64. */
  readonly base64?: string;
  /** Random payload of this size, drawn once when the scenario is compiled. */
  readonly size?: string;
  /** Send text as a binary message. */
  readonly binary?: boolean;
}

/** How TLS is done; contents of files, not their paths. */
export interface TlsSpec {
  readonly insecure?: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  readonly servername?: string;
}

/** The way to the targets where it is not the plain one. */
export interface RouteSpec {
  /** URLs of proxies, that of target i at i; empty for a target that is reached without. */
  readonly proxies?: readonly string[];
  /** How TLS is spoken to the proxies themselves; the content of the file, not its path. */
  readonly proxyTls?: { readonly insecure?: boolean; readonly ca?: string };
  /** A socket file, whatever the hosts of the targets. */
  readonly unix?: string;
  /** `HOST:PORT:ADDRESS`, as curl has it. */
  readonly resolve?: readonly string[];
  /** `HOST1:PORT1:HOST2:PORT2`, as curl has it. */
  readonly connectTo?: readonly string[];
}

/** How connections are opened, as flags say it: contents of files, not their paths. */
export interface ConnectionSpec {
  /** In order; duplicates are kept. */
  readonly headers: readonly (readonly [string, string])[];
  /** Names, in small letters, of those headers that are secret, whatever they are called. */
  readonly secretHeaders?: readonly string[];
  readonly subprotocols: readonly string[];
  readonly origin?: string;
  readonly handshakeTimeout: string;
  readonly maxPayload: string;
  readonly family?: 4 | 6;
  readonly localAddress: readonly string[];
  readonly tls: TlsSpec;
  readonly route?: RouteSpec;
}
