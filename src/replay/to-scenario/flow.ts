/**
 * Owns the flow that talks of one shape come to: what they send, with pauses as they were, and what is
 * expected to come back.
 */
import type { CaptureSpec } from "../../message/capture.js";
import type { StepMap } from "../../scenario/schema/step.js";
import { safeLine } from "../../base/safe-text.js";
import { answersIn } from "./answers.js";
import { expectedOf, type Expected } from "./matching.js";
import { patienceFor, roundedTime, writtenTime } from "./rounding.js";
import { type Sending, sendingOf } from "./sending.js";
import { kindOf } from "./shape.js";
import type { Talk, TalkMessage } from "./talk.js";
import type { Values } from "./values.js";

/** A step, and what the file says about it. */
export interface Entry {
  readonly step: StepMap;
  readonly notes: readonly string[];
  /** Of a step that sends: what it was in the first talk. */
  readonly sent?: {
    readonly sending: Sending;
    readonly message: TalkMessage;
    /** What it expects as its reply. */
    readonly answer: TalkMessage | undefined;
    /** Whether something answers it, be it that it is waited for elsewhere. */
    readonly isAnswered: boolean;
  };
}

/** One message that is sent, with what came before the next one. */
interface Round {
  /** Index of the message among all of its talk; −1 for what came before the first. */
  readonly at: number;
  readonly sent: TalkMessage | undefined;
  readonly received: readonly TalkMessage[];
  /** Index of the answer among all of the talk, which may have come later. */
  readonly answeredBy: number | undefined;
  readonly answer: TalkMessage | undefined;
}

/** What is received at once when a connection opens is a greeting. */
const greetingWithin = 2000;
/** Longest time of listening, in ms. */
const longestListening = 300_000;
const shortestListening = 1000;

/** Builds one flow. */
export class FlowBuilder {
  readonly entries: Entry[] = [];
  readonly #talks: readonly Talk[];
  readonly #values: Values;
  readonly #idleCap: number;
  /** Indexes of messages of the first talk that are waited for by what they answer. */
  readonly #answers = new Set<number>();
  /** Words that were said already about what is sent. */
  readonly #said = new Set<string>();
  /** When what was done last was over, in the first talk. */
  #over: number;

  /** @param talks of one shape, one at least; @param idleCap ms that a pause has at most */
  constructor(talks: readonly Talk[], values: Values, idleCap: number) {
    this.#talks = talks;
    this.#values = values;
    this.#idleCap = idleCap;
    this.#over = talks[0]!.opened;
  }

