/**
 * Owns one user's course through losses: when its connection was cut and by what, how long it was
 * away, what the server asked of it meanwhile, and where it came back to.
 */
import type { Backoff } from "../../base/backoff.js";
import { headerValue, type UpgradeResponse } from "../../frame/upgrade.js";
import { causes, fates, resubscriptions, type LossRecord } from "../../metrics/recovery-part.js";
import type { LeanSocket } from "../lean-socket.js";
import { hintOfAnswer, hintOfEnd, longestHint, type Hint } from "./recovery-hint.js";
import type { User } from "./user.js";

/** Gaps of one user that are kept: what is missed in one is seen with the first message after it. */
const mostGaps = 8;

/** The course of one user. Moments are on `performance.now`'s clock. */
export class RecoveryCourse {
  readonly #user: User;
  /** When the connection was lost in whose place one is to be; NaN: none was. */
  #lostAt = NaN;
  /** When the present connection could be used no longer, and what cut it. */
  #cutAt = NaN;
  #cause: number = causes.other;
  /**
   * Until when it is the plan that keeps the user without a connection, if it is without one: for ever
   * where the plan ended it, or until a dial failed, which is the target's doing.
   */
  plannedUntil = -Infinity;
  /** When the last one ended that was to. */
  #closedAt = NaN;
  /** When the first connection was opened. */
  #since = NaN;
  /** Time without a connection since then. */
  #away = 0;
  /** The loss that is to be made good, or was last. */
  #loss: LossRecord | undefined = undefined;
  /**
   * When connections followed that were lost, the oldest first, and the losses, as far as followed; the
   * last few, and only where a ledger tells what was missed.
   */
  #gaps: { readonly over: number; readonly loss: LossRecord | undefined }[] | undefined = undefined;
  /** Number of the node at the other end. */
  #node = 0;
  #hint: Hint | undefined = undefined;

  constructor(user: User) {
    this.#user = user;
  }

