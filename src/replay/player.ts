/**
 * Owns the replay of one recording: it is read line by line, what the client said is said again when
 * its time has come, and what the server answers is held against what it answered then.
 */
import { UpgradeRefused } from "../dial/refusal.js";
import { isValidCloseCode } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import type { CloseLine, MessageLine, UpgradeLine } from "../recording/line.js";
import { payloadOf } from "../recording/payload.js";
import type { RecordedLine } from "../recording/reader.js";
import type { SessionEnd } from "../session/session-events.js";
import { Account } from "./account.js";
import { Comparer } from "./compare.js";
import { Exchange } from "./exchange.js";
import { Heard } from "./heard.js";
import { IgnoredPaths } from "./ignore.js";
import { asKnown, isData } from "./known-line.js";
import { LeafRules } from "./leaf-rules.js";
import type { Learned } from "./learned.js";
import { breakOf, failureOf, type Leg } from "./leg.js";
import { Schedule } from "./pace.js";
import type { PlayerOptions } from "./replay-options.js";
import type { Difference, Failure, VainWait } from "./result.js";
import type { Rewriter } from "./rewriter.js";
import { Speech } from "./speech.js";
import { closeDifference, refusalDifference, upgradeDifference } from "./verdicts.js";

/** So many waits in vain, and pings without an answer, are remembered. */
const mostWaits = 100;
const mostPings = 64;

/** Plays one recording, once. */
export class Player {
  readonly account: Account;
  readonly speech: Speech;
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
  readonly #comparer: Comparer;
  readonly #schedule: Schedule;
  #exchange: Exchange | undefined = undefined;
  /** Whether there has been a connection, or the attempt to open one. */
  #isBegun = false;
  #others = 0;
  /** Payloads of recorded pings of the server: the session answers those of now by itself. */
  #pings: string[] = [];

