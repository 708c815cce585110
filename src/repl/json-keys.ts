/** Owns the keys of JSON that have passed by, to complete what is typed. */
import { safeLine } from "../base/safe-text.js";
import type { LogEntry } from "./message-log.js";

const mostKeys = 500;

/** Bytes of a message that are looked at. */
const most = 16 * 1024;

const key = /"([^"\\]{1,60})"\s*:/g;

/** The keys, the one seen last at the end. */
export class JsonKeys {
  readonly #keys = new Set<string>();

  /** Takes the keys of a message; of what is no JSON it takes what looks like a key. */
  learn({ binary, data }: LogEntry): void {
    if (binary) return;
    for (const [, name = ""] of data.toString("utf8", 0, most).matchAll(key)) {
      // What has to be made harmless is not typed, either.
      if (safeLine(name) !== name) continue;
      this.#keys.delete(name);
      this.#keys.add(name);
      if (this.#keys.size > mostKeys) this.#keys.delete(this.#keys.values().next().value ?? name);
    }
  }

  /** In the order of the alphabet, without quotes; as such they stand in JSON. */
  names(): readonly string[] {
    return [...this.#keys].sort();
  }
}
