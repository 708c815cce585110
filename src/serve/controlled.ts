/**
 * Owns what can be asked of a running server and told it. Plain data both ways, so that it makes no
 * difference whether the server is in this process, in another, or in several.
 */
import type { FaultInfo } from "../faults/fault-set.js";
import type { Stats } from "./counters.js";
import type { LogQuery, NumberedEntry } from "./message-log.js";
import type { CutOrder, ConnectionList } from "./roster.js";

/** A server, or several as one. */
export interface Controlled {
  /** Everything counted, or what was counted for a run; undefined for a run never heard of. */
  stats(run?: string): Promise<Stats | undefined>;
  /** What the log still knows. */
  log(query: LogQuery): Promise<NumberedEntry[]>;
  /** The oldest connections that are open, at most so many. */
  connections(limit: number): Promise<ConnectionList>;
  faults(): Promise<readonly FaultInfo[]>;
  /** @throws WsctlError WSCTL_EUSAGE for a fault that cannot be understood */
  addFault(spec: string): Promise<FaultInfo>;
  /** Whether there was such a fault. */
  removeFault(id: number): Promise<boolean>;
  /** How many connections could be cut in that way. */
  cuttable(how: CutOrder["how"]): Promise<number>;
  /** Cuts connections; resolves with how many. */
  cut(order: CutOrder): Promise<number>;
  /** Freezes the server for so many ms; 0 ends a freeze. */
  stall(ms: number): Promise<void>;
}
