/**
 * Owns the message that is being handed on: one object serves a whole worker. It is looked into only
 * as far as someone asks, and all it says is good until the next message comes.
 */
import type { JsonValue } from "../../message/json.js";
import type { SingularPath } from "../../message/json-path.js";
import { unsure } from "../../message/member-finder.js";
import { isWorthSearching } from "../../message/search-habit.js";
import { mendStamp, readStamp, Stamp, type StampState } from "../../message/stamp.js";
import { MessageView } from "../../message/view.js";

const nothing = Buffer.alloc(0);

/** One message, as users look at it. */
export class Incoming {
  /** What the stamp says, once {@link readStamp} has said `ok`. */
  readonly stamp = new Stamp();
  /** Whether that is `corrupt`, and what it said before one of its characters was changed is known. */
  isMended = false;
  /** Whether it holds a stamp of this very connection, so that it answers a request. */
  isOwn = false;
  #opcode = 0;
  #bytes: Buffer = nothing;
  #start = 0;
  #end = 0;
  #view: MessageView | undefined = undefined;
  #searches = 0;
  #stampState: StampState | undefined = undefined;

  /** Takes the next message: the bytes `buf[start, end)`. */
  take(opcode: number, buf: Buffer, start: number, end: number): void {
    this.#opcode = opcode;
    this.#bytes = buf;
    this.#start = start;
    this.#end = end;
    this.#view = undefined;
    this.#searches = 0;
    this.#stampState = undefined;
    this.isMended = false;
    this.isOwn = false;
  }

  /** As rules look at it; text and JSON are decoded when they are asked for. */
  get view(): MessageView {
    return (this.#view ??= new MessageView(
      this.#opcode,
      this.#bytes,
      this.#start,
      this.#end,
      this.#searches,
    ));
  }

  /** What the path selects in it, looked for in its bytes first: most messages need no view. */
  select(path: SingularPath): JsonValue | undefined {
    if (this.#view || !path.finder) return this.view.select(path);
    if (isWorthSearching(++this.#searches, this.#end - this.#start)) {
      const value = path.finder.find(this.#bytes, this.#start, this.#end);
      if (value !== unsure) return value;
    }
    return this.view.pick(path);
  }

  /** How large it is, in bytes. */
  get size(): number {
    return this.#end - this.#start;
  }

  /**
   * The same with bytes of its own, to be kept.
   * @param most how many of them, the first ones; a character is not cut in two
   */
  copy(most = Infinity): MessageView {
    let end = Math.min(this.#end, this.#start + most);
    if (end < this.#end) while (end > this.#start && (this.#bytes[end]! & 0xc0) === 0x80) end--;
    return new MessageView(this.#opcode, Buffer.from(this.#bytes.subarray(this.#start, end)));
  }

  /**
   * Looks for a stamp, once a message.
   * @param seeks whether one with a damaged beginning is to be found as well
   */
  readStamp(seeks = false): StampState {
    return (this.#stampState ??= this.#seekStamp(seeks));
  }

  #seekStamp(seeks: boolean): StampState {
    const state = readStamp(this.#bytes, this.#start, this.#end, this.stamp);
    if (state === "ok" || (state === "absent" && !seeks)) return state;
    this.isMended = mendStamp(this.#bytes, this.#start, this.#end, this.stamp);
    return this.isMended ? "corrupt" : state;
  }
}
