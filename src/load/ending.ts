/**
 * Owns how one connection ends: who said what, who gave up on whom, whether messages still stood in
 * our queue by then; and the figures that this comes to.
 */
import { messageOf } from "../base/errors.js";
import type { Meter } from "./meter.js";
import type { Scope } from "./scope.js";

/** How long the other side may take to finish the closing handshake, in ms, unless told. */
export const closingGrace = 2000;

/** Endings per second that are worth waiting for; a busy server manages thousands. */
export const slowestEndings = 1000;

/** A close code, and who said it. */
interface Said {
  readonly code: number;
  readonly by: "client" | "server";
  /** Text of whoever said it, unsafe as it is. */
  readonly reason: string;
}

/** How a connection ended, as the tags of `ws_close` have it. */
export type CloseTags = Readonly<Record<"code" | "by", string>> & { readonly cause?: string };

/** Why we ended a connection without a closing handshake: we gave up waiting for something, or were asked to. */
type Cut = "timeout" | "dropped" | "no-pong" | "unhandled";

/** The ending of one connection, gathered as it comes about and counted once. */
export class Ending {
  /** As `4001 by server: bye`; the reason is text of the other side, unsafe as it is. */
  text = "";
  /** What it was counted as: its code, by whom, and of one without a close frame why. */
  tags: CloseTags | undefined = undefined;
  /** Whether messages stood in the socket's queue, untaken by TCP, when our close frame went behind them. */
  backedUp = false;
  #said: Said | undefined = undefined;
  #isAnswered = false;
  /** Whether we failed the connection for what the other side sent. */
  #isFailed = false;
  #cut: Cut | undefined = undefined;
  /** Whether messages stood in the socket's queue when the connection was gone. */
  #isQueued = false;

  /** We close it. */
  close(code: number, reason: string): void {
    this.#said = { code, by: "client", reason };
  }

  /** The other side's close frame came: a goodbye of its own, or the answer to ours. */
  closed(code: number, reason: string): void {
    this.#isAnswered = true;
    this.#said ??= { code, by: "server", reason };
  }

  /** We fail it (RFC 6455 §7.1.7). */
  fail(code: number): void {
    this.#isFailed = true;
    this.#said = { code, by: "client", reason: "" };
  }

  /** We end it without a closing handshake; what it was first ended for stands. */
  cut(why: Cut): void {
    // A closing handshake that only we took part in is no clean close (§7.1.5).
    if (why !== "timeout" || !this.#isAnswered) this.#cut ??= why;
  }

  /** Takes note of whether messages stand in its queue, at the last moment at which that is known. */
  note(isQueued: boolean): void {
    if (isQueued) this.#isQueued = true;
  }

  /**
   * Counts it.
   * @param unconfirmed messages sent that the other side need not have taken
   * @param error what TCP ended with
   */
  count(
    unconfirmed: number,
    error: NodeJS.ErrnoException | undefined,
    scope: Scope,
    meter: Meter,
  ): void {
    const by = this.#said?.by ?? (this.#cut ? "client" : "server");
    this.#countClose(by, error, scope, meter);
    // Who answers our close frame has read all that came before it; of any other end nobody can say so.
    const isConfirmed = this.#isAnswered && by === "client" && !this.#isFailed;
    if (unconfirmed === 0 || isConfirmed) return;
    scope.count("ws_msg_unconfirmed", { by, cause: this.#causeOf(error) }, unconfirmed);
  }

  #countClose(
    by: Said["by"],
    error: NodeJS.ErrnoException | undefined,
    scope: Scope,
    meter: Meter,
  ): void {
    // A server that said goodbye may reset TCP as it likes: its code stands. Where only we said so,
    // there is no code but 1006 (§7.1.5).
    if (this.#said && (this.#isAnswered || this.#isFailed)) {
      const { code, reason } = this.#said;
      this.text = `${code} by ${by}${reason === "" ? "" : `: ${reason}`}`;
      this.#countAs({ code: String(code), by }, scope);
    } else if (this.#cut === "dropped" || this.#cut === "unhandled") {
      this.text = `1006 by client (${this.#cut})`;
      this.#countAs({ code: "1006", by: "client", cause: this.#cut }, scope);
    } else {
      const cause = error?.code ?? this.#cut ?? "fin";
      this.text = `1006 by ${by} (${cause})`;
      this.#countAs({ code: "1006", by, cause }, scope);
      const what = this.#cut ? silences[this.#cut] : "TCP closed without a close frame";
      meter.error("connection broken (1006)", error ? messageOf(error) : what);
    }
  }

  #countAs(tags: CloseTags, scope: Scope): void {
    this.tags = tags;
    scope.count("ws_close", tags);
  }

  /** Why it is not known what became of messages; see the chapter on conservation in the manual. */
  #causeOf(error: NodeJS.ErrnoException | undefined): string {
    const decided = this.#decided();
    if (decided !== undefined) return this.#isQueued ? `${decided}-backlog` : decided;
    if (this.#isQueued || (this.#cut === "timeout" && this.backedUp)) return "backlog";
    return this.#cut ?? error?.code ?? "fin";
  }

  /** Whose decision the end was, where it was one: that messages were left behind is no surprise then. */
  #decided(): "violation" | "close" | "dropped" | undefined {
    if (this.#isFailed) return "violation";
    if (this.#isAnswered) return "close";
    return this.#cut === "dropped" ? "dropped" : undefined;
  }
}

/** What we gave up waiting for. */
const silences = {
  timeout: "no answer to our close frame",
  "no-pong": "no answer to our ping",
};
