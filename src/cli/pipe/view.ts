/** Owns what is told of a session in a pipe, in one of two forms: plain data, or JSON lines. */
import type { Upgrade } from "../../frame/upgrade.js";
import type { LensView } from "../../lens/lens.js";
import type {
  SessionEnd,
  SessionFrame,
  SessionGap,
  SessionMessage,
} from "../../session/session-events.js";

/** One form. What it is told is in order, and after `failed` or `ended` comes nothing. */
export interface PipeView {
  begin(): void;
  /** @param unconfirmed what our offer of compression demanded and the answer left out */
  opened(upgrade: Upgrade, gap: number | undefined, unconfirmed: readonly string[]): void;
  /**
   * @param view what the lens says of it, if there is one and the message is of its protocol
   * @returns whether it was written as data, rather than told or left out
   */
  message(message: SessionMessage, view: LensView | undefined): boolean;
  frame(frame: SessionFrame): void;
  /** Round trip of a ping of ours, in ms. */
  rtt(ms: number): void;
  /** From now on the server's frames cannot be followed, because of that; messages come all the same. */
  unseen(violation: Error): void;
  lost(end: SessionEnd): void;
  waiting(gap: SessionGap): void;
  ended(end: SessionEnd): void;
  /** What failed altogether; it is told on stderr besides. */
  failed(error: Error): void;
}
