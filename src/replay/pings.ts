/** Owns which recorded pongs were answers to pings of the server: the session gives those by itself. */
import type { MessageLine } from "../recording/line.js";
import { payloadOf } from "../recording/payload.js";

/** So many pings without an answer are remembered. */
const most = 64;

/** The pings of one connection. */
export class Pings {
  #open: string[] = [];

  /** The server has asked, in the recording. */
  asked(line: MessageLine): void {
    this.#open = [...this.#open, keyOf(line)].slice(-most);
  }

  /** Whether that pong of the client has answered one. */
  isAnswer(line: MessageLine): boolean {
    const at = this.#open.indexOf(keyOf(line));
    if (at >= 0) this.#open.splice(0, at + 1);
    return at >= 0;
  }

  /** The connection is over. */
  forget(): void {
    this.#open = [];
  }
}

function keyOf(line: MessageLine): string {
  return payloadOf(line).toString("latin1");
}
