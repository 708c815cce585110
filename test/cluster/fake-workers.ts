/** Owns workers that play their part in this process, as a test's script says. */
import type { FromWorker, ToWorker } from "../../src/cluster/messages.js";
import type { Transport, WorkerEvents, WorkerHandle } from "../../src/cluster/transport.js";
import type { Finished, Opened } from "../../src/load/engine.js";
import type { Interval } from "../../src/metrics/interval.js";
import type { Output, RunPhase, RunStart } from "../../src/metrics/output.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import type { Snapshot } from "../../src/metrics/snapshot.js";

/** What a worker says that opened so many connections. */
export function openedOf(count: number, changed: Partial<Opened> = {}): FromWorker {
  return {
    type: "opened",
    opened: {
      opened: count,
      handshake: undefined,
      controls: [],
      failure: undefined,
      ...changed,
    },
  };
}

/** The last words of a worker on whom nothing is wrong. */
export function doneWith(
  totals: Readonly<Record<string, number>>,
  changed: Partial<Finished> = {},
): FromWorker {
  return {
    type: "done",
    finished: {
      cpu: 0.1,
      loopDelayP99: 0.1,
      totals,
      errors: [],
      connectionsOff: 0,
      openAtEnd: 1,
      pairingLost: 0,
      inTraffic: { sent: 0, received: 0, bytesSent: 0, bytesReceived: 0 },
      flowedFor: 1000,
      trafficFor: 1000,
      schedule: { due: 0, sent: 0 },
      opened: { opened: 0, handshake: undefined, controls: [], failure: undefined },
      flow: undefined,
      ...changed,
    },
  };
}

/** Stands for the number that a snapshot has by its turn. */
const inTurn = -1;

/** A snapshot of a worker, numbered when it is said. */
export function snapshotOf(shard: number, second: number, part: Partial<Snapshot>): FromWorker {
  return {
    type: "snapshot",
    snapshot: {
      shard,
      sequence: inTurn,
      second,
      span: 1000,
      stage: undefined,
      counters: {},
      gauges: {},
      trends: {},
      scenarios: {},
      ...part,
    },
  };
}

/** One fake worker: what it was told, and a way to speak. */
export class FakeWorker implements WorkerHandle {
  readonly index: number;
  readonly told: ToWorker[] = [];
  killed = false;
  /** How many snapshots it has said. */
  #snapshots = 0;
  readonly #events: WorkerEvents;
  readonly #script: Script;

  constructor(index: number, events: WorkerEvents, script: Script) {
    this.index = index;
    this.#events = events;
    this.#script = script;
  }

  /** What it was told, in short. */
  get heard(): string[] {
    return this.told.map(({ type }) => type);
  }

  send(message: ToWorker): void {
    this.told.push(message);
    // As over a pipe: never within the call.
    setImmediate(() => this.#script(this, message));
  }

  kill(): void {
    this.killed = true;
  }

  say(message: FromWorker): void {
    // Over a pipe it is a copy.
    const copy = structuredClone(message);
    if (copy.type !== "snapshot") {
      this.#events.message(copy);
      return;
    }
    const { snapshot } = copy;
    const turn = this.#snapshots++;
    const sequence = snapshot.sequence === inTurn ? turn : snapshot.sequence;
    this.#events.message({ ...copy, snapshot: { ...snapshot, sequence } });
  }

  die(why: string): void {
    this.#events.gone(why);
  }
}

/** What a worker does when it is told something. */
export type Script = (worker: FakeWorker, message: ToWorker) => void;

/** A transport whose workers follow the script. */
export class FakeTransport implements Transport {
  readonly workers: FakeWorker[] = [];
  readonly #script: Script;

  constructor(script: Script) {
    this.#script = script;
  }

  launch(index: number, events: WorkerEvents): WorkerHandle {
    const worker = new FakeWorker(index, events, this.#script);
    this.workers.push(worker);
    return worker;
  }
}

/** A worker that opens all its connections, and counts 10 sent on each when told to start. */
export const diligent: Script = (worker, message) => {
  if (message.type === "plan") {
    worker.say(openedOf(message.shard.to - message.shard.from));
    return;
  }
  const counters = message.type === "start" ? { ws_msgs_sent: 10 } : {};
  worker.say(snapshotOf(worker.index, 1, { counters }));
  worker.say(doneWith(counters));
};

/** Remembers what an output is told. */
export class Listener implements Output {
  readonly starts: RunStart[] = [];
  readonly phases: RunPhase[] = [];
  readonly intervals: Interval[] = [];
  readonly results: (RunResult | undefined)[] = [];
  readonly said: string[] = [];

  start(run: RunStart): void {
    this.starts.push(run);
  }
  phase(phase: RunPhase): void {
    this.phases.push(phase);
  }
  add(interval: Interval): void {
    this.intervals.push(interval);
  }
  log(line: string): void {
    this.said.push(line);
  }
  stop(result: RunResult | undefined): void {
    this.results.push(result);
  }
}
