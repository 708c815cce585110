/** Owns what stands at one place of a recording that is written anew, which may not be known yet. */
import type { MessageLine } from "../recording/line.js";

/** What stands at one place of the new file. */
export interface Entry {
  /** Undefined until it is known; empty for nothing. */
  text: string | (() => string) | undefined;
  readonly size: number;
}

/** The place of a recorded message. */
export class Place implements Entry {
  text: string | undefined = undefined;
  readonly size: number;
  readonly line: MessageLine;
  readonly raw: string;
  readonly above: string;

  constructor(line: MessageLine, raw: string, above: string) {
    this.line = line;
    this.raw = raw;
    this.above = above;
    this.size = raw.length + above.length;
  }
}
