/** Owns what a fault is: one named way to misbehave, knowing nothing of who hosts it. */
import type { Stage } from "./stage.js";
import type { Schedule } from "./trigger.js";
import type { Answer, Control, Fin, Message, Outgoing } from "./outgoing.js";

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
  /**
   * Anything but the end is about to leave, whole or a part of it: for faults of bytes. What has
   * this hook is told of nothing by the hooks above.
   */
  chunk?(chunk: Outgoing): void;
  /** Bytes came from the client, or a piece is about to leave. */
  traffic?(): void;
  /** So many bytes came from the client. */
  incoming?(size: number): void;
  /** The fault was taken away. */
  removed?(): void;
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

/** A connection that is about to be led to its backend. */
export interface Diversion {
  /** Tells clients apart: their address. */
  readonly client: string;
  /** Where it leads without faults. */
  readonly usual: string;
  /** As of {@link Scheduled}. */
  fires(able?: boolean): boolean;
  injected(): void;
}

/** The backends of a host that leads connections on. */
export interface Backends {
  /** Those that it was told, each once. */
  readonly all: readonly string[];
  /**
   * One that is named to a fault.
   * @throws WsctlError WSCTL_EUSAGE
   */
  read(text: string): string;
}

/** A fault at work. */
export interface Fault {
  /** A connection is there. */
  attach(stage: Stage): FaultHooks;
  /** The fault was added: for what concerns all connections at once. */
  begin?(set: Scheduled): void;
  /** Chooses another backend for a connection; undefined leaves it to the faults behind. */
  divert?(on: Diversion): string | undefined;
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
  /** Undefined where the host leads to no backend. */
  readonly backends: Backends | undefined;
  /** Whether the host may agree to permessage-deflate. */
  readonly compression: boolean;
}

/**
 * What a fault acts on, and so where it stands: behind what changes messages comes what sends them in
 * an uncommon way, and last what knows bytes alone. Within each, the order is that of their adding.
 */
type Layer = "messages" | "frames" | "bytes";

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
  /**
   * What a bare number in `at`, `every` and `for` counts; messages unless told. Connections and
   * closes are counted over all connections. A chunk is what leaves as one: the answer, a message, a
   * control frame, or a part that a fault made.
   */
  readonly counts?: "messages" | "pongs" | "closes" | "chunks" | "connections";
  /** `messages` unless told. */
  readonly layer?: Layer;
  /** @throws WsctlError WSCTL_EUSAGE for a value that cannot be used */
  create(setup: FaultSetup): Fault;
}
