/** Owns the rows of data that the users of a shard carry. */
import type { JsonValue } from "../../message/json.js";
import { readRows } from "../../scenario/feeder.js";
import type { FlowPlan } from "../../scenario/flow-plan.js";
import { rowOf } from "../../scenario/rows.js";
import type { Shard } from "../../scenario/shard.js";
import type { Names } from "./context.js";

/** Each user's row of each feeder. */
export class Rows {
  readonly #flow: FlowPlan;
  readonly #rows: ReadonlyMap<string, ReadonlyMap<number, JsonValue>>;

  private constructor(flow: FlowPlan, rows: ReadonlyMap<string, ReadonlyMap<number, JsonValue>>) {
    this.#flow = flow;
    this.#rows = rows;
  }

  /**
   * Reads what the users of a shard need, and nothing else.
   * @throws WsctlError WSCTL_EUSAGE for a file that cannot be read
   */
  static async read(flow: FlowPlan, { from, to }: Shard): Promise<Rows> {
    const all = new Map<string, ReadonlyMap<number, JsonValue>>();
    for (const feeder of flow.feeders) {
      const wanted = new Set<number>();
      for (let index = from; index < to; index++) wanted.add(rowOf(feeder, flow.seed, index));
      const objects = new Map<number, JsonValue>();
      for (const [number, row] of await readRows(feeder, wanted)) {
        const object = Object.create(null) as Record<string, JsonValue>;
        for (const [column, value] of row) object[column] = value;
        objects.set(number, object);
      }
      all.set(feeder.name, objects);
    }
    return new Rows(flow, all);
  }

  /** What the user of that index carries, by the feeders' names; undefined without feeders. */
  of(index: number): Names | undefined {
    const { feeders, seed } = this.#flow;
    if (feeders.length === 0) return undefined;
    return new Map(
      feeders.map((feeder) => [
        feeder.name,
        this.#rows.get(feeder.name)!.get(rowOf(feeder, seed, index))!,
      ]),
    );
  }
}
