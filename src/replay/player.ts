/**
 * Owns the replay of one recording: it is read line by line, what the client said is said again when
 * its time has come, and what the server answers is held against what it answered then.
 */
import { UpgradeRefused } from "../dial/refusal.js";
import { Opcode } from "../frame/opcode.js";
import type { UpgradeResponse } from "../frame/upgrade.js";
import type { CloseLine, MessageLine, UpgradeLine } from "../recording/line.js";
import { payloadOf } from "../recording/payload.js";
import type { RecordedLine } from "../recording/reader.js";
import { Account } from "./account.js";
import { Carrying } from "./carrying.js";
import { closeAsThen, closeNow, type CloseNow } from "./closing.js";
import { Comparer } from "./compare.js";
import { Exchange } from "./exchange.js";
import { Heard } from "./heard.js";
import { IgnoredPaths } from "./ignore.js";
import { asKnown, isAnswer, isData } from "./known-line.js";
import { LeafRules } from "./leaf-rules.js";
import type { Learned } from "./learned.js";
import { breakOf, failureOf, type Leg } from "./leg.js";
import { learnFrom, openingChanges } from "./opening-changes.js";
import { Schedule } from "./pace.js";
import { Pings } from "./pings.js";
import { Quotes } from "./quotes.js";
import type { PlayerOptions } from "./replay-options.js";
import type { Failure, VainWait } from "./result.js";
import type { Rewriter } from "./rewriter.js";
import { Speech } from "./speech.js";
import { closeDifference, refusalDifference, upgradeDifference } from "./verdicts.js";

/** So many waits in vain are remembered. */
const mostWaits = 100;

/** Plays one recording, once. */
export class Player {
  readonly account: Account;
  readonly speech: Speech;
  readonly carrying: Carrying;
  /** Why it could not be opened, or broke. */
  failure: Failure | undefined = undefined;
  /** Whether it broke once it was open. */
  isBroken = false;
  /** Connections that were opened. */
  opened = 0;
  /** Messages that came now, and then. */
  received = 0;
  recorded = 0;
  readonly waits: VainWait[] = [];
  readonly notes = new Set<string>();
  readonly #options: PlayerOptions;
  readonly #rewriter: Rewriter | undefined;
  readonly #quotes: Quotes;
  readonly #comparer: Comparer;
  readonly #schedule: Schedule;
  #exchange: Exchange | undefined = undefined;
  /** Whether there has been a connection, or the attempt to open one. */
  #isBegun = false;
  /** When something was said last, in the recording. */
  #lastMessage = 0;
  /** Payloads of recorded pings of the server: the session answers those of now by itself. */
  readonly #pings = new Pings();

