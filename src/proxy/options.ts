/** Owns what a proxy is told: where it listens and leads, what it keeps, what acts on what passes. */
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import type { Redactor } from "../recording/redactor.js";
import type { Certificate } from "../serve/certificate.js";
import type { Authority } from "./authority.js";
import type { ProxyWatcher } from "./events.js";
import type { Interfere } from "./interference.js";
import type { ProxyLink } from "./link.js";

/** Where requests of some path lead. */
export interface ProxyRoute {
  /** The beginning of a path, whole segments: `/chat` is for `/chat` and `/chat/1`, not `/chats`. */
  readonly prefix: string;
  readonly target: Target;
}

/** What becomes of a header: it is kept, made to fit the target, or set to a value. */
export type HeaderRule = "keep" | "target" | { readonly value: string };

/** Where connections are recorded, one file each. */
export interface RecordOptions {
  /** Made if it is not there. */
  readonly directory: string;
  /** Such as `wsctl/0.1.0`. */
  readonly tool: string;
  readonly fsync?: "none" | "1s" | "each" | undefined;
  /** Makes what hides the secrets of one connection, which is a recording's own: it learns. */
  readonly redactor?: ((connection: number) => Redactor) | undefined;
  /** Whether a slow disk pauses the connection; false drops lines and says how many. */
  readonly pause: boolean;
}

/** Bounds against clients that misbehave. */
interface ProxyLimits {
  /** TCP connections at once; 10,000 unless told. */
  readonly connections?: number | undefined;
  /** Milliseconds for a request head, or a TLS handshake, to come; 10 s unless told. */
  readonly patience?: number | undefined;
  /** Milliseconds of silence after a CONNECT until its bytes pass unseen; 3 s unless told. */
  readonly silence?: number | undefined;
}

/** How to run a proxy. */
export interface ProxyOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where requests lead that no route is for. */
  readonly target?: Target | undefined;
  /** The longest prefix that fits counts. */
  readonly routes?: readonly ProxyRoute[] | undefined;
  /**
   * Whether clients may choose where they are led, by whole URLs and CONNECT; where there is neither a
   * target nor a route they may in any case.
   */
  readonly forward?: boolean | undefined;
  /**
   * What Host may say where the path alone is asked for, beside the target's own name and the names of
   * loopback: `*.example.com` for those below. A page whose name was made to lead here (DNS rebinding)
   * says its own name. Anything unless told.
   */
  readonly allowHosts?: readonly string[] | undefined;
  /** Host for a target or route; `target` unless told. */
  readonly setHost?: HeaderRule | undefined;
  /** Origin, where the client sent one; `keep` unless told. */
  readonly setOrigin?: HeaderRule | undefined;
  /** How targets are dialled: TLS, time limits, addresses. */
  readonly dial?: Omit<DialOptions, "request" | "prepared" | "sink"> | undefined;
  /** Serves wss and https with this certificate, or with ones of the authority. */
  readonly tls?: Certificate | "authority" | undefined;
  /** Signs certificates of hosts, for TLS inside of CONNECT; without it such bytes pass unseen. */
  readonly authority?: Authority | undefined;
  /** Hosts whose CONNECTs are looked into, `*.example.com` for those below; all unless told. */
  readonly only?: readonly string[] | undefined;
  /** Payload bytes of the largest message that is kept or judged; larger ones pass unseen. */
  readonly maxPayload: number;
  readonly watcher: ProxyWatcher;
  readonly record?: RecordOptions | undefined;
  readonly interfere?: Interfere | undefined;
  /** Told of every connection that asks for a WebSocket, before anything is written to it. */
  readonly onLink?: ((link: ProxyLink) => void) | undefined;
  /**
   * Leads a connection that asks for a WebSocket elsewhere; not those whose client chose the host.
   * @param index 1, 2, 3 … in order of arrival
   * @param client address, without port
   */
  readonly divert?: ((index: number, client: string, usual: Target) => Target) | undefined;
  readonly limits?: ProxyLimits | undefined;
}
