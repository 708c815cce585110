/**
 * Owns how a message is looked at: its bytes as they came, its text and its JSON, each decoded at
 * most once, and only when someone asks.
 */
import { isUtf8 } from "node:buffer";
import { Opcode, isControl } from "../frame/opcode.js";
import type { JsonValue } from "./json.js";
import type { SingularPath } from "./json-path.js";
import { type MemberFinder, unsure } from "./member-finder.js";
import { isWorthSearching, wantsParsing } from "./search-habit.js";

/** One message, or one control frame, as rules look at it. */
export class MessageView {
  readonly opcode: number;
  readonly #source: Buffer;
  readonly #start: number;
  readonly #end: number;
  #bytes: Buffer | undefined;
  #text: string | undefined;
  #textKnown = false;
  #json: JsonValue | undefined;
  #jsonKnown = false;
  #searches: number;
  /** What was looked for last, and what was found: rules mostly ask for the same member. */
  #wanted: MemberFinder | undefined;
  #found: JsonValue | typeof unsure | undefined = unsure;

  /**
   * The payload is `source[start, end)`, all of it unless told.
   * @param searches how often it has been searched already
   */
  constructor(opcode: number, source: Buffer, start = 0, end = source.length, searches = 0) {
    this.opcode = opcode;
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.#searches = searches;
  }

  /** The payload, unmasked and inflated. */
  get bytes(): Buffer {
    const isAll = this.#start === 0 && this.#end === this.#source.length;
    return (this.#bytes ??= isAll ? this.#source : this.#source.subarray(this.#start, this.#end));
  }

  /** Whether this is a message, text or binary, and no control frame. */
  get isData(): boolean {
    return !isControl(this.opcode);
  }

  /**
   * The payload as text, whatever the opcode (many servers send JSON in binary messages);
   * undefined when it is not UTF-8. Of a close frame: the reason, without the two bytes of the
   * code (RFC 6455 §5.5.1).
   */
  get text(): string | undefined {
    if (!this.#textKnown) {
      this.#textKnown = true;
      const bytes = this.opcode === Opcode.close ? this.bytes.subarray(2) : this.bytes;
      if (isUtf8(bytes)) this.#text = bytes.toString("utf8");
    }
    return this.#text;
  }

  /** The payload as JSON; undefined when it is none. */
  get json(): JsonValue | undefined {
    wantsParsing();
    return this.#parse();
  }

  /**
   * What the path selects in the payload as JSON; undefined when that is nothing, or the payload is
   * no JSON. It is parsed only where that is needed to tell, or is less work than one search more.
   */
  select(path: SingularPath): JsonValue | undefined {
    const { finder } = path;
    if (!finder || isControl(this.opcode)) {
      wantsParsing();
      return this.pick(path);
    }
    if (this.#wanted?.key !== finder.key) {
      this.#wanted = finder;
      const isWorthIt = isWorthSearching(++this.#searches, this.#end - this.#start);
      const searches = isWorthIt && !this.#jsonKnown;
      this.#found = searches ? finder.find(this.#source, this.#start, this.#end) : unsure;
    }
    return this.#found === unsure ? this.pick(path) : this.#found;
  }

  /** The same, by parsing it. */
  pick(path: SingularPath): JsonValue | undefined {
    const json = this.#parse();
    return json === undefined ? undefined : path.first(json);
  }

  #parse(): JsonValue | undefined {
    if (!this.#jsonKnown) {
      this.#jsonKnown = true;
      const { text } = this;
      if (text !== undefined && mayBeJson(text)) {
        try {
          this.#json = JSON.parse(text) as JsonValue;
        } catch {
          // Not JSON, or nested beyond what this engine's parser takes: either way no JSON to us.
        }
      }
    }
    return this.#json;
  }
}

/**
 * Whether the first character that is no white space can begin JSON (RFC 8259 §2). Spares plain
 * text the exception, which costs many times what this does.
 */
function mayBeJson(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) {
      return '{["-0123456789tfn'.includes(text[at]!);
    }
  }
  return false;
}