  /** @throws WsctlError WSCTL_EUSAGE for rules that cannot be read */
  constructor(options: PlayerOptions, learned: Learned, rewriter: Rewriter | undefined) {
    const { ignore, ignoreValues, captures, survey, pace, begin, idleCap, use } = options;
    this.#options = options;
    this.#rewriter = rewriter;
    this.carrying = new Carrying(survey.detected, use);
    this.#quotes = new Quotes(options.hidden);
    this.#comparer = new Comparer({
      ignore: new IgnoredPaths(ignore),
      leaves: new LeafRules(learned, new Set(survey.detected.keys()), ignoreValues),
      captures,
      learned,
      carrying: this.carrying,
      quotes: this.#quotes,
    });
    this.account = new Account(this.#comparer, this.#quotes, rewriter);
    this.speech = new Speech(learned, options.variables, this.carrying);
    this.#schedule = new Schedule(pace, begin, idleCap);
  }

  /** Whether anything is not as it was. */
  get differs(): boolean {
    return this.account.count + this.speech.unsent > 0;
  }

  /** @throws WsctlError WSCTL_EUSAGE for a recording that cannot be read to its end */
  async play(): Promise<void> {
    try {
      for await (const item of this.#options.recorded) {
        if (this.#isStopped) break;
        // Nothing is expected any more, though it came then.
        if (this.failure) this.recorded += isAnswer(item.line) ? 1 : 0;
        else await this.#line(item);
        await this.#rewriter?.drain();
        if (this.#rewriter?.isFull === true) this.#exchange?.settle();
      }
      await this.#end();
    } finally {
      this.#exchange?.leg.cut();
    }
  }

  get #isStopped(): boolean {
    return this.#options.signal?.aborted === true;
  }

  async #line(item: RecordedLine): Promise<void> {
    const line = asKnown(item.line);
    if (line !== undefined) this.#schedule.next(line.t);
    switch (line?.k) {
      case "upgrade":
        await this.#end(line.t);
        await this.#openLine(line, item);
        return;
      case "in":
        this.#lastMessage = line.t;
        await this.#cameThen(line, item);
        return;
      case "out":
        this.#lastMessage = line.t;
        this.#rewriter?.copy(item);
        await this.#say(line, item.number);
        return;
      case "close":
        await this.#closeLine(line, item);
        return;
      case "end":
        await this.#end(line.t);
        this.#rewriter?.end(item, line);
        return;
      case "gap":
        this.#rewriter?.copy(item);
        if (!line.missed) return;
        this.account.tolerate(line.missed);
        this.notes.add("messages are missing in the recording itself: see its gap lines");
        return;
      case "mark":
      case undefined:
        this.#rewriter?.copy(item);
        return;
      default:
        line satisfies never;
    }
  }

  async #openLine(line: UpgradeLine, item: RecordedLine): Promise<void> {
    const opening = await this.#open(line, item.number);
    const { redactor } = this.#options.update ?? {};
    const changes = opening && openingChanges(line, opening, redactor);
    if (changes === undefined) this.#rewriter?.copy(item);
    else this.#rewriter?.change(item, changes);
    // Nothing was said then.
    if (line.status !== 101) await this.#end(line.t);
  }

  /**
   * Opens the next connection, when its time has come.
   * @returns the answer to the upgrade; undefined where there was none
   */
  async #open(line: UpgradeLine | undefined, number: number): Promise<UpgradeResponse | undefined> {
    this.#isBegun = true;
    const { update, hidden } = this.#options;
    const parts = {
      options: this.#options,
      comparer: this.#comparer,
      account: this.account,
      quotes: this.#quotes,
      schedule: this.#schedule,
      onReceived: () => this.#cameNow(),
    };
    const exchange = new Exchange(parts, this.#options.session(line));
    await exchange.due();
    if (this.#isStopped) return undefined;
    // What is glued to the answer comes before the answer is known.
    this.#exchange = exchange;
    try {
      const upgrade = await exchange.leg.open();
      this.opened++;
      learnFrom(upgrade, update?.redactor, hidden);
      if (line !== undefined) this.account.tell(upgradeDifference(line, number, upgrade));
      return upgrade.response;
    } catch (error) {
      this.#exchange = undefined;
      if (this.#isStopped) return undefined;
      if (error instanceof UpgradeRefused && line !== undefined && line.status !== 101) {
        learnFrom(error, update?.redactor, hidden);
        this.account.tell(refusalDifference(line, number, error.response.status));
        return error.response;
      }
      this.failure = this.#quotes.failure(failureOf(error));
      return undefined;
    }
  }

  #cameNow(): number {
    this.received++;
    this.#progress();
    return this.received;
  }

  async #cameThen(line: MessageLine, item: RecordedLine): Promise<void> {
    if (!isData(line)) {
      this.#rewriter?.copy(item);
      if (line.op === Opcode.ping) this.#pings.asked(line);
      return;
    }
    const exchange = await this.#present(item.number);
    if (exchange === undefined) {
      this.#rewriter?.copy(item);
      this.notes.add("messages behind a close in the recording were not waited for");
      return;
    }
    const place = this.#rewriter?.place(item, line);
    const what = { number: ++this.recorded, op: line.op, data: payloadOf(line) };
    const isRedacted = line.redacted === true;
    await exchange.expect(new Heard(what, { line: item.number, isRedacted, place }));
  }

  /** The connection that a line is about: a recording without an upgrade has one all the same. */
  async #present(number: number): Promise<Exchange | undefined> {
    if (!this.#isBegun) await this.#open(undefined, number);
    return this.#exchange;
  }

  /** Says what the client said. */
  async #say(line: MessageLine, number: number): Promise<void> {
    if (line.op === Opcode.pong && this.#pings.isAnswer(line)) return;
    const exchange = await this.#present(number);
    const { sent, unsent } = this.speech;
    const wait = await exchange?.turn(sent + unsent + 1, number);
    if (wait !== undefined && this.waits.length < mostWaits) this.waits.push(wait);
    if (this.#isStopped) return;
    await this.speech.say(exchange?.leg, line);
    if (this.speech.unsent > unsent) this.#lost(exchange, number);
    this.#progress();
  }

  /** A message could not be sent, though it was then. */
  #lost(exchange: Exchange | undefined, line: number): void {
    if (exchange === undefined && this.opened > 0) {
      this.notes.add("messages behind a close in the recording could not be sent again");
    }
    this.account.add({ kind: "unsent", line, changes: [] });
  }

  async #closeLine(line: CloseLine, item: RecordedLine): Promise<void> {
    const now = await this.#end(line.t, line, item.number);
    if (now === undefined) this.#rewriter?.copy(item);
    else this.#rewriter?.change(item, now);
  }

  /**
   * Ends the connection as it ended then, once all has come that came then, or nothing comes any more.
   * @param t when it was over then; undefined where the recording does not say
   * @returns how it ended, where that differs from the recording
   */
  async #end(t?: number, close?: CloseLine, line?: number): Promise<CloseNow | undefined> {
    const exchange = this.#exchange;
    if (exchange === undefined) return undefined;
    const { leg } = exchange;
    await exchange.heardAll();
    if (close?.by === "client") await exchange.due();
    else if (close !== undefined) await exchange.silence(() => false);
    await exchange.listen((t ?? Infinity) - this.#lastMessage);
    const { end } = leg;
    exchange.finish();
    this.#exchange = undefined;
    this.#pings.forget();
    if (end === undefined) await this.#close(leg, close);
    if (this.#isStopped) return undefined;
    const difference = closeDifference(close, line, end);
    this.account.tell(difference);
    const broken = end && close?.by !== "nobody" ? breakOf(end) : undefined;
    if (broken !== undefined) {
      this.isBroken = true;
      this.failure ??= this.#quotes.failure(failureOf(broken));
    }
    const now = difference && closeNow(end, this.#options.update?.redactor);
    if (close === undefined && now !== undefined) this.#rewriter?.close(now);
    return now;
  }

  /** Closes what the server left open: as the client did then, if it did. */
  async #close(leg: Leg, close: CloseLine | undefined): Promise<void> {
    if (close?.by === "nobody") {
      this.notes.add("the recorded connection broke; this one did not, and was closed");
    }
    const closing = closeAsThen(leg, close?.by === "client" ? close : undefined);
    await (this.#isStopped ? leg.shortly(closing) : closing);
    leg.cut();
  }

  #progress(): void {
    const differences = this.account.count + this.speech.unsent;
    this.#options.onProgress?.({ sent: this.speech.sent, received: this.received, differences });
  }
}
