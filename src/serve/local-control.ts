/** Owns the control of a server in this process. */
import type { FaultInfo, FaultSet } from "../faults/fault-set.js";
import type { Controlled } from "./controlled.js";
import type { Stats, Truth } from "./counters.js";
import type { FaultLines } from "./fault-lines.js";
import type { LogQuery, MessageRing, NumberedEntry } from "./message-log.js";
import type { Mode } from "./mode.js";
import type { ConnectionList, CutOrder, Roster } from "./roster.js";

/** The parts of a server that are asked. */
export interface ServerParts {
  readonly truth: Truth;
  readonly mode: Mode;
  readonly log: MessageRing;
  readonly roster: Roster;
  readonly faults: FaultSet;
  readonly lines: FaultLines;
}

/** Asks the parts of one server. */
export class LocalControl implements Controlled {
  readonly #parts: ServerParts;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  async stats(run?: string): Promise<Stats | undefined> {
    const { truth, mode } = this.#parts;
    if (run !== undefined) return truth.known(run)?.stats();
    const own = mode.stats?.();
    const backplane = mode.backplane?.();
    return { ...truth.total.stats(), ...(own && { mode: own }), ...(backplane && { backplane }) };
  }

  async log(query: LogQuery): Promise<NumberedEntry[]> {
    return this.#parts.log.read(query);
  }

  async connections(limit: number): Promise<ConnectionList> {
    return this.#parts.roster.list(limit);
  }

  async faults(): Promise<readonly FaultInfo[]> {
    return this.#parts.faults.list();
  }

  async addFault(spec: string): Promise<FaultInfo> {
    return this.#parts.lines.add(spec);
  }

  async removeFault(id: number): Promise<boolean> {
    return this.#parts.faults.remove(id);
  }

  async cuttable(how: CutOrder["how"]): Promise<number> {
    return this.#parts.roster.cuttable(how);
  }

  async cut(order: CutOrder): Promise<number> {
    return this.#parts.roster.cut(order);
  }

  async stall(ms: number): Promise<void> {
    this.#parts.lines.stall(ms);
  }
}
