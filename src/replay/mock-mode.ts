/**
 * Owns the mock server: a mode of the test server that plays the server's side of recordings, to each
 * client for itself.
 */
import type { IncomingMessage } from "node:http";
import { headerValues } from "../frame/upgrade.js";
import { isToken } from "../frame/http-head.js";
import { messageOf } from "../base/errors.js";
import { chooseSubprotocol } from "../serve/gate.js";
import type { Guard, Refusal } from "../serve/guard.js";
import type { Mode } from "../serve/mode.js";
import type { Peer } from "../serve/peer.js";
import type { Arrival } from "./mock-arrivals.js";
import { Carry, type CarryOptions } from "./mock-carry.js";
import { Casting } from "./mock-casting.js";
import type { MockPace } from "./mock-clock.js";
import { MockPlayer } from "./mock-player.js";
import type { Take } from "./mock-take.js";

/** Something that is worth telling. */
export type MockNote =
  | {
      readonly event: "playing";
      readonly connection: number;
      /** The take's name. */
      readonly recording: string;
    }
  | {
      readonly event: "unexpected";
      readonly connection: number;
      /** Which of the client's messages: 1, 2, 3 … */
      readonly message: number;
      readonly why: string;
      /** How many of this client's there have been: it may be enough to tell the first few. */
      readonly nth: number;
      readonly binary: boolean;
      readonly data: Buffer;
    };

/** How recordings are played. */
export interface MockOptions {
  /** One at least. */
  readonly takes: readonly Take[];
  readonly carry: CarryOptions;
  readonly pace: MockPace;
  /** Whether a client's message is looked for in the recordings, which know where; else the count of
   * messages decides what is answered. */
  readonly matches: boolean;
  readonly tell: (note: MockNote) => void;
}

/** The mode, and what the server has to be told of it. */
export interface Mock {
  readonly mode: Mode;
  /** Refuses upgrades that were refused in the recording. To be asked last of all. */
  readonly guard: Guard;
  /** To be agreed to, as recorded. */
  readonly subprotocols: readonly string[];
  /** Messages of clients for which there was no answer. */
  readonly unexpected: () => number;
}

/** Of a refusal these headers are repeated. */
const repeated = ["location", "retry-after", "www-authenticate"];

/** Makes a mock server of recordings. */
export function createMock(options: MockOptions): Mock {
  const mock = new MockMode(options);
  return {
    mode: mock,
    guard: { admit: (request) => mock.admit(request) },
    subprotocols: mock.subprotocols,
    unexpected: () => mock.unexpected,
  };
}

class MockMode implements Mode {
  unexpected = 0;
  readonly #options: MockOptions;
  readonly #casting: Casting;
  readonly #spoken: ReadonlySet<string>;
  /** What was chosen when the client asked to be let in. */
  readonly #chosen = new WeakMap<IncomingMessage, Take>();
  readonly #playing = new Set<{ readonly player: MockPlayer; readonly carry: Carry }>();
  /** Of clients that are gone. */
  readonly #past = { said: 0, heard: 0, carried: 0 };

  constructor(options: MockOptions) {
    this.#options = options;
    this.#casting = new Casting(options.takes);
    this.#spoken = new Set(this.#casting.subprotocols);
  }

  get subprotocols(): readonly string[] {
    return this.#casting.subprotocols;
  }

  admit(request: IncomingMessage): Refusal | undefined {
    const offered = (request.headers["sec-websocket-protocol"] ?? "")
      .split(",")
      .map((name) => name.trim());
    const agreed = chooseSubprotocol(offered, this.#spoken) || "";
    const take = this.#casting.next(this.#casting.candidates(request.url ?? "", agreed));
    this.#chosen.set(request, take);
    return take.refused && refusalOf(take.refused);
  }

  accept(peer: Peer): void {
    const { takes, carry: wanted, pace, matches, tell } = this.#options;
    const take = this.#chosen.get(peer.request) ?? takes[0]!;
    const target = peer.request.url ?? "";
    const carry = new Carry(wanted);
    let unexpected = 0;
    const player = new MockPlayer({
      peer,
      take,
      among: matches ? this.#casting.candidates(target, peer.subprotocol) : undefined,
      carry,
      pace,
      now: () => performance.now(),
      onUnexpected: (arrival, why) => this.#tellUnexpected(peer.id, arrival, why, ++unexpected),
    });
    const playing = { player, carry };
    this.#playing.add(playing);
    peer.onClose(() => {
      this.#playing.delete(playing);
      this.#past.said += player.said;
      this.#past.heard += player.heard;
      this.#past.carried += carry.count;
    });
    tell({ event: "playing", connection: peer.id, recording: take.name });
    player
      .play()
      .catch((error: unknown) => peer.fail(new Error(messageOf(error), { cause: error })));
  }

  stats(): Readonly<Record<string, number>> {
    let { said, heard, carried } = this.#past;
    for (const { player, carry } of this.#playing) {
      said += player.said;
      heard += player.heard;
      carried += carry.count;
    }
    return { said, heard, carried, unexpected: this.unexpected };
  }

  #tellUnexpected(connection: number, arrival: Arrival, why: string, nth: number): void {
    const { number: message, payload: data, binary } = arrival;
    this.unexpected++;
    this.#options.tell({ event: "unexpected", connection, message, why, nth, binary, data });
  }
}

/** The refusal as it was recorded, as far as that is no danger to the HTTP around it. */
function refusalOf({ status, response }: NonNullable<Take["refused"]>): Refusal {
  const isError = Number.isInteger(status) && status >= 300 && status <= 599;
  const headers: Record<string, string> = {};
  for (const name of repeated) {
    const [value] = headerValues(response, name);
    if (value !== undefined && /^[\t -~]*$/.test(value) && isToken(name)) headers[name] = value;
  }
  return {
    status: isError ? status : 503,
    error: "the recorded server refused the upgrade",
    headers,
  };
}
