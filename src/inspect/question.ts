/** Owns the Question: one request, by how it differs from what the user would ask. */
import type { RequestOptions } from "../dial/request.js";
import type { Target } from "../dial/target.js";
import type { TlsOptions } from "../dial/tls.js";
import type { RequestHead } from "../frame/http-head.js";

/** One request, by how it differs from the user's. */
export interface Question {
  /** In place of the inspected target. */
  readonly target?: Target;
  /** In place of what the user's request says. */
  readonly request?: RequestOptions;
  /** Changes the head that was made of all that. */
  readonly vary?: (head: RequestHead) => RequestHead;
  /** The bytes of the head as they are, for what no head may hold. */
  readonly bytes?: (head: RequestHead) => Buffer;
  /** Without credentials: no cookie, no Authorization, no secret parameter. */
  readonly anonymous?: boolean;
  readonly tls?: TlsOptions;
  /** Milliseconds for all of it, where it is a probe; the user's own unless told, or if less. */
  readonly timeout?: number;
  /** Milliseconds for which a 101 is watched before it is closed; 0 unless told. */
  readonly watch?: number;
  /** Sends one ping while it is watched, once what comes by itself has had a moment to come. */
  readonly ping?: boolean;
  /** Hands out the open WebSocket, to be closed by whoever asked. */
  readonly keep?: boolean;
  /** Begins at once, since whoever asks keeps a pace of its own; it is counted all the same. */
  readonly isPaced?: boolean;
}
