/**
 * Owns what a guard is: something that a production server would check, before the upgrade, for the
 * life of a connection, or at each message.
 */
import type { IncomingMessage } from "node:http";
import type { FlagSpec, FlagValues } from "./flag.js";
import type { Peer } from "./peer.js";

/** An HTTP answer in place of the 101. The body is JSON: `{"error": …}`. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A guard at work. */
export interface Guard {
  /** Subprotocols that the server speaks because of this guard. */
  readonly subprotocols?: readonly string[];
  /** Looks at the upgrade request; undefined lets it pass. Must not throw or reject. */
  admit?(request: IncomingMessage): Refusal | undefined | Promise<Refusal | undefined>;
  /**
   * Keeps the client from the mode until `enter` is called, at most once; true if it does. The mode
   * does not know of the client until then, and has nothing to say to it.
   */
  hold?(peer: Peer, enter: () => void): boolean;
  /** The client is in: watch its messages with `peer.intercept`, its time with timers. */
  attach?(peer: Peer): void;
  /** Stops timers. */
  close?(): void;
}

/** A guard as it can be asked for. */
export interface GuardKind {
  /** The guard is on when the first of them is given; the others have no defaults of their own. */
  readonly flags: readonly [FlagSpec, ...FlagSpec[]];
  /** @throws WsctlError WSCTL_EUSAGE for a value that cannot be used */
  create(values: FlagValues): Guard;
}

/** Calls `enter` when none of the guards holds the client, or none does any more. */
export function whenLetGo(guards: readonly Guard[], peer: Peer, enter: () => void): void {
  let holding = 1;
  const letGo = (): void => {
    if (--holding === 0) enter();
  };
  for (const guard of guards) if (guard.hold?.(peer, letGo)) holding++;
  letGo();
}
