/** Owns what is asked of each message that comes in: the filter, the captures, and who waits for one. */
import { Opcode } from "../frame/opcode.js";
import type { Capture } from "../message/capture.js";
import type { JsonValue } from "../message/json.js";
import type { Matcher } from "../message/matcher.js";
import { MessageView } from "../message/view.js";
import type { LogEntry, MessageLog } from "./message-log.js";

/** Bytes of the largest message that is looked into: parsing a larger one would stop the prompt. */
const longestMatched = 8 * 1024 * 1024;

interface Waiter {
  readonly matcher: Matcher;
  readonly resolve: (entry: LogEntry) => void;
}

/** A capture with the words it was written in. */
export interface NamedCapture extends Capture {
  readonly source: string;
}

/** The filter with the words it was written in. */
export interface Filter {
  readonly matcher: Matcher;
  readonly source: string;
}

/** What the rules say of a message. */
export interface Taken {
  readonly isShown: boolean;
  /** What was taken out of it, a line each. */
  readonly notes: readonly string[];
}

const nothing: readonly string[] = [];

/**
 * What rules look at. A message that is too large to be looked into, or was not kept whole, has none,
 * and matches nothing.
 * @param data the whole message
 */
export function viewOf({ binary, length }: LogEntry, data: Buffer): MessageView | undefined {
  if (length > longestMatched || data.length < length) return undefined;
  return new MessageView(binary ? Opcode.binary : Opcode.text, data);
}

/** The rules of one prompt. */
export class Rules {
  filter: Filter | undefined = undefined;
  readonly captures = new Map<string, NamedCapture>();
  readonly #log: MessageLog;
  readonly #onCapture: (name: string, value: JsonValue) => string | undefined;
  readonly #waiters = new Set<Waiter>();
  /** Messages up to this number were there before what was said last, or were waited for already. */
  #mark = 0;

  /** @param onCapture keeps the value, and says what there is to tell of it, on one line */
  constructor(log: MessageLog, onCapture: (name: string, value: JsonValue) => string | undefined) {
    this.#log = log;
    this.#onCapture = onCapture;
  }

  /** From now on one waits for what comes after this. */
  mark(): void {
    this.#mark = this.#log.last;
  }

  /**
   * Applies everything to a message that came in.
   * @param data the whole message
   */
  take(entry: LogEntry, data: Buffer): Taken {
    const { filter } = this;
    if (!filter && this.captures.size === 0 && this.#waiters.size === 0) {
      return { isShown: true, notes: nothing };
    }
    const view = viewOf(entry, data);
    if (!view) return { isShown: !filter, notes: nothing };
    const notes: string[] = [];
    for (const capture of this.captures.values()) {
      const value = capture.read(view);
      const note = value === undefined ? undefined : this.#onCapture(capture.name, value);
      if (note !== undefined) notes.push(note);
    }
    for (const waiter of this.#waiters) {
      if (!waiter.matcher.test(view)) continue;
      this.#waiters.delete(waiter);
      this.#mark = entry.number;
      waiter.resolve(entry);
    }
    return { isShown: !filter || filter.matcher.test(view), notes };
  }

  /**
   * The first message that matches, of those that came since something was said, and of those to
   * come; undefined when there was none before the signal was aborted.
   */
  wait(matcher: Matcher, signal: AbortSignal): Promise<LogEntry | undefined> {
    for (const entry of this.#log.from(this.#mark + 1, "in")) {
      const view = viewOf(entry, entry.data);
      if (!view || !matcher.test(view)) continue;
      this.#mark = entry.number;
      return Promise.resolve(entry);
    }
    if (signal.aborted) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiter = { matcher, resolve };
      this.#waiters.add(waiter);
      signal.addEventListener(
        "abort",
        () => {
          if (this.#waiters.delete(waiter)) resolve(undefined);
        },
        { once: true },
      );
    });
  }
}
