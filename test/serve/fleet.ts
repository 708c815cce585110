/** Owns how tests form a fleet of modes in this process over a real Redis. */
import type { BackplaneStats } from "../../src/serve/backplane-fleet.js";
import { parseRedis } from "../../src/serve/backplane-place.js";
import type { ServeEvent } from "../../src/serve/events.js";
import type { RedisServer } from "../support/redis.js";
import { Client, type Flags, type ModeServer, startMode } from "./modes/mode-server.js";
import { told, until } from "./running.js";

/** A node, and what it told of its backplane. */
export interface FleetNode extends ModeServer {
  readonly told: ServeEvent[];
}

let fleets = 0;

/** Another name for each test, so that one Redis does for all. */
export function freshPrefix(): string {
  return `test-${process.pid}-${++fleets}`;
}

/** Starts a node of that name. */
export async function startNode(
  mode: string,
  redis: RedisServer,
  { node, prefix, flags = {} }: { node: string; prefix: string; flags?: Flags },
): Promise<FleetNode> {
  const events: ServeEvent[] = [];
  const place = parseRedis(redis.url);
  const fleet = { place, prefix, tell: (event: ServeEvent) => void events.push(event) };
  const server = await startMode(mode, flags, { node, fleet, seed: node });
  return { ...server, told: events };
}

/** What a node tells of its backplane at the control port. */
export async function backplaneOf({ server }: ModeServer): Promise<BackplaneStats> {
  const { backplane } = await told(server, "/stats");
  return backplane as BackplaneStats;
}

/** Waits until that holds of a node's backplane, and returns what it told then. */
export async function untilBackplane(
  server: ModeServer,
  what: string,
  holds: (stats: BackplaneStats) => boolean,
): Promise<BackplaneStats> {
  let stats = await backplaneOf(server);
  await until(what, async () => holds((stats = await backplaneOf(server))));
  return stats;
}

/** A client in a room, everything read that came with joining. */
export async function member({ url }: ModeServer, name: string, room = "lobby"): Promise<Client> {
  const client = await Client.open(url);
  client.send({ op: "join", id: "j", room, name });
  await client.until("ok");
  return client;
}
