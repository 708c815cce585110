/**
 * Owns one connection to Redis: whether it answers, and getting it back with growing pauses. Nothing
 * waits for a connection that is not there: a command then fails at once.
 */
import type { Redis } from "ioredis";
import { Backoff } from "../base/backoff.js";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { RedisPlace } from "./backplane-place.js";

/** How to connect, and who is told. */
export interface LinkOptions {
  readonly place: RedisPlace;
  /** By this name Redis lists the connection. */
  readonly name: string;
  /** Subscribes to this channel whenever it is connected, and then does nothing else. */
  readonly subscribe?: string;
  readonly heard?: (data: Buffer) => void;
  /** Told when it comes to answer, and when it no longer does, with the reason. */
  readonly changed: (why: string) => void;
}

/** A connection may take so many ms. */
const connectPatience = 3000;
/** In ms: between two looks whether Redis answers, until it counts as away, until it is cut off. */
const look = 250;
const patience = 1000;
const givenUp = 10_000;
const backoff = new Backoff({ base: 100, max: 1000, jitter: "equal", resetAfter: 1000 });

/** One connection. */
export class Link {
  readonly #options: LinkOptions;
  #redis: Redis | undefined;
  #timer: NodeJS.Timeout | undefined;
  #opened = false;
  /** Connected and subscribed. */
  #ready = false;
  /** A question has waited too long for its answer. */
  #silent = false;
  #closed = false;
  #trouble = "";
  /** When it was ready last. */
  #since = 0;
  /** Attempts to get it back since it last held. */
  #attempts = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Whether it can be used now. */
  get up(): boolean {
    return this.#ready && !this.#silent;
  }

  /** Whether it is connected, and is not answered: Redis itself has stopped, whoever asks. */
  get silent(): boolean {
    return this.#silent;
  }

  /** To give commands with; they fail unless it is connected. */
  get redis(): Redis | undefined {
    return this.#redis;
  }

  /**
   * Connects for the first time.
   * @throws WsctlError WSCTL_EREFUSED, WSCTL_ETCP
   */
  async open(): Promise<void> {
    const { place, name, heard } = this.#options;
    const { Redis: Client } = await import("ioredis");
    const { host, port, username, password, db, tls } = place;
    const redis = new Client({
      host,
      port,
      db,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(tls ? { tls: {} } : {}),
      connectionName: name,
      // The older protocol, which every Redis speaks.
      protocol: 2,
      disableClientInfo: true,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
      // What is not answered when the connection breaks is given up then.
      maxRetriesPerRequest: 0,
      connectTimeout: connectPatience,
      socketTimeout: givenUp,
      // Its own count of attempts starts anew at each opening, also of a connection that is lost at once.
      retryStrategy: () => this.#pause(),
    });
    this.#redis = redis;
    redis.on("error", (error: Error) => {
      // The first says why; what follows are its consequences.
      this.#trouble ||= reasonOf(error);
    });
    redis.on("close", () => this.#lost());
    if (heard) redis.on("messageBuffer", (_channel: Buffer, data: Buffer) => heard(data));
    try {
      await redis.connect();
      await redis.ping();
      await this.#prepare(redis);
    } catch (cause) {
      redis.disconnect();
      throw this.#failure(cause);
    }
    this.#opened = true;
    this.#ready = true;
    this.#since = performance.now();
    redis.on("ready", () => void this.#back(redis));
    this.#watch(redis);
  }

  /** Ends it for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#redis?.disconnect();
  }

  async #prepare(redis: Redis): Promise<void> {
    const { place, subscribe } = this.#options;
    // The client has chosen it as well, but goes on with another if Redis has not that many.
    if (place.db > 0) await redis.select(place.db);
    if (subscribe !== undefined) await redis.subscribe(subscribe);
  }

  /** How long to wait for the next connection; null: there is to be none. */
  #pause(): number | null {
    if (!this.#opened || this.#closed) return null;
    if (this.#ready && backoff.resets(performance.now() - this.#since)) this.#attempts = 0;
    return backoff.delay(++this.#attempts, Math.random()) ?? null;
  }

  async #back(redis: Redis): Promise<void> {
    try {
      await this.#prepare(redis);
    } catch (error) {
      // Not allowed any more, or lost again: another connection may do better.
      this.#trouble ||= reasonOf(error);
      if (!this.#closed) redis.disconnect(true);
      return;
    }
    this.#trouble = "";
    this.#set(true, false, "");
  }

  #lost(): void {
    if (!this.#opened) return;
    this.#set(false, false, this.#trouble || "the connection was closed");
    this.#trouble = "";
  }

  #set(ready: boolean, silent: boolean, why: string): void {
    const before = this.up;
    if (ready && !this.#ready) this.#since = performance.now();
    this.#ready = ready;
    this.#silent = silent;
    if (before !== this.up && !this.#closed) this.#options.changed(why);
  }

  /** Asks again and again; who is stopped keeps its connections, and says nothing. */
  #watch(redis: Redis): void {
    let asked: number | undefined;
    let looked = performance.now();
    const ask = async (): Promise<void> => {
      asked = performance.now();
      try {
        await redis.ping();
        if (this.#ready) this.#set(true, false, "");
      } catch {
        // A connection that breaks says so by itself.
      }
      asked = undefined;
    };
    const check = (): void => {
      const now = performance.now();
      // Whoever slept has not read the answers: they must have a chance to be read first.
      const slept = now - looked > 2 * look;
      looked = now;
      if (asked === undefined) {
        if (this.#ready) void ask();
      } else if (!slept && now - asked > patience) {
        this.#set(this.#ready, true, "it does not answer");
      }
      this.#timer = setTimeout(check, look).unref();
    };
    this.#timer = setTimeout(check, look).unref();
  }

  #failure(cause: unknown): WsctlError {
    const { shown } = this.#options.place;
    const why = this.#trouble || reasonOf(cause);
    const refused = why.includes("ECONNREFUSED");
    return new WsctlError(
      refused ? "WSCTL_EREFUSED" : "WSCTL_ETCP",
      `cannot use the Redis at ${shown}: ${why}`,
      {
        cause,
        hint: refused
          ? "is it running? `redis-server --port 6379` starts one"
          : "the URL is redis://user:password@host:port/database, or rediss:// for TLS",
      },
    );
  }
}

function reasonOf(error: unknown): string {
  const message = messageOf(error) || String(error);
  if (message.startsWith("Socket timeout")) return "it does not answer";
  if (/RESP type|^Protocol error/.test(message)) return "what answers there is not Redis";
  return safeLine(message, 200);
}
