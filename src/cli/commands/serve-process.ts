/** Owns the parent's end of one child process of a server: questions, answers, its end. */
import type { Worker } from "node:cluster";
import { WsctlError } from "../../base/errors.js";
import type { Controlled } from "../../serve/controlled.js";
import type { Stats } from "../../serve/counters.js";
import type { Watcher } from "../../serve/events.js";
import type { FromChild, Question, ToChild, Trouble } from "./serve-messages.js";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A promise that is settled from outside. */
class Awaited<T> {
  resolve!: (value: T) => void;
  reject!: (error: Error) => void;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** One child. */
export class ServeProcess {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  readonly #listening: Promise<string>;
  readonly #gone: Promise<void>;
  #asked = 0;
  #last: Stats | undefined;
  #closing = false;

  /** @param lost told how it ended, when nobody asked it to */
  constructor(worker: Worker, watcher: Watcher, lost: (how: string) => void) {
    this.#worker = worker;
    const ready = new Awaited<void>();
    const listening = new Awaited<string>();
    const gone = new Awaited<void>();
    this.#ready = ready.promise;
    this.#listening = listening.promise;
    this.#gone = gone.promise;
    // Who began it waits for the address; before that nobody does.
    this.#listening.catch(() => {});
    worker.on("message", (message: FromChild) => {
      if (message.type === "ready") ready.resolve();
      else if (message.type === "listening") listening.resolve(message.url);
      else if (message.type === "failed") listening.reject(errorOf(message.trouble));
      else if (message.type === "closed") this.#last = message.stats;
      else if (message.type === "event") watcher.tell(message.event);
      else this.#answered(message);
    });
    worker.on("error", () => {});
    worker.on("exit", (code: number, signal: string) => {
      const how = signal || `exit code ${code}`;
      const error = new WsctlError("WSCTL_EWORKER", `a process of the server ended: ${how}`);
      ready.resolve();
      listening.reject(error);
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
      gone.resolve();
      if (!this.#closing) lost(how);
    });
  }

  /** Lets it serve; resolves with its address. */
  async begin(message: Extract<ToChild, { type: "begin" }>): Promise<string> {
    await this.#ready;
    this.#send(message);
    return this.#listening;
  }

  /** Asks one of the questions of the control port. */
  ask<Asked extends Question>(
    question: Asked,
    ...args: Parameters<Controlled[Asked]>
  ): ReturnType<Controlled[Asked]> {
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.#worker.isDead()) {
        reject(new WsctlError("WSCTL_EWORKER", "a process of the server has ended"));
        return;
      }
      const id = ++this.#asked;
      this.#waiting.set(id, { resolve, reject });
      this.#send({ type: "ask", id, question, args });
    });
    return answer as ReturnType<Controlled[Asked]>;
  }

  /** What it had counted when it closed. */
  get last(): Stats | undefined {
    return this.#last;
  }

  /** Lets it close its clients; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#send({ type: "close" });
    if (!this.#worker.isDead()) await this.#gone;
  }

  /** Ends it at once. */
  kill(): void {
    this.#worker.process.kill("SIGKILL");
  }

  #send(message: ToChild): void {
    if (this.#worker.isConnected()) this.#worker.send(message);
  }

  #answered(message: Extract<FromChild, { type: "answer" | "refusal" }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === "answer") waiting?.resolve(message.value);
    else waiting?.reject(errorOf(message.trouble));
  }
}

function errorOf({ code, message, hint }: Trouble): Error {
  return code ? new WsctlError(code, message, { hint }) : new Error(message);
}
