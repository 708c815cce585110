/** Owns the story of one connection as it is told to the watcher, counted, and kept on the disk. */
import { messageOf } from "../base/errors.js";
import {
  headerValue,
  type Phases,
  type UpgradeRequest,
  type UpgradeResponse,
} from "../frame/upgrade.js";
import type { Context } from "./context.js";
import type { Instead } from "./interference.js";
import { Keeper } from "./keeper.js";
import type { Link } from "./link.js";
import type { TalkClose } from "./talk.js";

/** Tells of one connection. */
export class Story {
  /** Its recording, if there is one. */
  keeper: Keeper | undefined = undefined;
  readonly #context: Context;
  readonly #link: Link;
  readonly #url: string;
  #isRefused = false;

  /** @param url where it leads, without query and credentials */
  constructor(context: Context, link: Link, url: string) {
    this.#context = context;
    this.#link = link;
    this.#url = url;
  }

  /**
   * Makes its recording, if it is to be recorded; never rejects.
   * @param pressure is told when the disk cannot keep up, and when it can again
   */
  async begin(pressure: (isOn: boolean) => void): Promise<void> {
    const { options, tally } = this.#context;
    const { record } = options;
    if (!record) return;
    try {
      this.keeper = await Keeper.open({
        record,
        connection: this.#link.id,
        url: this.#url,
        trouble: (text) => this.#trouble(`recording: ${text}`),
        pressure: (isOn) => pressure(isOn && record.pause),
      });
    } catch (error) {
      tally.recordingsInTrouble++;
      this.#trouble(`this connection is not recorded: ${messageOf(error)}`);
    }
  }

  /** The server agreed. */
  opened(request: UpgradeRequest, { status, headers }: UpgradeResponse, phases: Phases): void {
    const { options, tally } = this.#context;
    this.keeper?.upgrade(request, status, headers, { ...phases });
    this.#keepMarks();
    tally.opened++;
    tally.open++;
    options.watcher.tell({
      event: "open",
      ...this.#facts(),
      subprotocol: headerValue(headers, "Sec-WebSocket-Protocol"),
      extensions: headerValue(headers, "Sec-WebSocket-Extensions"),
      phases,
      recording: this.keeper?.file,
    });
  }

  /**
   * It was not agreed to; only the first telling counts.
   * @param request as the server got it; undefined when it came to none
   */
  refused(
    by: "server" | "proxy",
    status: number,
    error: string,
    request: UpgradeRequest | undefined,
    response?: UpgradeResponse,
  ): void {
    if (this.#isRefused) return;
    this.#isRefused = true;
    if (request) this.keeper?.upgrade(request, status, response?.headers ?? [], {});
    this.#keepMarks();
    this.#context.tally.refused++;
    const { watcher } = this.#context.options;
    watcher.tell({ event: "refused", ...this.#facts(), status, error, by });
  }

  /**
   * Something that a person should know.
   * @param instead what went on in the place of the message that was told last
   */
  note(text: string, instead?: Instead): void {
    const { watcher } = this.#context.options;
    watcher.tell({ event: "note", connection: this.#link.id, text, instead });
  }

  #trouble(text: string): void {
    const { watcher } = this.#context.options;
    watcher.tell({ event: "note", connection: this.#link.id, text, trouble: true });
  }

  /** It was open, and is over. */
  closed({ by, code, reason }: TalkClose): void {
    this.keeper?.close(by, { code, reason });
    this.#context.tally.closed(code);
    const { id: connection, lasted } = this.#link;
    const { watcher } = this.#context.options;
    watcher.tell({ event: "close", connection, by, code, reason, lasted });
  }

  /** Ends its recording. */
  async finish(): Promise<void> {
    if (!this.keeper) return;
    await this.keeper.finish();
    if (this.keeper.failed) this.#context.tally.recordingsInTrouble++;
  }

  /** They stand behind the upgrade, which is a recording's first line. */
  #keepMarks(): void {
    const { keeper } = this;
    this.#link.keepMarks((text, isTold) => {
      keeper?.mark(text);
      if (isTold) this.note(text);
    });
  }

  #facts(): {
    connection: number;
    remote: string;
    target: string;
    path: string;
    origin: string | undefined;
  } {
    const { id, remote, path, origin } = this.#link;
    return { connection: id, remote, target: this.#url, path, origin };
  }
}
