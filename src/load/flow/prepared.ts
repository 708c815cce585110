/** Owns a message that is patched: most of its bytes stay, what changes is overwritten in place. */
import type { Template } from "../../message/template.js";
import type { UserContext } from "./context.js";

type PreparedMessage = NonNullable<ReturnType<Template["prepare"]>>;

/** What may have more digits the next time; looked at before anything random is drawn. */
const growing: ReadonlySet<string> = new Set(["$seq", "$lastSeq", "$now"]);

/** One message of a fixed length. */
export class Prepared {
  /** The payload as it was last patched. */
  readonly bytes: Buffer;
  /** Of the names that it was made with. */
  readonly #version: number;
  readonly #patches: PreparedMessage["patches"];
  readonly #growing: PreparedMessage["patches"];

  /** @param version of the user's names; 0 when it holds none of them */
  constructor({ bytes, patches }: PreparedMessage, version: number) {
    this.bytes = bytes;
    this.#version = version;
    this.#growing = patches.filter(({ name }) => growing.has(name));
    this.#patches = patches.filter(({ name }) => !growing.has(name));
  }

  /**
   * Whether it can be patched for this context; then the numbers that may grow are patched already.
   */
  fits(context: UserContext): boolean {
    if (this.#version !== 0 && this.#version !== context.version) return false;
    for (const patch of this.#growing) if (!patch.apply(this.bytes, 0, context)) return false;
    return true;
  }

  /** Patches the rest. */
  patch(context: UserContext): boolean {
    for (const patch of this.#patches) if (!patch.apply(this.bytes, 0, context)) return false;
    return true;
  }

  /** The text that a hole holds; undefined when it is not the only one of that name. */
  read(name: string): string | undefined {
    let found: PreparedMessage["patches"][number] | undefined;
    for (const patch of this.#patches) {
      if (patch.name !== name) continue;
      if (found) return undefined;
      found = patch;
    }
    return found && this.bytes.toString("latin1", found.offset, found.offset + found.width);
  }
}
