/** Owns what all connections of one worker share: the meter, frames, memory for writes, the plan. */
import type { Plan } from "../scenario/plan.js";
import { FramePool } from "./frame-pool.js";
import type { Link } from "./link.js";
import type { Meter } from "./meter.js";
import { Slab } from "./slab.js";

/** What a driver of traffic is told by the connections. */
export interface Traffic {
  /** `count` places of a connection are free again: its requests were answered or timed out. */
  freed(link: Link, count: number, now: number): void;
  /** A connection that was blocked can be written to again. */
  unblocked(link: Link): void;
  /** Everything that came in one read has been dealt with. */
  read(now: number): void;
}

/** Nothing is due before traffic starts and after it stops. */
export const noTraffic: Traffic = {
  freed() {},
  unblocked() {},
  read() {},
};

/** The shared equipment of a worker. */
export class Rig {
  readonly plan: Plan;
  readonly meter: Meter;
  readonly frames: FramePool;
  readonly firstFrames: FramePool;
  readonly slab = new Slab();
  /** Whether replies are matched to sends. */
  readonly correlates: boolean;
  traffic: Traffic = noTraffic;
  /** Called once for every connection that ended. */
  readonly ended: (link: Link) => void;

  constructor(plan: Plan, meter: Meter, ended: (link: Link) => void) {
    this.plan = plan;
    this.meter = meter;
    this.frames = new FramePool(plan.messages);
    this.firstFrames = new FramePool(plan.first);
    this.correlates = plan.correlate.by === "order" && plan.traffic.model !== "idle";
    this.ended = ended;
  }
}
