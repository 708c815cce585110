/**
 * Owns watching broadcasts in one worker: which stamped messages were sent to an audience, who of its
 * users got them and after how long. What has been settled is told to the coordinator, which alone knows
 * all recipients.
 */
import { scenarioShares, type ShareOut } from "../../scenario/share-out.js";
import type { Shard } from "../../scenario/shard.js";
import { mostMissedTargets } from "../../metrics/fan-out.js";
import { autoReplyStamps } from "./deliveries.js";
import { Audiences } from "./fanout-audience.js";
import type { CircleMoves, FanoutBatch, FanoutDigest } from "./fanout-batch.js";
import type { Circle } from "./fanout-circle.js";
import { Digest, digestBytes, type Missed } from "./fanout-digest.js";
import { hasFanout, settleTime } from "./fanout-settle.js";
import { Unfollowed } from "./fanout-unfollowed.js";
import type { Incoming } from "./incoming.js";
import type { User } from "./user.js";
import type { World } from "./world.js";

/** In ms: so often the coordinator is told. Rarely, it would be much at once. */
const beatEvery = 200;
/**
 * In µs: who closes a connection itself is no recipient of what was sent so shortly before, unless it
 * has got something that was sent later: it may have been under way.
 */
const farewell = 1_000_000;
/** In µs: far more than the readings of the clock by two processes differ by. */
const clocksDiffer = 1_000_000;
/** Digests under way take so many bytes, and are so many, at most. */
const mostBytes = 96 * 1024 ** 2;
const mostOpen = 20_000;
/** So many users are looked at for those who missed something, at each telling. */
const mostLooks = 200_000;

type Equipment = Pick<World, "plan" | "flow" | "run" | "offset" | "byStamp">;
type Sender = Pick<User, "index" | "stampSeq"> & {
  readonly role: Pick<User["role"], "number">;
  readonly context: Pick<User["context"], "micros">;
};
type Connected = Pick<Sender, "index" | "role">;

const nobody: Missed = { missed: [], missedAt: [] };

/** Follows the broadcasts of a worker. Its clock is the machine's, in microseconds. */
export class Fanout {
  readonly #tell: (batch: FanoutBatch) => void;
  readonly #shares: ShareOut;
  readonly #audiences: Audiences;
  readonly #run: number;
  readonly #offset: number;
  readonly #byStamp: boolean;
  readonly #settle: number;
  /** Of the whole run. */
  readonly #users: number;
  readonly #mostSequence: number;
  readonly #targets: number;
  /** The first of this worker's users, and how many there are. */
  readonly #from: number;
  readonly #size: number;
  readonly #most: number;
  readonly #open = new Map<number, Digest>();
  readonly #idle: Digest[] = [];
  /** By user: since when it is connected, and when it began to close; NaN where neither is so. */
  readonly #opened: Float64Array;
  readonly #closing: Float64Array;
  /** Those who have begun to, and are still counted. */
  readonly #leaving = new Set<number>();
  /** By user: when the newest broadcast was sent that it has got on its connection. */
  readonly #newest: Float64Array;
  #nextBeat = 0;
  /** What was sent then or earlier has been told of. */
  #through = 0;
  readonly #unfollowed: Unfollowed;
  #late = 0;

