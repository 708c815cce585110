/**
 * Owns two sockets that are one connection to those behind them: what comes of one goes to the other,
 * an end as an end and a reset as a reset, and neither is read from faster than the other takes it.
 */
import type { Socket } from "node:net";
import { Brake } from "./brake.js";
import { Lane } from "./lane.js";
import { resetSocket } from "./reset-socket.js";

/** Both directions between a client and its server. */
export class Relay {
  readonly clientBrake: Brake;
  readonly serverBrake: Brake;
  /** From the client to the server. */
  readonly out: Lane;
  /** From the server to the client. */
  readonly in: Lane;
  readonly #client: Socket;
  readonly #server: Socket;
  #onGone: (() => void) | undefined;

  /**
   * Nothing flows before `start`.
   * @param onGone called once, when both sockets are gone
   */
  constructor(client: Socket, server: Socket, clientBrake: Brake, onGone?: () => void) {
    this.#client = client;
    this.#server = server;
    this.#onGone = onGone;
    this.clientBrake = clientBrake;
    this.serverBrake = new Brake(server);
    this.out = new Lane(this.clientBrake, server);
    this.in = new Lane(this.serverBrake, client);
    // An end is passed on, and the other direction goes on: it is for the two to agree on the rest.
    client.allowHalfOpen = true;
    server.allowHalfOpen = true;
    client.once("close", () => this.#gone());
    server.once("close", () => this.#gone());
  }

  /**
   * Lets the server speak.
   * @param take what is done with its bytes; they go to the lane unless told
   */
  startIn(take = (chunk: Buffer): void => this.in.take(chunk)): void {
    join(this.#server, this.#client, this.in, take);
  }

  /**
   * Lets the client speak; whoever read its bytes before takes his listeners off first.
   * @param take as for `startIn`
   */
  startOut(take = (chunk: Buffer): void => this.out.take(chunk)): void {
    join(this.#client, this.#server, this.out, take);
  }

  /** Ends the way to the server. */
  endServer(): void {
    this.#server.end();
  }

  /** Calls `listener` when the server has ended its side, or is gone. */
  onServerEnd(listener: () => void): void {
    this.#server.once("end", listener);
    this.#server.once("close", listener);
  }

  /**
   * From now on nothing goes on, and neither is told how the other ends. Who leaves is let go; without
   * the client the server is ended too.
   * @param grace milliseconds that it may take for that
   */
  silence(grace: number): void {
    this.in.mute();
    this.out.mute();
    for (const socket of [this.#client, this.#server]) {
      // An end that is not answered would keep what is left of the connection for ever.
      if (socket.readableEnded) socket.destroy();
      else socket.once("end", () => socket.destroy());
    }
    this.#client.once("close", () => {
      this.#server.end();
      const late = setTimeout(() => resetSocket(this.#server), grace).unref();
      this.#server.once("close", () => clearTimeout(late));
    });
    if (this.#client.destroyed) this.#server.destroy();
  }

  /** Cuts both with a reset. */
  reset(): void {
    this.in.mute();
    this.out.mute();
    resetSocket(this.#client);
    resetSocket(this.#server);
  }

  #gone(): void {
    if (!this.#client.destroyed || !this.#server.destroyed) return;
    this.#onGone?.();
    this.#onGone = undefined;
  }
}

/** Leads what comes of `from` to `take`, and how it ends to `lane`. */
function join(from: Socket, to: Socket, lane: Lane, take: (chunk: Buffer) => void): void {
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    lane.finish();
  };
  const close = (): void => {
    // Gone without an end: it was cut, and so is the other side. After an end, what still comes the
    // other way has nowhere to go.
    if (!ended || from.errored) lane.cut();
    else if (!to.destroyed && to.readableEnded) to.end();
  };
  from.on("data", take);
  from.on("end", end);
  from.on("close", close);
  if (from.destroyed) {
    if (from.readableEnded) end();
    close();
    return;
  }
  if (from.readableEnded) end();
  if (!from.isPaused()) from.resume();
}

/** Two sockets whose bytes are nobody's business: nothing is listened to. */
export function relayBlindly(client: Socket, server: Socket, onGone: () => void): Relay {
  const relay = new Relay(client, server, new Brake(client), onGone);
  relay.startIn();
  relay.startOut();
  return relay;
}
