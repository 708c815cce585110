/** Owns the target of a run: the echo server's process, and what it says of itself. */
import { fileURLToPath } from "node:url";
import { Child } from "./child.js";
import { cpuOf } from "./processes.js";

const program = fileURLToPath(new URL("../target/echo-server.js", import.meta.url));

/** A running echo server. */
export class Target {
  #child;

  /** @param {Child} child @param {string} url */
  constructor(child, url) {
    this.#child = child;
    /** Where it listens. */
    this.url = url;
  }

  /** @param {{ cert: string, key: string }} [certificate] paths; with it, TLS is spoken */
  static async start(certificate) {
    const files = certificate ? [certificate.cert, certificate.key] : [];
    const command = { file: process.execPath, args: [program, ...files], ipc: true };
    const child = new Child(command, "target");
    const { url } = await child.message();
    return new Target(child, url);
  }

  /**
   * @returns {Promise<{ messages: number, open: number, opened: number, at: number }>} messages echoed
   * and connections since it was started, and when that was (ms, its own clock)
   */
  counts() {
    return this.#ask("count");
  }

  /** When the connection of that number, from 1, was opened; ms of the clock of {@link counts}. */
  async openedAt(nth) {
    const { nthAt } = await this.#ask({ nth });
    return nthAt;
  }

  /** Resets all connections. */
  drop() {
    return this.#ask("drop");
  }

  /** CPU seconds that it has used. */
  cpu() {
    return cpuOf(this.#child.pid);
  }

  async stop() {
    this.#child.end();
    await this.#child.over;
  }

  #ask(question) {
    this.#child.send(question);
    return this.#child.message();
  }
}
