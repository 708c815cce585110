/** Owns the requests that wait for their answers: which id was asked when. Bounded. */
import type { Direction, LensReply } from "./lens.js";

/** The newest are kept: an answer to an older one is shown without its time. */
const mostRemembered = 10_000;

/** Ten thousand long ids would hold as much memory as the other side likes. */
const longestId = 256;

interface Asked {
  /** The request as its title names it. */
  readonly name: string;
  readonly at: number;
}

function opposite(direction: Direction): Direction {
  return direction === "in" ? "out" : "in";
}

/** The requests of both sides, who may use the same ids. */
export class Pending {
  readonly #asked = new Map<string, Asked>();

  /**
   * Remembers a request; one of the same id is forgotten.
   * @param name how titles name it; short and harmless
   */
  ask(direction: Direction, id: string, name: string, at: number): void {
    if (id.length > longestId) return;
    const key = `${direction} ${id}`;
    this.#asked.delete(key);
    this.#asked.set(key, { name, at });
    if (this.#asked.size > mostRemembered) {
      for (const oldest of this.#asked.keys()) {
        this.#asked.delete(oldest);
        break;
      }
    }
  }

  /** What a message of this direction and id answers, if that is known. It may be answered again. */
  answerTo(direction: Direction, id: string, at: number): LensReply | undefined {
    const asked = this.#asked.get(`${opposite(direction)} ${id}`);
    return asked && { to: asked.name, elapsed: Math.max(0, at - asked.at) };
  }

  /** The same for the last answer: the request is forgotten. */
  lastAnswerTo(direction: Direction, id: string, at: number): LensReply | undefined {
    const reply = this.answerTo(direction, id, at);
    if (reply) this.forget(opposite(direction), id);
    return reply;
  }

  /** Forgets a request of this direction. */
  forget(direction: Direction, id: string): void {
    this.#asked.delete(`${direction} ${id}`);
  }
}
