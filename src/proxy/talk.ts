/**
 * Owns the conversation on an open connection: both directions are listened to, told, recorded, and
 * acted on where something is to act.
 */
import { safeLine } from "../base/safe-text.js";
import { type CloseStatus, parseClosePayload } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import { headerValue, type UpgradeRequest, type UpgradeResponse } from "../frame/upgrade.js";
import { ProtocolViolation } from "../frame/violation.js";
import type { Direction } from "../session/session-events.js";
import type { Context } from "./context.js";
import { type Deflate, deflateOf } from "./deflate.js";
import { Inflater } from "./inflater.js";
import type { Instead, Interferences } from "./interference.js";
import type { Keeper } from "./keeper.js";
import type { LaneListener } from "./lane.js";
import type { Link } from "./link.js";
import type { Relay } from "./relay.js";
import { sizeWords } from "./size-words.js";
import type { Heard } from "./tap.js";

/** What a talk needs. */
export interface TalkOptions {
  readonly relay: Relay;
  readonly link: Link;
  readonly keeper: Keeper | undefined;
  readonly context: Context;
  /** Where it leads, without query. */
  readonly target: string;
  readonly request: UpgradeRequest;
  readonly response: UpgradeResponse;
  readonly note: (text: string, instead?: Instead) => void;
}

/** So many bytes may be held back by faults before the server is not read from. */
const mostHeldBack = 1024 * 1024;
/** How often is looked whether they still are, in ms. */
const lookEvery = 20;

/** Who ended a conversation, and how; the proxy, when it was told to. */
export interface TalkClose extends CloseStatus {
  readonly by: "client" | "server" | "proxy" | "nobody";
}

/** A conversation under way. */
export class Talk {
  /** The first close frame, once it has passed. */
  close: TalkClose | undefined = undefined;
  readonly #options: TalkOptions;
  #look: NodeJS.Timeout | undefined = undefined;

  constructor(options: TalkOptions) {
    this.#options = options;
  }

  /** Begins to listen to both directions; the next byte of each begins a frame. */
  listen(): void {
    const { relay, context, keeper } = this.#options;
    const { maxPayload, watcher } = context.options;
    const deflate = this.#agreed();
    const interferences = this.#interferences(deflate);
    for (const direction of ["in", "out"] as const) {
      const interference = interferences?.[direction];
      const inflater = deflate && new Inflater(deflate[direction].takeover, maxPayload);
      const payloads = watcher.messages || keeper !== undefined || interference !== undefined;
      relay[direction].listen(
        { direction, maxPayload, inflater, payloads },
        this.#listener(direction),
        interference,
      );
    }
  }

  /** Takes what the server said. */
  takeIn(chunk: Buffer): void {
    const { relay, link } = this.#options;
    this.#guard(() => relay.in.take(chunk));
    // In the middle of a message faults hold it all, until it is whole: then it has to go on coming.
    if (!link.heldBack || link.heldBack() <= mostHeldBack || relay.in.midMessage) return;
    relay.serverBrake.hold("faults");
    this.#look ??= setInterval(() => {
      if ((link.heldBack?.() ?? 0) > mostHeldBack) return;
      this.stop();
      relay.serverBrake.release("faults");
    }, lookEvery);
  }

  /** Takes what the client said. */
  takeOut(chunk: Buffer): void {
    this.#guard(() => this.#options.relay.out.take(chunk));
  }

  /** Takes its timer away. */
  stop(): void {
    clearInterval(this.#look);
    this.#look = undefined;
  }

  /** What acts on messages may throw: that is the end of this connection, and of no other. */
  #guard(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.#cut(`cut, since what acts on its messages failed: ${String(error)}`);
    }
  }

  #cut(why: string): void {
    this.#options.note(why);
    this.#options.relay.reset();
  }

  #agreed(): Deflate | undefined {
    const { request, response, note } = this.#options;
    const found = deflateOf(request.headers, response.headers);
    if (!("problem" in found)) return found.deflate;
    note(found.problem);
    return undefined;
  }

  #interferences(deflate: Deflate | undefined): Interferences | undefined {
    const { context, link, target, response } = this.#options;
    return context.options.interfere?.({
      connection: link.id,
      target,
      path: link.path,
      subprotocol: headerValue(response.headers, "Sec-WebSocket-Protocol"),
      deflate,
    });
  }

  #listener(direction: Direction): LaneListener {
    const { keeper, link, note } = this.#options;
    const who = direction === "in" ? "server" : "client";
    return {
      message: (heard) => this.#message(direction, heard),
      control: (opcode, payload) => this.#control(direction, opcode, payload),
      broken({ message }) {
        keeper?.broken();
        note(`what the ${who} sends can no longer be read: ${message}`);
      },
      note(text, instead) {
        keeper?.mark(text, instead);
        note(text, instead);
      },
      takenAway() {
        if (direction === "in") link.passedOn.takeAway(link.counts.in);
      },
      cut: (why) => this.#cut(why),
    };
  }

  #message(direction: Direction, heard: Heard): void {
    const { context, link, keeper, note } = this.#options;
    const { payload, size, wire, frames, compressed, missing } = heard;
    link.counts.add(direction, size);
    context.tally.messages.add(direction, size);
    if (direction === "in") link.markCounted();
    keeper?.message(direction, heard);
    const { watcher } = context.options;
    if (watcher.messages) {
      watcher.tell({
        event: "message",
        connection: link.id,
        direction,
        binary: heard.opcode === Opcode.binary,
        data: payload && Buffer.from(payload),
        size,
        wire,
        frames,
        compressed,
      });
    }
    // Of what refers to it, which may be all that follows, is not told once more.
    if (missing === undefined || missing === "history lost") return;
    const from = direction === "in" ? "server" : "client";
    const loses =
      compressed && missing !== "too large" ? "; what refers to it cannot be read either" : "";
    const which = `a message of ${sizeWords(heard)} from the ${from}`;
    note(`${which} passed unread: ${missing}${loses}`);
  }

  #control(direction: Direction, opcode: number, data: Buffer): void {
    const { context, link, keeper } = this.#options;
    const { watcher } = context.options;
    if (watcher.messages) {
      watcher.tell({ event: "control", connection: link.id, direction, opcode, data });
    }
    if (opcode === Opcode.close) this.#closing(direction, data);
    else keeper?.control(direction, opcode, data);
  }

  #closing(direction: Direction, payload: Buffer): void {
    if (this.close) return;
    const side = direction === "in" ? "server" : "client";
    // What a side says after it was cut off is the answer to that.
    const by = this.#options.link.isCut ? "proxy" : side;
    this.close = { by, ...this.#statusOf(side, payload) };
    this.#options.keeper?.close(by, this.close);
  }

  #statusOf(by: string, payload: Buffer): CloseStatus {
    try {
      return parseClosePayload(payload, 0, payload.length);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.#options.note(`the close frame of the ${by} breaks a rule: ${safeLine(error.message)}`);
      const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      return { code, reason: payload.toString("utf8", 2) };
    }
  }
}

/** Begins to listen to a connection that was opened. */
export function openTalk(options: TalkOptions): Talk {
  const talk = new Talk(options);
  talk.listen();
  return talk;
}
