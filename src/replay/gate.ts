/**
 * Owns how many messages have to have come before the next is sent: as many as had come before it in
 * the recording, less those that were waited for in vain.
 */

/** The gate of one connection. */
export class Gate {
  #expected = 0;
  #arrived = 0;
  #forgiven = 0;

  /** The recording has one more message that came. */
  expect(): void {
    this.#expected++;
  }

  /** One more has come. */
  arrive(): void {
    this.#arrived++;
  }

  /** Whether all have come that came before this point in the recording. */
  get isOpen(): boolean {
    return this.lacking <= 0;
  }

  /** How many have not; below 0 where more came than were recorded. */
  get lacking(): number {
    return this.#expected - this.#forgiven - this.#arrived;
  }

  /** Those that have not come are not waited for any more; should they come, they count again. */
  forgive(): void {
    this.#forgiven += Math.max(0, this.lacking);
  }
}
