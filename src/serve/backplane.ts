/**
 * Owns the backplane: what makes servers in several processes nodes of one fleet, over a channel of
 * Redis. Every message has a number, so that each node knows what it published, what it could not
 * publish, and what of the others never came. Nothing waits while Redis is away.
 */
import { randomBytes } from "node:crypto";
import { WsctlError } from "../base/errors.js";
import { type JsonValue, member } from "../message/json.js";
import { type Envelope, isWhole, opened } from "./backplane-envelope.js";
import { Link } from "./backplane-link.js";
import { OtherNodes } from "./backplane-nodes.js";
import { type Carried, Outbox } from "./backplane-outbox.js";
import type { BackplaneStats, FleetMember, FleetSetup } from "./backplane-fleet.js";

/** In ms: between signs of life; to the answer to who has come; for answers at the start; for the end. */
const beat = 1000;
const answerAfter = 20;
const startPatience = 1000;
const endPatience = 500;

/** One node's place in a fleet. */
export class Backplane {
  /** Drawn for this process. */
  readonly life = randomBytes(8).toString("hex");
  readonly node: string;
  readonly #setup: FleetSetup;
  readonly #member: FleetMember;
  readonly #channel: string;
  readonly #pub: Link;
  readonly #sub: Link;
  readonly #outbox: Outbox;
  readonly #others = new OtherNodes();
  readonly #began = performance.now();
  /** Since when it hears the others. */
  #hearsSince = Infinity;
  #state: BackplaneStats["state"] = "up";
  #received = 0;
  #ignored = 0;
  #reconnects = 0;
  #awayMs = 0;
  #awaySince = 0;
  /** When it last gave a sign of life. */
  #lived = 0;
  #undeliveredBefore = 0;
  #answer: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;
  /** While it starts: told of every node that is there. */
  #met: ((life: string, node: string) => void) | undefined;

