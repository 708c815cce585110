/** Owns the plain form of a pipe: messages that came on stdout, and everything else on stderr. */
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { Opcode } from "../../frame/opcode.js";
import type { Upgrade } from "../../frame/upgrade.js";
import type { LensView } from "../../lens/lens.js";
import type {
  SessionEnd,
  SessionFrame,
  SessionGap,
  SessionMessage,
} from "../../session/session-events.js";
import { ignoredSubprotocols } from "./ignored-subprotocols.js";
import { closeWords } from "./close-words.js";
import { frameLine } from "./frame-line.js";
import type { Output } from "./output.js";
import { render, type Rendering } from "./rendering.js";
import type { PipeView } from "./view.js";

/** How much is told on stderr. */
export interface Talk {
  /** One line, without its end. */
  readonly note: (line: string) => void;
  /** Tells of connections that open and close. */
  readonly verbose: boolean;
  /** Tells of every frame. */
  readonly frames: boolean;
  /** Tells of pings and pongs. */
  readonly pings: boolean;
}

/** Writes messages as they are. */
export class PlainView implements PipeView {
  readonly #output: Output;
  readonly #rendering: Rendering;
  readonly #talk: Talk;
  #hasToldOfBase64 = false;

  constructor(output: Output, rendering: Rendering, talk: Talk) {
    this.#output = output;
    this.#rendering = rendering;
    this.#talk = talk;
  }

  begin(): void {}

  opened(upgrade: Upgrade, gap: number | undefined, unconfirmed: readonly string[]): void {
    const { note, verbose } = this.#talk;
    if (gap !== undefined) note(`connected again after ${formatDuration(gap)}`);
    if (!verbose) return;
    const { phases, subprotocol, extensions, tls, response } = upgrade;
    const took = Object.entries(phases)
      .filter(([, ms]: [string, number]) => ms > 0)
      .map(([phase, ms]: [string, number]) => `${phase} ${formatDuration(ms)}`);
    note(`connected: ${response.status} ${safeLine(response.reason)} (${took.join(", ")})`);
    if (tls) note(`TLS: ${tls.protocol}, ${tls.cipher}`);
    if (subprotocol !== undefined) note(`subprotocol: ${safeLine(subprotocol)}`);
    const ignored = ignoredSubprotocols(upgrade);
    if (ignored.length > 0) {
      note(`subprotocol: the server took none of ${safeLine(ignored.join(", "))}`);
    }
    if (extensions !== undefined) note(`extensions: ${safeLine(extensions)}`);
    if (unconfirmed.length > 0) {
      note(`compression: the server did not confirm ${unconfirmed.join(" and ")} (RFC 7692 §7.1)`);
    }
  }

  message(message: SessionMessage, view: LensView | undefined): boolean {
    if (message.direction === "out") return false;
    const { isTerminal, binary, decodes } = this.#rendering;
    if (message.binary && !decodes && !isTerminal && !binary && !this.#hasToldOfBase64) {
      this.#hasToldOfBase64 = true;
      this.#talk.note(
        "a binary message came: such are written as base64, unless --binary is given",
      );
    }
    if (view) this.#tell(view);
    const bytes = render(message, view, this.#rendering);
    if (!bytes) return false;
    this.#output.write(...bytes);
    return true;
  }

  /** What the lens says of messages that are not written as they are meant: failures in any case. */
  #tell({ line, kind, title }: LensView): void {
    const { note, verbose } = this.#talk;
    const isFailure = kind === "error";
    if (line ? isFailure && verbose : isFailure || verbose) note(title);
  }

  frame(frame: SessionFrame): void {
    const { frames, pings, note } = this.#talk;
    const isPing = frame.opcode === Opcode.ping || frame.opcode === Opcode.pong;
    if (frames || (pings && isPing)) note(frameLine(frame));
  }

  rtt(ms: number): void {
    const { frames, pings, note } = this.#talk;
    if (frames || pings) note(`round trip: ${formatDuration(ms)}`);
  }

  unseen({ message }: Error): void {
    this.#talk.note(`the server's frames are seen no more, though its messages come: ${message}`);
  }

  lost({ code, reason, error }: SessionEnd): void {
    const why = error ? `${code}, ${safeLine(error.message, 300)}` : closeWords(code, reason);
    this.#talk.note(`the connection was lost: ${why}`);
  }

  waiting({ attempt, delay }: SessionGap): void {
    this.#talk.note(`attempt ${attempt} to connect again in ${formatDuration(delay)}`);
  }

  ended({ code, reason, by }: SessionEnd): void {
    if (!this.#talk.verbose) return;
    const who = by === undefined ? "ended" : by === "us" ? "closed by us" : "closed by the server";
    this.#talk.note(`${who}: ${closeWords(code, reason)}`);
  }

  failed(): void {}
}
