/** Owns what a person can switch while talking. */

/** Each is a switch of its own. */
export interface Settings {
  /** JSON indented and coloured, texts on several lines. */
  pretty: boolean;
  /** Control characters as they are. */
  raw: boolean;
  /** Every frame, control frames too. */
  frames: boolean;
  /** Pings and pongs, whatever {@link frames} says. */
  readonly showPingPong: boolean;
}
