/**
 * Owns the guess which message answers which, where no lens knows: by the same id, or as an echo. A
 * guess that could be wrong is none.
 */
import type { SessionMessage } from "../session/session-events.js";

/** The members of a JSON object by which replies are told, in the order in which they are looked at. */
const idNames = ["id", "requestId", "correlationId"] as const;

/** Bytes of a message that is looked into. */
const longest = 16 * 1024;

/** What waits for an answer: in number, and in bytes. */
const mostAsked = 256;
const mostBytes = 1024 * 1024;

/** Milliseconds after which nobody waits for an answer any more. */
const patience = 60_000;

interface Asked {
  readonly at: number;
  readonly data: Buffer;
  readonly ids: readonly string[];
}

const none: readonly string[] = [];

/** Ids at the top of a JSON object, each with its name and type. */
function idsOf({ binary, data }: SessionMessage): readonly string[] {
  if (binary || data.length > longest || data[0] !== 0x7b) return none;
  const text = data.toString();
  const names = idNames.filter((name) => text.includes(`"${name}"`));
  if (names.length === 0) return none;
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    return names.flatMap((name) => {
      const id = Object.hasOwn(value, name) ? value[name] : undefined;
      // A larger number has been rounded: it may be another one.
      const isId = typeof id === "string" || Number.isSafeInteger(id);
      return isId ? [`${name} ${JSON.stringify(id)}`] : [];
    });
  } catch {
    // What is no JSON has no id.
    return none;
  }
}

/** The messages of one connection that may be answered yet. */
export class RoundTrips {
  /** The oldest first. */
  readonly #asked = new Set<Asked>();
  /** Who asks by an id; undefined where several have, so that nobody can tell them apart. */
  readonly #byId = new Map<string, Asked | undefined>();
  #bytes = 0;

  /** Forgets all, as on another connection. */
  clear(): void {
    this.#asked.clear();
    this.#byId.clear();
    this.#bytes = 0;
  }

  /**
   * Takes a message, in either direction and in order.
   * @returns for one that answers another: milliseconds since that one was sent
   */
  see(message: SessionMessage): number | undefined {
    this.#forget(message.at);
    if (message.direction === "in") return this.#answered(message);
    this.#ask(message);
    return undefined;
  }

  #ask(message: SessionMessage): void {
    const { at, data } = message;
    const ids = idsOf(message);
    const asked = { at, data: data.length > longest ? Buffer.alloc(0) : data, ids };
    this.#asked.add(asked);
    this.#bytes += asked.data.length;
    for (const id of ids) this.#byId.set(id, this.#byId.has(id) ? undefined : asked);
  }

  #answered(message: SessionMessage): number | undefined {
    const [oldest] = this.#asked;
    if (!oldest) return undefined;
    const isEcho = message.data.length > 0 && message.data.equals(oldest.data);
    const asked = isEcho ? oldest : this.#askedBy(idsOf(message));
    if (!asked) return undefined;
    this.#drop(asked);
    return message.at - asked.at;
  }

  /** Who asked by these ids, if all that are known agree. */
  #askedBy(ids: readonly string[]): Asked | undefined {
    const known = new Set(ids.filter((id) => this.#byId.has(id)).map((id) => this.#byId.get(id)));
    return known.size === 1 ? [...known][0] : undefined;
  }

  #forget(now: number): void {
    for (const asked of this.#asked) {
      const isOld = now - asked.at > patience;
      if (!isOld && this.#asked.size <= mostAsked && this.#bytes <= mostBytes) return;
      this.#drop(asked);
    }
  }

  #drop(asked: Asked): void {
    if (!this.#asked.delete(asked)) return;
    this.#bytes -= asked.data.length;
    for (const id of asked.ids) {
      const isShared = this.#byId.get(id) !== asked;
      // Shared by some that wait still, it stays what tells nothing.
      if (isShared && [...this.#asked].some(({ ids }) => ids.includes(id))) continue;
      this.#byId.delete(id);
    }
  }
}