  /** Whether a connection is to be opened in place of a lost one. */
  get isAway(): boolean {
    return !Number.isNaN(this.#lostAt);
  }

  /** The present connection cannot be used any longer; what it was first cut by stands. */
  cut(now: number, cause: number = causes.other): void {
    if (!Number.isNaN(this.#cutAt)) return;
    this.#cutAt = now;
    this.#cause = cause;
  }

  /**
   * The present connection has ended, and was not to.
   * @returns when it could be used no longer: one that closes may take its time
   */
  lost(lean: LeanSocket, now: number): number {
    const { world, scope } = this.#user;
    const tags = lean.endTags;
    const isProfile = this.#cause === causes.other && tags?.cause === "dropped";
    const end = tags ? `${tags.code}${tags.cause ? ` ${tags.cause}` : ""} by ${tags.by}` : "";
    this.#lostAt = Number.isNaN(this.#cutAt) ? now : this.#cutAt;
    const cause = isProfile ? causes.profile : this.#cause;
    this.plannedUntil = cause === causes.other ? -Infinity : Infinity;
    // What was still being played on it is cut short.
    this.resubscribed("failed");
    this.#loss = world.recovery.lost(this.#lostAt, cause, end, this.#node);
    this.#hint = hintOfEnd(lean.end);
    this.#forgetCut();
    scope.hot.ws_losses++;
    return this.#lostAt;
  }

  /**
   * A dial has failed. In place of a connection that was closed on purpose it makes that a loss: who has
   * been told to come again and cannot is as much without a connection as anybody.
   * @param began when the dial did: until then nobody but the plan kept the user away
   * @returns whether it has only now become one
   */
  unopened(began: number): boolean {
    this.plannedUntil = Math.min(this.plannedUntil, began);
    if (this.isAway || Number.isNaN(this.#since)) return false;
    const { world, scope } = this.#user;
    // It was counted as closed, and is lost instead: it counts as open for as long as it is no loss.
    world.recovery.changed(1, this.#closedAt);
    this.#loss = world.recovery.lost(began, causes.other, "not opened again", this.#node);
    this.#lostAt = began;
    scope.hot.ws_losses++;
    return true;
  }

  /** The present connection has ended as it was to. */
  closed(now: number): void {
    this.#forgetCut();
    this.plannedUntil = Infinity;
    this.#closedAt = now;
    this.#user.world.recovery.changed(-1, now);
  }

  /**
   * How long to wait before the next dial, in ms; undefined when there is to be none.
   * @param attempt 1, 2, 3 … since a connection last held
   */
  wait(backoff: Backoff | undefined, attempt: number, now: number): number | undefined {
    const { luck } = this.#user;
    const hint = this.#hint;
    this.#hint = undefined;
    const wait =
      hint && this.#honours(hint, backoff, attempt)
        ? backoff?.delayAsked(attempt, luck.float(), Math.min(hint.least ?? 0, longestHint))
        : backoff?.delay(attempt, luck.float());
    const loss = this.#loss;
    if (wait !== undefined && loss && Number.isNaN(loss.first)) loss.first = now + wait;
    return wait;
  }

  /** A dial begins. */
  dials(now: number): void {
    if (!this.isAway) return;
    const { world, scope } = this.#user;
    scope.hot.ws_reconnect_attempts++;
    world.recovery.dialled(now);
    const loss = this.#loss;
    if (loss && ++loss.attempts === 1) loss.held = Math.max(0, now - loss.first);
  }

  /** The server answered a dial, with an upgrade or with something else. */
  answered(response: UpgradeResponse): void {
    const { recovery, flow } = this.#user.world;
    if (response.status !== 101) {
      this.#hint = hintOfAnswer(response, Date.now());
      return;
    }
    const name = headerValue(response.headers, flow.node ?? "Wsctl-Node");
    this.#node = name === undefined || name === "" ? 0 : recovery.nodes.of(name);
  }

  /** A connection is open; says whether it is in place of a lost one. */
  opened(now: number): boolean {
    const { recovery, hasLedger } = this.#user.world;
    const { scope } = this.#user;
    const { isAway } = this;
    const loss = this.#loss;
    if (Number.isNaN(this.#since)) this.#since = now;
    if (isAway) {
      scope.hot.ws_reconnects++;
      scope.lasted("ws_reconnect_time", this.#lostAt, now);
      scope.lasted("ws_downtime", this.#lostAt, now);
      this.#away += now - this.#lostAt;
      this.#lostAt = NaN;
    }
    if (isAway && loss) {
      loss.over = now;
      loss.until = now;
      loss.fate = fates.back;
      loss.to = this.#node;
    } else {
      this.#loss = undefined;
      recovery.changed(1, now);
    }
    // What is missed between two connections that followed each other on purpose is no loss's doing.
    if (hasLedger && (isAway || this.#gaps)) {
      const gaps = (this.#gaps ??= []);
      if (gaps.push({ over: now, loss: this.#loss }) > mostGaps) gaps.shift();
    }
    return isAway;
  }

  /** The user's life is over, or its connection lost for good. */
  gone(how: "completed" | "lost", now: number): void {
    const { world, scope, endsAt, role } = this.#user;
    const { recovery, flow } = world;
    if (Number.isNaN(this.#since)) return;
    let end = Math.max(this.#since, Math.min(now, endsAt));
    if (this.isAway) {
      scope.lasted("ws_downtime", this.#lostAt, now);
      if (how === "lost") {
        scope.hot.ws_given_up++;
        end = this.#lostAt;
      } else {
        scope.hot.ws_away_at_end++;
        this.#away += Math.max(0, end - this.#lostAt);
      }
      const loss = this.#loss;
      if (loss) {
        loss.over = how === "lost" ? now : Math.max(loss.at, end);
        loss.fate = how === "lost" ? fates.gaveUp : fates.away;
        // How long a flow that is played once would have taken nobody knows.
        const isOnce = flow.scenarios[role.number]?.repeat === "once";
        loss.until = how === "lost" && !isOnce ? endsAt : loss.over;
      }
    }
    recovery.userTime += end - this.#since;
    recovery.awayTime += Math.min(this.#away, end - this.#since);
  }

  /**
   * Messages turn out to be lost while there was no connection.
   * @param noticed when the first message after them came
   */
  missed(count: number, noticed: number): void {
    const gap = this.#gaps?.findLast(({ over }) => over <= noticed);
    if (gap?.loss) gap.loss.missed += count;
  }

  /** What is to be played on a connection in place of a lost one is begun, over, or has failed. */
  resubscribed(how: "asked" | "confirmed" | "failed"): void {
    const loss = this.#loss;
    // What comes of it is told once; what the flow then does is another matter.
    const isDue = how === "asked" || loss?.resubscribed === resubscriptions.asked;
    if (loss && isDue) loss.resubscribed = resubscriptions[how];
  }

  /** Counts what the server asked for; says whether it is done. */
  #honours(hint: Hint, backoff: Backoff | undefined, attempt: number): boolean {
    const { world, scope } = this.#user;
    if (!backoff || attempt > backoff.attempts) return false;
    const isHonoured = world.flow.reconnect?.hints !== "ignore";
    let taken = "ignored";
    if (isHonoured && hint.least === undefined) taken = "not-understood";
    else if (isHonoured) taken = hint.least! > longestHint ? "capped" : "honoured";
    scope.count("ws_reconnect_hints", { hint: hint.hint, taken });
    return isHonoured && hint.least !== undefined;
  }

  #forgetCut(): void {
    this.#cutAt = NaN;
    this.#cause = causes.other;
  }
}