  /** All steps. */
  build(): readonly Entry[] {
    const [first, ...others] = this.#talks.map(roundsOf);
    const rounds = first!;
    for (const { answeredBy } of rounds) {
      if (answeredBy !== undefined) this.#answers.add(answeredBy);
    }
    // First what is sent: only then it is known what is captured.
    const sendings = rounds.map(({ sent, at }, index) =>
      sent ? sendingOf(sent, index - 1, at, this.#values) : undefined,
    );
    for (const [index, round] of rounds.entries()) {
      const alike = [round, ...others.flatMap((each) => each[index] ?? [])];
      const sending = sendings[index];
      if (round.sent && sending) this.#send(round, round.sent, sending, alike);
      else this.#greeting(round);
    }
    this.#listen(rounds.at(-1)!);
    this.#end();
    return this.#prepared();
  }

  #greeting({ received }: Round): void {
    const captured = this.#capturedIn(-1, received);
    const [first] = received;
    const { opened } = this.#talks[0]!;
    for (const [index, message] of received.entries()) {
      const captures = captured.get(index);
      const isGreeting = message === first && message.t - opened <= greetingWithin;
      if (!captures && !isGreeting) continue;
      const greetings = this.#talks.map(
        ({ messages }) => messages.filter(({ isSent }) => !isSent)[index] ?? message,
      );
      this.#wait(message, expectedOf(greetings, []), captures, message.t - opened, "a greeting");
    }
  }

  #send(round: Round, sent: TalkMessage, sending: Sending, alike: readonly Round[]): void {
    this.#think(sent.t - this.#over);
    this.#over = sent.t;
    const { at, answer, answeredBy, received } = round;
    const captured = this.#capturedIn(at, received);
    const pushes = [...captured.keys()].filter((index) => !this.#answers.has(at + 1 + index));
    // What came before the answer would be passed over while that is waited for.
    const isBeside =
      answeredBy !== undefined && pushes.every((index) => at + 1 + index > answeredBy);
    const expected = answer && expectedOf(...answersOf(alike));
    const captures = answeredBy === undefined ? undefined : this.#values.captures.get(answeredBy);
    const name = kindName(sent);
    this.entries.push({
      step: {
        ...(name === undefined ? {} : { name }),
        send: sending.content,
        ...(isBeside && expected
          ? { expect: { ...expected.match, within: patienceFor(answer.t - sent.t) } }
          : {}),
        ...(isBeside && captures ? { capture: oneOrAll(captures) } : {}),
      },
      notes: [
        ...sending.notes.filter((note) => !this.#said.has(note)),
        ...(isBeside && expected ? [saidOf(expected, answer, sent.t)] : []),
      ],
      sent: {
        sending,
        message: sent,
        answer: isBeside ? answer : undefined,
        isAnswered: answer !== undefined,
      },
    });
    for (const note of sending.notes) this.#said.add(note);
    if (isBeside && answer) this.#over = answer.t;
    for (const index of pushes) {
      const message = received[index]!;
      const what = expectedOf([message], [sent]);
      this.#wait(message, what, captured.get(index), message.t - sent.t, "what came");
    }
    if (isBeside || !expected) return;
    this.#wait(answer, expected, captures, answer.t - sent.t, "the answer");
  }

  #wait(
    message: TalkMessage,
    { match, why }: Expected,
    captures: readonly CaptureSpec[] | undefined,
    latency: number,
    what: string,
  ): void {
    this.entries.push({
      step: {
        wait: {
          ...match,
          within: patienceFor(latency),
          ...(captures ? { capture: oneOrAll(captures) } : {}),
        },
      },
      notes: [`${what} after ${tookIn(latency)}: ${why}`],
    });
    this.#over = Math.max(this.#over, message.t);
  }

  #think(pause: number): void {
    const rounded = roundedTime(pause);
    if (rounded === undefined) return;
    const isCut = rounded > this.#idleCap;
    const think = isCut ? this.#idleCap : rounded;
    if (think <= 0) return;
    const notes = isCut ? [`${writtenTime(rounded)} as recorded: cut by --idle-cap`] : [];
    this.entries.push({ step: { think: writtenTime(think) }, notes });
  }

  /** What came after the last answer is what the user was there for. */
  #listen({ received }: Round): void {
    const last = received.at(-1);
    if (!last) return;
    const time = Math.min(longestListening, last.t - this.#over);
    const rounded = time >= shortestListening ? roundedTime(time) : undefined;
    if (rounded === undefined) return;
    const later = received.filter(({ t }) => t > this.#over).length;
    this.entries.push({
      step: { listen: writtenTime(rounded) },
      notes: [`${later} message${later === 1 ? "" : "s"} came in this time`],
    });
    this.#over = last.t;
  }

  #end(): void {
    const { close, isLost } = this.#talks[0]!;
    const waits = this.entries.some(
      ({ step }) => (step.expect ?? step.wait ?? step.think ?? step.listen) !== undefined,
    );
    if (!waits) {
      const notes = ["nothing else in the flow waits: without it, it would go round at full speed"];
      this.entries.push({ step: { think: "1s" }, notes });
    }
    if (close?.by === "client" && close.code >= 3000 && close.code <= 4999) {
      const reason = Buffer.byteLength(close.reason) <= 123 ? close.reason : "";
      this.entries.push({
        step: { close: reason === "" ? close.code : { code: close.code, reason } },
        notes: ["the client closed so"],
      });
    } else if (close?.by === "server") {
      // A reason may quote a secret: parameters, and what looks drawn by chance, are not repeated.
      const isTelling = /[=:]|(?=\S*\d)\S{8}|\S{25}/.test(close.reason);
      const isShown = close.reason !== "" && !isTelling;
      const said = isShown ? `, “${safeLine(close.reason, 60)}”` : "";
      this.#noteLast(`here the server closed: ${close.code}${said}`);
    } else if (isLost) this.#noteLast("here the connection was lost");
  }

  #noteLast(note: string): void {
    const last = this.entries.pop();
    if (last) this.entries.push({ ...last, notes: [...last.notes, note] });
  }

  /** Before everything else, what is made once for each user's round. */
  #prepared(): readonly Entry[] {
    const { set } = this.#values;
    if (set.size === 0) return this.entries;
    const notes = ["sent several times with the same value, which is made anew for each round"];
    return [{ step: { set: Object.fromEntries(set) }, notes }, ...this.entries];
  }

  /** What is captured of received messages, by their index. @param at of the message before them */
  #capturedIn(
    at: number,
    received: readonly TalkMessage[],
  ): ReadonlyMap<number, readonly CaptureSpec[]> {
    const found = new Map<number, readonly CaptureSpec[]>();
    for (const index of received.keys()) {
      const captures = this.#values.captures.get(at + 1 + index);
      if (captures) found.set(index, captures);
    }
    return found;
  }
}

/** The talk cut before each message that is sent. */
function roundsOf({ messages }: Talk): Round[] {
  const answers = answersIn(messages);
  const none = { answeredBy: undefined, answer: undefined };
  let received: TalkMessage[] = [];
  const rounds: Round[] = [{ at: -1, sent: undefined, received, ...none }];
  for (const [at, message] of messages.entries()) {
    if (!message.isSent) {
      received.push(message);
      continue;
    }
    received = [];
    const answeredBy = answers.get(at);
    const answer = answeredBy === undefined ? undefined : messages[answeredBy];
    rounds.push({ at, sent: message, received, answeredBy, answer });
  }
  return rounds;
}

/** The answers at the same place of all talks, each with what it answers. */
function answersOf(
  alike: readonly Round[],
): [answers: TalkMessage[], sent: (TalkMessage | undefined)[]] {
  const answered = alike.filter(({ answer }) => answer !== undefined);
  return [answered.flatMap(({ answer }) => answer ?? []), answered.map(({ sent }) => sent)];
}

function saidOf({ why }: Expected, answer: TalkMessage, sentAt: number): string {
  return `answered after ${tookIn(answer.t - sentAt)}: ${why}`;
}

function tookIn(ms: number): string {
  return ms < 1000 ? `${Math.max(0, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** What the message calls itself, for reports. */
function kindName(message: TalkMessage): string | undefined {
  const kind = kindOf(message.json);
  return typeof kind?.value === "string" && /^[\w:./-]{2,40}$/.test(kind.value)
    ? kind.value
    : undefined;
}

function oneOrAll(captures: readonly CaptureSpec[]): CaptureSpec | CaptureSpec[] {
  const [only] = captures;
  return captures.length === 1 && only ? only : [...captures];
}
