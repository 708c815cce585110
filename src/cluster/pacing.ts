/** Owns the choice of the pacer: what was asked for, else the finest one that the machine has room for. */
import { type PacerName, pacerNames, type Plan } from "../scenario/plan.js";

/** Who paces a run, and why it is not the one that is used unless told. */
export interface Pacing {
  readonly pacer: PacerName;
  /** `no core to spare for ticker`; undefined where it is the usual one or was asked for. */
  readonly because?: string;
}

/** What the choice is made from. */
interface Machine {
  readonly workers: number;
  readonly cores: number;
  /** Whether the targets are on it as well, and want a core. */
  readonly loopback: boolean;
}

/**
 * Chooses: the ticker's thread wakes a worker in time only where it finds a core while all workers,
 * and a server beside them, are busy. Measured on two cores with the server on one of them, the thread
 * halves the median lag, and the kernel makes the worker wait for milliseconds at the 99th percentile.
 * @param asked undefined: whatever fits
 */
export function pacingFor(
  asked: PacerName | undefined,
  { workers, cores, loopback }: Machine,
): Pacing {
  if (asked !== undefined) return { pacer: asked };
  const [usual] = pacerNames;
  if (workers + (loopback ? 1 : 0) < cores) return { pacer: usual };
  return { pacer: "timer", because: `no core to spare for ${usual}` };
}

/** The same plan at that pacer's beat. */
export function pacedBy(plan: Plan, pacer: PacerName): Plan {
  const { traffic } = plan;
  return traffic.model === "rate" || traffic.model === "flow"
    ? { ...plan, traffic: { ...traffic, pacer } }
    : plan;
}

/** Who paces what is judged by its rate; undefined for a load that nobody paces, or undecided yet. */
export function pacerOf({ traffic }: Plan): PacerName | undefined {
  if (traffic.model === "rate") return traffic.pacer;
  return traffic.model === "flow" && traffic.judgedAs === "rate" ? traffic.pacer : undefined;
}
