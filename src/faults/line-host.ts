/** Owns what the host of a line gives to it: the way to the client, and what is known of it. */

/** The way to the client. */
export interface LineHost {
  /** @param done to be called once, when the bytes were taken or the connection is gone */
  write(bytes: Buffer, done?: () => void): void;
  /** Sends FIN. */
  end(): void;
  /** Sends RST: the connection is gone. */
  reset(): void;
  /** Whether the client is read from. While it is not, what the host wants is remembered. */
  read(on: boolean): void;
  /** Bytes that were written and not taken by the kernel yet. */
  readonly backlog: number;
}

/** What is known of a connection. */
export interface LineFacts {
  /** Order of arrival: tells the random decisions of one connection from another's. */
  readonly index: number;
  /** The handshake is done, and the next byte that leaves begins a frame. */
  readonly opened: boolean;
  /** Sec-WebSocket-Extensions of the 101, where that has left already. */
  readonly extensions?: string | undefined;
  /**
   * Is told what was done, exactly: `count` messages dropped, extra copies sent, and so on.
   * @param message of those that the host wrote, the one that was about to leave; undefined for none
   */
  injected(name: string, count: number, message: number | undefined): void;
  /**
   * Is told of messages that do not leave, or not yet: 1 when the host writes one, −1 when one
   * leaves. One that a fault adds only leaves.
   */
  undelivered(change: number): void;
}
