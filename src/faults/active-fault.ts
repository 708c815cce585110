/** Owns one fault of a set: what was asked for, since when, and how often it fired. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { Random, seedOf } from "../base/random.js";
import { safeLine } from "../base/safe-text.js";
import { faultKinds } from "./fault-kinds.js";
import type { Backends, Diversion, Fault, FaultHooks, FaultKind, Scheduled } from "./fault.js";
import { parseSpec } from "./spec.js";
import type { Stage } from "./stage.js";
import type { StageFault } from "./stage-line.js";
import type { Timers } from "./timers.js";
import { Trigger, type Schedule } from "./trigger.js";
import { isCounted } from "./when.js";

/** What a fault needs of its set. */
export interface FaultHost {
  readonly seed: string;
  readonly backends: Backends | undefined;
  readonly compression: boolean;
  now(): number;
  stall(ms: number): void;
}

const layers = ["messages", "frames", "bytes"] as const;

interface Known {
  readonly kind: FaultKind;
  /** The number in its name, 0 without one. */
  readonly number: number;
}

/** The kind of that name: as it stands, or with a number at its end. */
function find(name: string): Known | undefined {
  const exact = faultKinds.get(name);
  if (exact && !exact.numbers) return { kind: exact, number: 0 };
  const match = /^([a-z-]+-)(\d{1,9})$/.exec(name);
  if (!match) return undefined;
  const [, stem = "", digits] = match;
  const number = Number(digits);
  for (const [key, kind] of faultKinds) {
    if (key.replace(/[A-Z]+$/, "") === stem && kind.numbers?.accepts(number)) {
      return { kind, number };
    }
  }
  return undefined;
}

/** What a fault of that name does, in a line; undefined where there is none of that name. */
export function faultSummary(name: string): string | undefined {
  return find(name)?.kind.summary;
}

/** Every name that can be written, those with a number by their examples. */
function names(): string[] {
  return [...faultKinds].flatMap(([key, { numbers }]) =>
    numbers ? numbers.examples.map((number) => key.replace(/[A-Z]+$/, String(number))) : [key],
  );
}

function unknown(name: string): WsctlError {
  const guess = nearest(name, names());
  return new WsctlError("WSCTL_EUSAGE", `there is no fault "${safeLine(name, 60)}"`, {
    hint: guess ? `did you mean ${guess}?` : `there are: ${names().join(", ")}`,
  });
}

/** What `spec` asks for. */
function create(
  spec: string,
  { backends, compression }: FaultHost,
): { name: string; schedule: Schedule; kind: FaultKind; fault: Fault } {
  const { name, value, schedule } = parseSpec(spec);
  const known = find(name);
  if (!known) throw unknown(name);
  const { kind, number } = known;
  if (value !== undefined && !kind.value) {
    throw new WsctlError("WSCTL_EUSAGE", `${name} takes no value`, { hint: `write ${name}` });
  }
  const chosen = value ?? kind.value?.default ?? "";
  const given = value !== undefined;
  const fault = kind.create({ value: chosen, given, number, schedule, backends, compression });
  return { name, schedule, kind, fault };
}

/** A fault of a set. */
export class ActiveFault {
  readonly id: number;
  readonly spec: string;
  readonly name: string;
  /** Where it stands in a line: the lower the earlier. */
  readonly layer: number;
  readonly #schedule: Schedule;
  readonly #fault: Fault;
  readonly #host: FaultHost;
  readonly #seed: readonly [string, string, number];
  readonly #added: number;
  readonly #tally = { fired: 0 };
  /** Where opportunities are counted over all connections. */
  readonly #shared: Trigger | undefined;

  /**
   * @param ordinal how many faults of that name came before, given the name: two of a kind do not
   *   decide alike
   * @throws WsctlError WSCTL_EUSAGE
   */
  constructor(id: number, spec: string, host: FaultHost, ordinal: (name: string) => number) {
    let made;
    try {
      made = create(spec, host);
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      const { code, hint } = error;
      const where = [`fault: ${safeLine(spec)}`];
      throw new WsctlError(code, error.message, { hint, where, cause: error });
    }
    this.id = id;
    this.spec = spec;
    this.name = made.name;
    this.layer = layers.indexOf(made.kind.layer ?? "messages");
    this.#schedule = made.schedule;
    this.#fault = made.fault;
    this.#host = host;
    this.#seed = [host.seed, made.name, ordinal(made.name)];
    this.#added = host.now();
    const { counts } = made.kind;
    // A connection is closed only once: the second or the third closing is another's.
    const isShared = counts === "connections" || (counts === "closes" && isCounted(made));
    if (isShared) this.#shared = this.#trigger();
  }

  /** How often it acted, all connections together. */
  get fired(): number {
    return this.#tally.fired;
  }

  /** Hooks for one connection. */
  attach(stage: Stage): FaultHooks {
    return this.#fault.attach(stage);
  }

  /** Starts what concerns all connections at once. */
  begin(timers: Timers): void {
    const trigger = this.#trigger();
    const draws = this.#random("set");
    const elapsed = (): number => this.#elapsed();
    const scheduled: Scheduled = {
      schedule: this.#schedule,
      get untilDue() {
        return trigger.due === undefined ? undefined : Math.max(0, trigger.due - elapsed());
      },
      fires: (able) => trigger.fires(elapsed(), draws, able),
      after: (ms, act) => timers.after(ms, act),
      stall: (ms) => this.#host.stall(ms),
    };
    this.#fault.begin?.(scheduled);
  }

  /**
   * Another backend for a connection that comes; undefined when this fault leaves it alone.
   *
   * @param injected is told when it does not
   */
  divert(
    { index, client, usual }: { index: number; client: string; usual: string },
    injected: (name: string) => void,
  ): string | undefined {
    const trigger = this.#shared ?? this.#trigger();
    const draws = this.#random("decisions", index);
    return this.#fault.divert?.({
      client,
      usual,
      fires: (able) => trigger.fires(this.#elapsed(), draws, able),
      injected: () => injected(this.name),
    } satisfies Diversion);
  }

  /**
   * What a stage needs of this fault on that connection.
   * @param index order of arrival of the connection
   * @param injected is told how often it did something
   */
  forLine(index: number, injected: (count: number) => void): StageFault {
    return {
      schedule: this.#schedule,
      trigger: this.#shared ?? this.#trigger(),
      draws: this.#random("decisions", index),
      choices: this.#random("choices", index),
      elapsed: () => this.#elapsed(),
      injected,
      stall: (ms) => this.#host.stall(ms),
    };
  }

  #elapsed(): number {
    return this.#host.now() - this.#added;
  }

  #trigger(): Trigger {
    return new Trigger(this.#schedule, this.#tally, this.#elapsed());
  }

  #random(...parts: readonly (string | number)[]): Random {
    return new Random(seedOf(...this.#seed, ...parts));
  }
}
