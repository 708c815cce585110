/** Owns the numbers by which senders are known that messages name: they come from the other side. */

/** So many senders are told apart, and names of so many characters. */
const mostNames = 100_000;
const longestName = 128;

/** Names, each with a number. */
export class SenderNames {
  readonly #ids = new Map<string | number, Map<string | number, number>>();
  readonly #names: string[] = [];

  /**
   * The number of a sender, a new one for a new name.
   * @param of what it counts apart, such as a room; empty where it counts all that it says
   * @returns undefined for one too many, or too long
   */
  idOf(sender: string | number, of: string | number): number | undefined {
    return this.#ids.get(sender)?.get(of) ?? this.#enter(sender, of);
  }

  /** What a sender is called; text of the other side. */
  nameOf(id: number): string {
    return this.#names[id] ?? `sender ${id}`;
  }

  #enter(sender: string | number, of: string | number): number | undefined {
    const id = this.#names.length;
    if (id >= mostNames || String(sender).length > longestName) return undefined;
    if (String(of).length > longestName) return undefined;
    let inner = this.#ids.get(sender);
    if (!inner) this.#ids.set(sender, (inner = new Map()));
    inner.set(of, id);
    const parts = [sender, of].map(String).filter((part) => part !== "");
    this.#names.push(parts.length === 0 ? "the server" : parts.join(" in "));
    return id;
  }
}
