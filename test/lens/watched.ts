/** Owns a WebSocket client of tests whose whole conversation a lens looks at. */
import { once } from "node:events";
import { WebSocket } from "ws";
import type { Lens, LensSession, LensView } from "../../src/lens/lens.js";

/** Says what the lens encodes and what it owes, and waits for what it sees. */
export class Watched {
  readonly #socket: WebSocket;
  readonly #lens: LensSession;
  readonly #views: LensView[] = [];
  /** What was asked for by `seen` begins here. */
  #next = 0;
  #wake: () => void = () => {};
  #closed: string | undefined;

  constructor(lens: Lens, url: string) {
    this.#lens = lens.create();
    this.#socket = new WebSocket(url, [...lens.subprotocols]);
    this.#socket.on("message", (data, binary) => {
      const answer = this.#look("in", data as Buffer, binary)?.answer;
      if (answer) this.send(answer.data, answer.binary);
    });
    this.#socket.on("close", (code, reason) => {
      this.#closed = `closed with ${code} ${reason.toString()}`;
      this.#wake();
    });
  }

  /** The titles so far. */
  get titles(): readonly string[] {
    return this.#views.map((view) => view.title);
  }

  async opened(): Promise<void> {
    await once(this.#socket, "open");
  }

  /** Sends what a person wrote. */
  say(line: string): void {
    const { data, binary } = this.#lens.encode(line);
    this.send(data, binary);
  }

  send(data: Buffer, binary = false): void {
    this.#look("out", data, binary);
    this.#socket.send(data, { binary });
  }

  /** The next view whose title begins so; later calls look behind it. The test's own limit ends the wait. */
  async seen(title: string): Promise<LensView> {
    for (;;) {
      while (this.#next < this.#views.length) {
        const view = this.#views[this.#next++]!;
        if (view.title.startsWith(title)) return view;
      }
      if (this.#closed !== undefined) throw new Error(this.#closed);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#socket.terminate();
  }

  #look(direction: "in" | "out", data: Buffer, binary: boolean): LensView | undefined {
    const view = this.#lens.see({ direction, data, binary, at: performance.now() });
    if (!view) throw new Error(`the lens sees nothing in ${data.toString()}`);
    this.#views.push(view);
    this.#wake();
    return view;
  }
}
