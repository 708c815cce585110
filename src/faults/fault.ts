/** Owns what a fault is: one named way to misbehave, knowing nothing of who hosts it. */
import type { Stage } from "./stage.js";
import type { Schedule } from "./trigger.js";
import type { Answer, Control, Fin, Message } from "./outgoing.js";

/**
 * What a fault does on one connection. A hook that takes a piece answers for it: it passes it on,
 * drops it, or sets it aside, by means of its {@link Stage}. What has no hook passes.
 */
export interface FaultHooks {
  /** The 101 is about to leave. */
  answer?(answer: Answer): void;
  /** The 101 has left, or left before the fault came. Called once. */
  opened?(): void;
  /** A whole data message is about to leave. */
  message?(message: Message): void;
  /** A control frame is about to leave. With this hook, those between fragments go first. */
  control?(control: Control): void;
  /** The host wants to end the stream. */
  finishing?(fin: Fin): void;
  /** Bytes came from the client, or a piece is about to leave. */
  traffic?(): void;
}

/** What schedules go by; a {@link Stage}, or the whole set. */
export interface Scheduled {
  readonly schedule: Schedule;
  /** Ms until the schedule asks for the fault; undefined when time alone does not. */
  readonly untilDue: number | undefined;
  /** Counts an opportunity; whether the fault acts on it. */
  fires(able?: boolean): boolean;
  after(ms: number, act: () => void): void;
  /** Freezes every line of the set. */
  stall(ms: number): void;
}

/** A fault at work. */
export interface Fault {
  /** A connection is there. */
  attach(stage: Stage): FaultHooks;
  /** The fault was added: for what concerns all connections at once. */
  begin?(set: Scheduled): void;
}

/** What was asked for. */
interface FaultSetup {
  /** What stood behind the `=`, or the default; empty without either. */
  readonly value: string;
  /** Whether the value was given. */
  readonly given: boolean;
  /** The number in the name, as 1001 in `close-1001`; 0 where names have none. */
  readonly number: number;
  readonly schedule: Schedule;
}

/** A fault as it can be chosen. */
export interface FaultKind {
  /** One line for lists: what happens. */
  readonly summary: string;
  /** The bug of a client that it brings to light. */
  readonly reveals: string;
  readonly value?: {
    readonly what: string;
    readonly example: string;
    readonly default?: string;
  };
  /** For names that end in a number: those worth a mention, and which are possible. */
  readonly numbers?: {
    readonly examples: readonly number[];
    accepts(number: number): boolean;
  };
  /** What a bare number in `at` and `every` counts; messages unless told. */
  readonly counts?: "messages" | "pongs" | "connections";
  /** @throws WsctlError WSCTL_EUSAGE for a value that cannot be used */
  create(setup: FaultSetup): Fault;
}
