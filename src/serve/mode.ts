/** Owns what a mode of the test server is: how it behaves towards its clients. */
import type { BackplaneStats, FleetSetup } from "./backplane-fleet.js";
import type { FlagSpec, FlagValues } from "./flag.js";
import type { MessageLog } from "./message-log.js";
import type { Peer } from "./peer.js";

/** What every mode is given. */
export interface ModeSetup {
  readonly values: FlagValues;
  /** Seed of everything random, so that a run can be repeated. */
  readonly seed: string;
  /** How this server names itself to its clients. */
  readonly node: string;
  /** Where arrivals, applied delays and departures are kept. */
  readonly log: MessageLog;
  /** The fleet that this server is a node of. */
  readonly fleet?: FleetSetup | undefined;
}

/** A mode at work. */
export interface Mode {
  /** A client is there: set what happens with its messages. */
  accept(peer: Peer): void;
  /**
   * Makes ready, before anybody can come.
   * @throws WsctlError when what it needs cannot be reached
   */
  start?(): Promise<void>;
  /** Stops timers and lets go of files; resolves when others know. */
  close?(): void | Promise<void>;
  /** What only this mode counts, for `/stats`. */
  stats?(): Readonly<Record<string, number>>;
  /** How it fares with the other nodes of its fleet; undefined without one. */
  backplane?(): BackplaneStats | undefined;
}

/** A mode as it can be chosen. */
export interface ModeKind {
  /** One sentence for `--help`. */
  readonly summary: string;
  readonly flags: readonly FlagSpec[];
  /** Whether a person can watch it in a browser at `/`. */
  readonly page?: boolean;
  /** Whether clients of different processes hear of each other only in a fleet. */
  readonly needsFleet?: boolean;
  /** Whether it writes to the log. */
  readonly logs?: boolean;
  /** @throws WsctlError WSCTL_EUSAGE for a flag's value that cannot be used */
  create(setup: ModeSetup): Mode;
}