  constructor(world: Equipment, { from, to }: Shard, tell: (batch: FanoutBatch) => void) {
    const { plan, flow } = world;
    this.#tell = tell;
    this.#shares = scenarioShares(flow.scenarios.map(({ weight }) => weight));
    this.#run = world.run;
    this.#offset = world.offset * 1000;
    this.#byStamp = world.byStamp;
    this.#settle = settleTime(plan) * 1000;
    this.#users = plan.connections;
    this.#mostSequence = Math.min(
      autoReplyStamps,
      Math.floor(Number.MAX_SAFE_INTEGER / plan.connections) - 1,
    );
    const targets = plan.targets.length;
    this.#targets = targets > 1 && targets <= mostMissedTargets ? targets : 0;
    this.#from = from;
    this.#size = to - from;
    this.#audiences = new Audiences(flow.scenarios, this.#size);
    this.#most = Math.min(mostOpen, Math.ceil(mostBytes / digestBytes(this.#size)));
    this.#unfollowed = new Unfollowed(this.#most);
    this.#opened = new Float64Array(this.#size).fill(NaN);
    this.#closing = new Float64Array(this.#size).fill(NaN);
    this.#newest = new Float64Array(this.#size);
  }

  /**
   * A user sends the stamped message that its context was set for.
   * @param reply whether it is to come back to it, where stamps are what replies are known by
   */
  sent({ index, role, stampSeq, context }: Sender, reply: boolean): void {
    if (!this.#audiences.has(role.number)) return;
    if (this.#unfollowed.isStranger(index)) return this.#unfollowed.withoutRoom(role.number);
    const circle = this.#audiences.circle(role.number, index);
    const digest = this.#digest(index, stampSeq, context.micros, circle);
    if (!digest) return this.#unfollowed.crowdedOut(role.number);
    digest.here = true;
    digest.self = reply && this.#byStamp;
  }

  /**
   * A user got a message.
   * @param now on `performance.now`'s clock
   */
  heard({ index }: Pick<User, "index">, incoming: Incoming, now: number): void {
    if (incoming.readStamp() !== "ok") return;
    const { run, sender, sequence, micros } = incoming.stamp;
    if (run !== this.#run || sender >= this.#users || sequence > this.#mostSequence) return;
    const scenario = this.#shares.of(sender);
    if (!this.#audiences.has(scenario)) return;
    const took = this.#micros(now) - micros;
    // Nothing comes before it is sent: whoever made that stamp, it was not one of us.
    if (took < -clocksDiffer) return;
    const user = index - this.#from;
    if (took > this.#settle || micros <= this.#through) {
      // A history tells it to those as well who were not there to hear it: they are no recipients.
      const isOwn = index === sender && !this.#byStamp;
      if (!isOwn && this.#audiences.circle(scenario, sender)?.holds(user, micros)) this.#late++;
      return;
    }
    const circle = this.#audiences.circleFor(scenario, sender);
    if (!circle) return this.#unfollowed.estrange(sender, micros);
    if (index === sender && this.#open.get(this.#key(sender, sequence))?.self !== true) return;
    const isNow = micros >= this.#opened[user]!;
    if (isNow && this.#audiences.grows(scenario)) circle.join(user, micros);
    if (!circle.holds(user, micros)) return;
    if (isNow && micros > this.#newest[user]!) this.#newest[user] = micros;
    const digest = this.#digest(sender, sequence, micros, circle);
    if (!digest) {
      // One that was sent here has had its place, or was counted when it got none.
      const isOfOthers = sender < this.#from || sender >= this.#from + this.#size;
      if (isOfOthers) this.#unfollowed.skip(this.#key(sender, sequence), micros);
      return;
    }
    digest.circle = circle;
    digest.take(user, took);
  }

  /** A user has a connection. */
  opened({ index, role }: Connected, now: number): void {
    const user = index - this.#from;
    const at = this.#micros(now);
    this.#opened[user] = at;
    this.#closing[user] = NaN;
    this.#leaving.delete(user);
    this.#newest[user] = 0;
    this.#audiences.opened(user, role.number, at);
  }

  /** It begins to close it, of its own accord. */
  closing({ index }: Pick<User, "index">, now: number): void {
    const user = index - this.#from;
    this.#closing[user] = this.#micros(now);
    this.#leaving.add(user);
  }

  /** It has none any more. */
  ended({ index }: Pick<User, "index">, now: number): void {
    const user = index - this.#from;
    const isClosing = !Number.isNaN(this.#closing[user]!);
    this.#leave(user, isClosing ? this.#farewellOf(user) : this.#micros(now));
  }

  /** Tells what is settled, when it is time to. */
  beat(now: number): void {
    if (now < this.#nextBeat) return;
    this.#nextBeat = now + beatEvery;
    const through = this.#micros(now);
    this.#through = through - this.#settle;
    // The other side may take its time to close: what is settled meanwhile is not for who is leaving.
    for (const user of this.#leaving) {
      const wasThere = this.#farewellOf(user);
      if (wasThere <= this.#through) this.#leave(user, wasThere);
    }
    this.#send(this.#settled(this.#through), through);
  }

  /** Nobody sends or hears anything any more: tells the rest. */
  end(): void {
    this.#through = Infinity;
    this.#send(this.#settled(Infinity), undefined);
  }

  /** Until when somebody counts who closes its connection itself. */
  #farewellOf(user: number): number {
    return Math.max(this.#newest[user]!, this.#closing[user]! - farewell);
  }

  #leave(user: number, wasThere: number): void {
    this.#leaving.delete(user);
    if (Number.isNaN(this.#opened[user]!)) return;
    this.#opened[user] = NaN;
    this.#audiences.ended(user, wasThere, this.#through);
  }

  #micros(now: number): number {
    return now * 1000 + this.#offset;
  }

  #key(sender: number, sequence: number): number {
    return sequence * this.#users + sender;
  }

  /** Of one broadcast; undefined when there are too many. */
  #digest(
    sender: number,
    sequence: number,
    sent: number,
    circle: Circle | undefined,
  ): Digest | undefined {
    const key = this.#key(sender, sequence);
    const known = this.#open.get(key);
    if (known) return known;
    if (this.#open.size >= this.#most || this.#unfollowed.hasSkipped(key)) return undefined;
    const digest = (this.#idle.pop() ?? new Digest(this.#size)).begin(
      sender,
      sequence,
      sent,
      circle,
    );
    this.#open.set(key, digest);
    return digest;
  }

  /** Ends the broadcasts that were sent then or earlier. */
  #settled(through: number): FanoutDigest[] {
    const digests: FanoutDigest[] = [];
    let looks = mostLooks;
    for (const [key, digest] of this.#open) {
      if (digest.sent > through) continue;
      digest.circle ??= this.#audiences.circle(this.#shares.of(digest.sender), digest.sender);
      const mayLook = digest.lacks && (looks -= this.#size) >= 0;
      const missed = mayLook ? digest.missed(this.#size, this.#from, this.#targets) : nobody;
      digests.push(digest.told(missed, this.#from));
      this.#open.delete(key);
      this.#idle.push(digest);
    }
    return digests;
  }

  #send(digests: readonly FanoutDigest[], through: number | undefined): void {
    const circles: CircleMoves[] = [];
    for (const circle of this.#audiences.all()) {
      const moves = circle.takeMoves(this.#through);
      if (moves.length > 0) circles.push({ circle: circle.name, moves });
    }
    this.#tell({
      through,
      digests,
      circles,
      unfollowed: this.#unfollowed.take(this.#through),
      late: this.#late,
    });
    this.#late = 0;
  }
}

/** What follows the broadcasts of a plan; undefined when none has an audience, or nobody is told. */
export function watchFanout(
  world: Equipment,
  shard: Shard,
  tell: ((batch: FanoutBatch) => void) | undefined,
): Fanout | undefined {
  return tell && hasFanout(world.plan) ? new Fanout(world, shard, tell) : undefined;
}
