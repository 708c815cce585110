/** Owns what the proxy tells whoever watches it: people at a terminal, machines as JSON lines. */
import type { Phases } from "../frame/upgrade.js";
import type { Direction } from "../session/session-events.js";
import type { Instead } from "./interference.js";

/** Who asked, from where and for what. */
interface Asked {
  /** 1, 2, 3 … in order of arrival. */
  readonly connection: number;
  /** Address and port of the client. */
  readonly remote: string;
  /** Where it leads, such as `wss://host/path`: without query and credentials. */
  readonly target: string;
  /** Path that was asked for, without its query. */
  readonly path: string;
  readonly origin: string | undefined;
}

/** A whole message passed. */
export interface MessageEvent {
  readonly event: "message";
  readonly connection: number;
  /** `out` is from the client to the server, `in` the way back. */
  readonly direction: Direction;
  readonly binary: boolean;
  /**
   * The payload, inflated; undefined when it was too large to be kept, or could not be inflated. It
   * is the watcher's own, and must not be changed.
   */
  readonly data: Buffer | undefined;
  /** Payload bytes: inflated where that is known, else as on the wire. */
  readonly size: number;
  /** Bytes on the wire, headers included; undefined where they would tell of what is hidden. */
  readonly wire: number | undefined;
  readonly frames: number;
  readonly compressed: boolean;
}

/** One thing that happened. */
export type ProxyEvent =
  | (Asked & {
      /** The server agreed to the upgrade. */
      readonly event: "open";
      readonly subprotocol: string | undefined;
      readonly extensions: string | undefined;
      /** Milliseconds of each phase on the side of the server. */
      readonly phases: Phases;
      /** The file that it is recorded in, if any. */
      readonly recording: string | undefined;
    })
  | (Asked & {
      /** The upgrade came to nothing: the server, or the proxy itself (502, 504 …), said no. */
      readonly event: "refused";
      /** 0 where the answer was no HTTP, or broke off, or the client did not wait for it. */
      readonly status: number;
      readonly error: string;
      /** Who refused it. */
      readonly by: "server" | "proxy";
    })
  | MessageEvent
  | {
      /** A ping, pong or close frame passed. */
      readonly event: "control";
      readonly connection: number;
      readonly direction: Direction;
      /** 8 close, 9 ping, 10 pong. */
      readonly opcode: number;
      readonly data: Buffer;
    }
  | {
      /** A connection that was open is over. */
      readonly event: "close";
      readonly connection: number;
      /** Who sent the first close frame, the proxy when it was told to; `nobody` when there was none (1006). */
      readonly by: "client" | "server" | "proxy" | "nobody";
      readonly code: number;
      readonly reason: string;
      /** Milliseconds that it was open. */
      readonly lasted: number;
    }
  | {
      /** A plain HTTP request was answered. */
      readonly event: "request";
      readonly remote: string;
      readonly method: string;
      /** Where it led, without query and credentials. */
      readonly target: string;
      readonly status: number;
      /** Milliseconds to the head of the answer. */
      readonly took: number;
    }
  | {
      /** A CONNECT whose bytes pass unseen. */
      readonly event: "tunnel";
      readonly remote: string;
      readonly host: string;
      readonly why: "excluded" | "not HTTP" | "silent";
    }
  | {
      /** Something that a person should know: a broken rule, a rule of the proxy that acted. */
      readonly event: "note";
      /** Undefined when it belongs to no connection. */
      readonly connection: number | undefined;
      readonly text: string;
      /** Whether its recording is not whole. */
      readonly trouble?: true | undefined;
      /** What went on in the place of the message that was told before; undefined where nothing did. */
      readonly instead?: Instead | undefined;
    };

/** Watches a proxy. Messages and control frames are only told when `messages` asks for them. */
export interface ProxyWatcher {
  readonly messages: boolean;
  tell(event: ProxyEvent): void;
}
