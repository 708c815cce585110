/** Owns what a worker knows of its slow consumers: how fast they read, and how they ended. */
import {
  addEnd,
  addUnread,
  type SlowConsumers,
  type SlowEnd,
  type Unread,
} from "../../metrics/slow-consumers.js";
import type { PlanProfile } from "../../scenario/flow-plan.js";
import type { LeanSocket } from "../lean-socket.js";
import { KernelQueues, kernelBuffers } from "./slow-queues.js";

/** Tables of the kernel are read anew when they are so old, in ms, … */
const staleAfter = 100;
/** … and so many times as old as it took to read them: there may be thousands of rows. */
const leastPause = 50;

/** One profile's facts while they come in. */
interface Facts {
  readonly name: string;
  readonly rate: number;
  connections: number;
  read: number;
  readFor: number;
  unread: Unread | undefined;
  ends: readonly SlowEnd[];
}

/** Watches the slow consumers of a worker. */
export class SlowWatch {
  readonly #profiles = new Map<PlanProfile, Facts>();
  #queues: KernelQueues | undefined = undefined;
  #staleAt = -Infinity;

  constructor(profiles: readonly PlanProfile[]) {
    for (const profile of profiles) {
      const { name, readRate: rate } = profile;
      if (rate === undefined) continue;
      const sums = { connections: 0, read: 0, readFor: 0, unread: undefined, ends: [] };
      this.#profiles.set(profile, { name, rate, ...sums });
    }
  }

  /** One of its connections is open. */
  opened(profile: PlanProfile): void {
    this.#profiles.get(profile)!.connections++;
  }

  /** One of them does not read slowly any longer: it leaves, or has ended. */
  read(profile: PlanProfile, bytes: number, took: number): void {
    const facts = this.#profiles.get(profile)!;
    facts.read += bytes;
    facts.readFor += took;
  }

  /** One of them is about to leave of its own accord: looks at what it has not read. */
  leaving(profile: PlanProfile, { socket }: LeanSocket): void {
    const queued = this.#look().of(socket);
    if (!queued) return;
    const { received, sending } = queued;
    const facts = this.#profiles.get(profile)!;
    facts.unread = addUnread(facts.unread, {
      connections: 1,
      received: { total: received, most: received },
      sending: sending === undefined ? undefined : { total: sending, most: sending },
    });
  }

  /** @param after ms from its opening */
  ended(profile: PlanProfile, { endTags }: LeanSocket, after: number): void {
    if (!endTags) return;
    const { code, by, cause } = endTags;
    const facts = this.#profiles.get(profile)!;
    const span = { min: after, max: after };
    facts.ends = addEnd(facts.ends, { code, by, cause, count: 1, after: span });
  }

  /** What is known at the end; undefined when no profile reads slowly. */
  facts(): SlowConsumers | undefined {
    if (this.#profiles.size === 0) return undefined;
    return { profiles: [...this.#profiles.values()], buffers: kernelBuffers() };
  }

  #look(): KernelQueues {
    const now = performance.now();
    if (this.#queues && now < this.#staleAt) return this.#queues;
    this.#queues = new KernelQueues();
    const done = performance.now();
    this.#staleAt = done + Math.max(staleAfter, leastPause * (done - now));
    return this.#queues;
  }
}