  /** @throws WsctlError WSCTL_EUSAGE for rules that cannot be read */
  constructor(options: PlayerOptions, learned: Learned, rewriter: Rewriter | undefined) {
    const { ignore, ignoreValues, captures, survey, pace, begin, idleCap } = options;
    this.#options = options;
    this.#rewriter = rewriter;
    this.#comparer = new Comparer({
      ignore: new IgnoredPaths(ignore),
      leaves: new LeafRules(learned, new Set(survey.detected.keys()), ignoreValues),
      captures,
      learned,
    });
    this.account = new Account(this.#comparer, rewriter);
    this.speech = new Speech(learned, options.variables);
    this.#schedule = new Schedule(pace, begin, idleCap);
  }

  /** Whether anything is not as it was. */
  get differs(): boolean {
    return this.account.count + this.#others > 0;
  }

  /** @throws WsctlError WSCTL_EUSAGE for a recording that cannot be read to its end */
  async play(): Promise<void> {
    try {
      for await (const item of this.#options.recorded) {
        if (this.#isStopped || this.failure) break;
        await this.#line(item);
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
        await this.#end();
        this.#rewriter?.copy(item);
        await this.#open(line, item.number);
        return;
      case "in":
        await this.#cameThen(line, item);
        return;
      case "out":
        this.#rewriter?.copy(item);
        await this.#say(line, item.number);
        return;
      case "close":
        await this.#closeLine(line, item);
        return;
      case "end":
        await this.#end();
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

  /** Opens the next connection, when its time has come. */
  async #open(line: UpgradeLine | undefined, number: number): Promise<void> {
    this.#isBegun = true;
    const { account } = this;
    const parts = {
      options: this.#options,
      comparer: this.#comparer,
      account,
      schedule: this.#schedule,
      onReceived: () => this.#cameNow(),
    };
    const exchange = new Exchange(parts, this.#options.session(line));
    await exchange.due();
    if (this.#isStopped) return;
    // What is glued to the answer comes before the answer is known.
    this.#exchange = exchange;
    try {
      const upgrade = await exchange.leg.open();
      this.opened++;
      if (line !== undefined) this.#tell(upgradeDifference(line, number, upgrade));
      if (line !== undefined && line.status !== 101) await this.#end();
    } catch (error) {
      this.#exchange = undefined;
      if (this.#isStopped) return;
      if (error instanceof UpgradeRefused && line !== undefined && line.status !== 101) {
        this.#tell(refusalDifference(line, number, error.response.status));
      } else this.failure = failureOf(error);
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
      if (line.op === Opcode.ping) this.#pings = [...this.#pings, keyOf(line)].slice(-mostPings);
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
    if (line.op === Opcode.pong && this.#isAnswer(line)) return;
    const exchange = await this.#present(number);
    const { sent, unsent } = this.speech;
    const wait = await exchange?.turn(sent + unsent + 1, number);
    this.#note(wait);
    if (this.#isStopped) return;
    await this.speech.say(exchange?.leg, line);
    this.#progress();
  }

  #note(wait: VainWait | undefined): void {
    if (wait !== undefined && this.waits.length < mostWaits) this.waits.push(wait);
  }

  /** Whether it answered a ping, which the session does by itself now as then. */
  #isAnswer(line: MessageLine): boolean {
    const at = this.#pings.indexOf(keyOf(line));
    if (at >= 0) this.#pings.splice(0, at + 1);
    return at >= 0;
  }

  async #closeLine(line: CloseLine, item: RecordedLine): Promise<void> {
    const end = await this.#end(line, item.number);
    const isOther = end !== undefined && (end.code !== line.code || end.reason !== line.reason);
    if (isOther && line.by === "server" && breakOf(end) === undefined) {
      const { redactor } = this.#options.update ?? {};
      const reason = redactor?.text(end.reason) ?? end.reason;
      this.#rewriter?.change(item, { ...line, code: end.code, reason });
    } else this.#rewriter?.copy(item);
  }

  /**
   * Ends the connection as it ended then, once all has come that came then, or nothing comes any more.
   * @returns how it ended by itself, if it did
   */
  async #end(close?: CloseLine, line?: number): Promise<SessionEnd | undefined> {
    const exchange = this.#exchange;
    if (exchange === undefined) return undefined;
    const { leg } = exchange;
    await exchange.heardAll();
    if (close?.by === "client") await exchange.due();
    else if (close !== undefined) await exchange.silence(() => false);
    const { end } = leg;
    exchange.finish();
    this.#exchange = undefined;
    this.#pings = [];
    if (end === undefined) await this.#close(leg, close);
    if (this.#isStopped) return undefined;
    this.#tell(closeDifference(close, line, end));
    const broken = end && close?.by !== "nobody" ? breakOf(end) : undefined;
    if (broken !== undefined) {
      this.isBroken = true;
      this.failure ??= failureOf(broken);
    }
    return end;
  }

  /** Closes what the server left open: as the client did then, if it did. */
  async #close(leg: Leg, close: CloseLine | undefined): Promise<void> {
    if (close?.by === "nobody") {
      this.notes.add("the recorded connection broke; this one did not, and was closed");
    }
    const own = close?.by === "client" ? close : undefined;
    if (own?.code !== 1006) {
      const isValid = own !== undefined && isValidCloseCode(own.code);
      const code = own?.code === 1005 ? undefined : isValid ? own.code : 1000;
      const closing = leg.close(code, isValid ? shortReason(own.reason) : "");
      await (this.#isStopped ? leg.shortly(closing) : closing);
    }
    leg.cut();
  }

  #tell(difference: Difference | undefined): void {
    if (difference === undefined) return;
    this.#others++;
    this.account.add(difference);
  }

  #progress(): void {
    const differences = this.account.count + this.#others;
    this.#options.onProgress?.({ sent: this.speech.sent, received: this.received, differences });
  }
}

function keyOf(line: MessageLine): string {
  return payloadOf(line).toString("latin1");
}

/** As much of it as a close frame holds (RFC 6455 §5.5.1). */
function shortReason(reason: string): string {
  let short = reason.slice(0, 123);
  while (Buffer.byteLength(short) > 123) short = short.slice(0, -1);
  return short;
}