  /** @param mode nodes of different modes do not hear each other */
  constructor(setup: FleetSetup, mode: string, node: string, fleetMember: FleetMember) {
    this.#setup = setup;
    this.#member = fleetMember;
    this.node = node;
    // Channels are common to all databases of a Redis, and fleets in two of them are two.
    const { db } = setup.place;
    this.#channel = `${setup.prefix}${db === 0 ? "" : `@${db}`}:${mode}`;
    const link = { place: setup.place, changed: (why: string) => this.#changed(why) };
    this.#pub = new Link({ ...link, name: `wsctl-${node}` });
    this.#outbox = new Outbox({
      link: this.#pub,
      isUp: () => this.#pub.up && !this.#sub.silent,
      channel: this.#channel,
      life: this.life,
      node,
      refused: (why) => this.#refused(why),
    });
    this.#sub = new Link({
      ...link,
      name: `wsctl-${node}-hears`,
      subscribe: this.#channel,
      heard: (data) => this.#heard(data),
    });
  }

  /**
   * Connects, and learns from the nodes that are there.
   * @throws WsctlError WSCTL_EREFUSED, WSCTL_ETCP; WSCTL_EUSAGE when a node of that name is there
   */
  async start(): Promise<void> {
    try {
      await this.#sub.open();
      this.#hearsSince = performance.now();
      await this.#pub.open();
      await this.#meet();
    } catch (error) {
      this.#pub.close();
      this.#sub.close();
      throw error;
    }
    this.#others.strangers = false;
    this.#beat = setInterval(() => this.#live(), beat).unref();
    this.#setup.tell({ event: "backplane", state: "up", ...this.#names() });
  }

  /** Tells all other nodes; counts as so many messages, published or not. */
  publish(kind: string, body: unknown, carried?: Carried): void {
    this.#outbox.publish(kind, body, carried);
  }

  /** Tells all other nodes of the fleet itself, uncounted; does nothing while Redis is away. */
  inform(kind: string, body: unknown): void {
    void this.#outbox.inform(kind, body);
  }

  /**
   * Runs a script at Redis, with keys of this fleet's own.
   * @throws when Redis is away or refuses
   */
  async script(lua: string, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const redis = this.#pub.redis;
    if (!redis || !this.#pub.up) throw new WsctlError("WSCTL_ELOST", "Redis is away");
    const named = keys.map((key) => `${this.#channel}:${key}`);
    return redis.eval(lua, named.length, ...named, ...args);
  }

  stats(): BackplaneStats {
    const away = this.#state === "away" ? performance.now() - this.#awaySince : 0;
    return {
      state: this.#state,
      published: this.#outbox.published,
      received: this.#received,
      undelivered: this.#outbox.undelivered,
      missed: this.#others.missed,
      ignored: this.#ignored,
      reconnects: this.#reconnects,
      awayMs: Math.round(this.#awayMs + away),
    };
  }

  /** Says goodbye, as far as Redis still answers. */
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    clearInterval(this.#beat);
    clearTimeout(this.#answer);
    if (this.#pub.up) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, endPatience).unref());
      await Promise.race([this.#outbox.inform("bye", null), late]);
    }
    if (this.#state === "away") this.#awayMs += performance.now() - this.#awaySince;
    this.#state = "closed";
    this.#pub.close();
    this.#sub.close();
  }

  /** Says that it is there, and waits until every node that heard it has told how it stands. */
  async #meet(): Promise<void> {
    const there = new Set<string>();
    let expected = Infinity;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(resolve, startPatience);
      const settle = (): void => {
        if (there.size < expected) return;
        clearTimeout(late);
        resolve();
      };
      this.#met = (life, node) => {
        if (node === this.node) {
          clearTimeout(late);
          reject(
            new WsctlError("WSCTL_EUSAGE", `a node named ${node} is in this fleet already`, {
              hint: "give each node its own --node NAME, or fleets different --redis-prefix",
            }),
          );
        }
        there.add(life);
        settle();
      };
      const greet = async (): Promise<void> => {
        expected = (await this.#outbox.hello(this.#age())) - 1;
        settle();
      };
      greet().catch(reject);
    }).finally(() => (this.#met = undefined));
  }

  #heard(data: Buffer): void {
    const envelope = opened(data);
    if (!envelope) {
      this.#ignored++;
      return;
    }
    if (envelope.life === this.life) this.#outbox.heard(envelope);
    else this.#heardOther(envelope);
  }

  #heardOther(envelope: Envelope): void {
    const { life, node, kind, count } = envelope;
    const young = this.#isYounger(member(envelope.body, "age"));
    if (kind === "hello") {
      const before = this.#others.sameNode(envelope);
      if (before !== undefined) this.#forget(before);
    }
    if (!this.#others.note(envelope, performance.now(), young)) {
      this.#ignored++;
      return;
    }
    this.#received += count;
    if (kind === "hello") this.#answerSoon();
    else if (kind === "bye") this.#forget(life);
    else if (kind === "here") this.#met?.(life, node);
    else if (!this.#member.take(envelope)) this.#ignored++;
  }

  #isYounger(age: JsonValue | undefined): boolean | undefined {
    return isWhole(age) ? age < performance.now() - this.#hearsSince : undefined;
  }

  #age(): { readonly age: number } {
    return { age: Math.round(performance.now() - this.#began) };
  }

  #forget(life: string): void {
    if (this.#others.forget(life)) this.#member.gone(life);
  }

  /** Several who come at once are answered at once. */
  #answerSoon(): void {
    this.#answer ??= setTimeout(() => {
      this.#answer = undefined;
      this.#tellStanding();
    }, answerAfter).unref();
  }

  #tellStanding(): void {
    if (!this.#pub.up) return;
    this.#outbox.owes = false;
    for (const [kind, body] of this.#member.standing()) this.inform(kind, body);
    this.inform("here", this.#age());
  }

  #live(): void {
    const now = performance.now();
    // Whoever slept has not read yet what the others said meanwhile.
    const slept = now - this.#lived > 2 * beat;
    this.#lived = now;
    if (slept || this.#state !== "up") this.#others.excuse(now);
    if (this.#state !== "up") return;
    if (this.#outbox.owes) this.#tellStanding();
    else this.inform("here", this.#age());
    for (const life of this.#others.expire(now)) this.#member.gone(life);
    if (!this.#others.strangers) return;
    this.#others.strangers = false;
    this.inform("hello", this.#age());
  }

  #changed(why: string): void {
    const up = this.#pub.up && this.#sub.up;
    if (this.#state === "closed" || up === (this.#state === "up")) return;
    if (up) this.#back();
    else this.#away(why);
    this.#member.changed?.(up);
  }

  #away(why: string): void {
    this.#state = "away";
    this.#awaySince = performance.now();
    this.#undeliveredBefore = this.#outbox.undelivered;
    this.#setup.tell({ event: "backplane", state: "away", ...this.#names(), why });
  }

  #back(): void {
    const now = performance.now();
    const away = now - this.#awaySince;
    this.#state = "up";
    this.#awayMs += away;
    this.#reconnects++;
    this.#outbox.settle();
    this.#others.excuse(now);
    this.inform("hello", this.#age());
    this.#tellStanding();
    const undelivered = this.#outbox.undelivered - this.#undeliveredBefore;
    const names = this.#names();
    this.#setup.tell({ event: "backplane", state: "up", ...names, away, undelivered });
  }

  #refused(why: string): void {
    this.#setup.tell({ event: "backplane", state: "refused", ...this.#names(), why });
  }

  #names(): { readonly node: string; readonly redis: string } {
    return { node: this.node, redis: this.#setup.place.shown };
  }
}
