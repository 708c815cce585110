/**
 * Owns the listening to a server's answer to an upgrade: the bytes are passed on by others as they
 * come, here is only told where the head ends, what it says, and when the body of a refusal is over.
 */
import { BodyReader } from "../dial/body.js";
import { type ResponseHead, ResponseHeadReader } from "../frame/http-head.js";
import type { UpgradeResponse } from "../frame/upgrade.js";

/** How many interim responses (RFC 9110 §15.2) are listened through. */
const mostInterim = 100;
/** Bytes of a refusal's body that are listened to; the end of a longer one is the server's to tell. */
const longestBody = 256 * 1024;

/** Listens to one answer. */
export class AnswerWatch {
  /** The final head, once it has come. */
  response: UpgradeResponse | undefined = undefined;
  /** Whether bytes of an answer have come at all. */
  hasBegun = false;
  /** Where in the chunk fed last the last interim response ended; 0 when none did. */
  interimEnd = 0;
  readonly #method: string;
  #reader = new ResponseHeadReader();
  #interim = 0;
  #body: BodyReader | undefined = undefined;

  constructor(method: string) {
    this.#method = method;
  }

  /** Whether a refusal is over, its body with it. */
  get isOver(): boolean {
    const body = this.#body;
    return body !== undefined && body.done && body.bytes.length < longestBody;
  }

  /** What there is of a refusal's body. */
  get body(): Buffer {
    return this.#body?.bytes ?? Buffer.alloc(0);
  }

  /**
   * Takes bytes of the server.
   * @returns where in `chunk` the final head ended; its length while that has not come
   * @throws WsctlError WSCTL_EHANDSHAKE for what is no HTTP
   */
  feed(chunk: Buffer): number {
    this.hasBegun = true;
    if (this.#body) {
      this.#body.push(chunk);
      return 0;
    }
    this.interimEnd = 0;
    for (let from = 0; ;) {
      const head = this.#reader.push(chunk, from);
      if (!head) return chunk.length;
      if (this.#isFinal(head)) {
        this.#finish(head.response, chunk.subarray(head.end));
        return head.end;
      }
      this.#interim++;
      from = head.end;
      this.interimEnd = from;
      this.#reader = new ResponseHeadReader();
    }
  }

  #isFinal({ response: { status } }: ResponseHead): boolean {
    return status === 101 || status >= 200 || status < 100 || this.#interim === mostInterim;
  }

  #finish(response: UpgradeResponse, rest: Buffer): void {
    this.response = response;
    if (response.status === 101) return;
    this.#body = new BodyReader(response, this.#method, longestBody);
    this.#body.push(rest);
  }
}
