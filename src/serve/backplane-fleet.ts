/** Owns what a fleet is: where its nodes meet, what a mode does as one of them, what is counted. */
import type { Envelope } from "./backplane-envelope.js";
import type { RedisPlace } from "./backplane-place.js";
import type { ServeEvent } from "./events.js";

/** What was counted, as `/stats` tells it. Messages are what a mode sends, not what nodes say of themselves. */
export interface BackplaneStats {
  /** Of several processes `away` as soon as one is. */
  readonly state: "up" | "away" | "closed";
  /** Messages that Redis took. */
  readonly published: number;
  /** Messages of other nodes that came. */
  readonly received: number;
  /** Messages that could not be published: no other node heard them. */
  readonly undelivered: number;
  /** Messages that other nodes numbered and that did not come. */
  readonly missed: number;
  /** What was said on the channel and made no sense. */
  readonly ignored: number;
  /** How often Redis was back. */
  readonly reconnects: number;
  /** Milliseconds that it was away, until now if it is. */
  readonly awayMs: number;
}

/** Which fleet, and who is told of it. */
export interface FleetSetup {
  readonly place: RedisPlace;
  /** Of channels and keys. */
  readonly prefix: string;
  readonly tell: (event: ServeEvent) => void;
}

/** A mode whose nodes share. */
export interface FleetMember {
  /** Another node's message; false when it makes no sense. */
  take(message: Envelope): boolean;
  /** What a node that has just come has to know, by kind and body. */
  standing(): Iterable<readonly [kind: string, body: unknown]>;
  /** Another node is gone, with all that it stood for. */
  gone(life: string): void;
  /** Redis is away, or back. */
  changed?(up: boolean): void;
}
