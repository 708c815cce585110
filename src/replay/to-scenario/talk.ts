/**
 * Owns the Talk: one connection of a recording as far as a load scenario can be made of it. What is
 * too much for a scenario is left out while reading, and counted: recordings may be of any size.
 */
import { Opcode } from "../../frame/opcode.js";
import { headerValue, type Header } from "../../frame/upgrade.js";
import type { JsonValue } from "../../message/json.js";
import { MessageView } from "../../message/view.js";
import type {
  CloseLine,
  GapLine,
  KnownLine,
  MessageLine,
  OtherLine,
  RecordingHeader,
  UpgradeLine,
} from "../../recording/line.js";
import { payloadLength, payloadOf } from "../../recording/payload.js";

/** One message of a talk. */
export interface TalkMessage {
  /** Milliseconds since the recording began. */
  readonly t: number;
  readonly isSent: boolean;
  readonly binary: boolean;
  /** Bytes of the payload, which `payload` may not have all of. */
  readonly size: number;
  /** Empty when it is too large to be looked at. */
  readonly payload: Buffer;
  /** Undefined for bytes, and for what is too large. */
  readonly text: string | undefined;
  /** What stands before the JSON, as the `42` of Socket.IO does; usually empty. */
  readonly prefix: string;
  /** An object or an array; a bare text or number is text like any other. */
  readonly json: JsonValue | undefined;
}

/** One connection of a recording. */
export interface Talk {
  /** What the recording is called. */
  readonly name: string;
  /** Without secrets, where the recording was made so; empty where nobody knows. */
  readonly url: string;
  /** Milliseconds since 1970 at which `t` is 0. */
  readonly startedAt: number;
  readonly request: readonly Header[];
  readonly isCompressed: boolean;
  /** When it was opened, and when the last thing happened. */
  readonly opened: number;
  readonly ended: number;
  readonly messages: readonly TalkMessage[];
  readonly close: CloseLine | undefined;
  /** Whether it was lost, and another connection followed it. */
  readonly isLost: boolean;
  /** Messages that were more than a scenario holds: sent, and received. */
  readonly leftOut: { readonly sent: number; readonly received: number };
  /** Messages that the recording itself lacks. */
  readonly missed: number;
  /** Whether it lacks anything: messages, or what was not counted as such. */
  readonly isIncomplete: boolean;
}

/** A recording to be read: a file's, or one that was imported. */
export interface TalkSource {
  readonly name: string;
  readonly header: RecordingHeader;
  readonly lines: AsyncIterable<KnownLine | OtherLine>;
}

/** So much of one connection becomes a scenario. */
const mostSent = 400;
const mostReceived = 4000;
const mostBytes = 8 * 1024 ** 2;
/** Larger messages are known by their size alone: received, and sent. */
const largestReceived = 64 * 1024;
const largestSent = 256 * 1024;
/** So many connections. */
const mostTalks = 500;

/** What was found in a recording. */
export interface Talks {
  readonly talks: readonly Talk[];
  /** Connections whose upgrade was refused, and connections that were more than so many. */
  readonly refused: number;
  readonly leftOut: number;
}

/**
 * The connections of a recording.
 * @throws WsctlError as reading it does
 */
export async function talksOf({ name, header, lines }: TalkSource): Promise<Talks> {
  const drafts: Draft[] = [];
  let draft: Draft | undefined;
  let refused = 0;
  let leftOut = 0;
  for await (const line of lines) {
    if (line.k === "upgrade") {
      const upgrade = line as UpgradeLine;
      draft = undefined;
      if (upgrade.status !== 101 && upgrade.status !== 200) refused++;
      else if (drafts.length >= mostTalks) leftOut++;
      else drafts.push((draft = new Draft(upgrade)));
      continue;
    }
    // Written by hand, a recording may have no upgrade.
    if (
      !draft &&
      drafts.length + refused + leftOut === 0 &&
      (line.k === "in" || line.k === "out")
    ) {
      drafts.push((draft = new Draft(undefined)));
    }
    draft?.take(line);
  }
  return { talks: drafts.map((each, at) => each.finished(name, header, at)), refused, leftOut };
}

/** A talk that is still being read. */
class Draft {
  readonly #upgrade: UpgradeLine | undefined;
  readonly #messages: TalkMessage[] = [];
  readonly #leftOut = { sent: 0, received: 0 };
  #sent = 0;
  #received = 0;
  #bytes = 0;
  #ended: number;
  #missed = 0;
  #isIncomplete = false;
  #isLost = false;
  #close: CloseLine | undefined;

  constructor(upgrade: UpgradeLine | undefined) {
    this.#upgrade = upgrade;
    this.#ended = upgrade?.t ?? 0;
  }

  take(line: KnownLine | OtherLine): void {
    switch (line.k) {
      case "in":
      case "out":
        this.#message(line as MessageLine);
        break;
      case "close":
        this.#close = line as CloseLine;
        break;
      case "gap":
        this.#gap(line as GapLine);
        break;
      default:
    }
  }

  #gap({ why, missed = 0 }: GapLine): void {
    this.#missed += missed;
    if (why === "reconnect") this.#isLost = true;
    // That a stream could not be read any further has no number, nor what a disk lost of other lines.
    if (why !== "reconnect" || missed > 0) this.#isIncomplete = true;
  }

  finished(name: string, header: RecordingHeader, index: number): Talk {
    const upgrade = this.#upgrade;
    const opened = upgrade?.t ?? this.#messages[0]?.t ?? 0;
    const extensions = headerValue(upgrade?.response ?? [], "sec-websocket-extensions") ?? "";
    const startedAt = Date.parse(header.startedAt);
    return {
      name: index === 0 ? name : `${name}-${index + 1}`,
      url: header.url,
      startedAt: Number.isFinite(startedAt) ? startedAt : 0,
      request: upgrade?.request ?? [],
      isCompressed: extensions.includes("permessage-deflate"),
      opened,
      ended: this.#ended,
      messages: this.#messages,
      close: this.#close,
      isLost: this.#isLost && !this.#close,
      leftOut: this.#leftOut,
      missed: this.#missed,
      isIncomplete: this.#isIncomplete,
    };
  }

  #message(line: MessageLine): void {
    const { op, t, k } = line;
    if (op !== Opcode.text && op !== Opcode.binary) return;
    this.#ended = Math.max(this.#ended, t);
    const isSent = k === "out";
    const size = payloadLength(line);
    const isKept = size <= (isSent ? largestSent : largestReceived);
    const isFull = isSent ? this.#sent >= mostSent : this.#received >= mostReceived;
    if (isFull || this.#sent > mostSent || this.#bytes + (isKept ? size : 0) > mostBytes) {
      this.#leftOut[isSent ? "sent" : "received"]++;
      // What is answered to a message that is left out has no place either.
      if (isSent) this.#sent = mostSent + 1;
      return;
    }
    if (isSent) this.#sent++;
    else this.#received++;
    if (isKept) this.#bytes += size;
    const binary = op === Opcode.binary;
    const payload = isKept ? payloadOf(line) : Buffer.alloc(0);
    const { text, prefix, json } = isKept ? contentOf(payload, binary) : noContent;
    this.#messages.push({ t, isSent, binary, size, payload, text, prefix, json });
  }
}

type Content = Pick<TalkMessage, "text" | "prefix" | "json">;

const noContent: Content = { text: undefined, prefix: "", json: undefined };

/** What is understood of a payload. */
export function contentOf(payload: Buffer, binary: boolean): Content {
  const view = new MessageView(binary ? Opcode.binary : Opcode.text, payload);
  const { text, json } = view;
  if (text === undefined) return noContent;
  if (typeof json === "object" && json !== null) return { text, prefix: "", json };
  // Socket.IO: a digit or more, a namespace, an id, and then JSON.
  const [prefix = ""] = /^\d{1,4}(?:\/[^,[{]{0,200},)?\d{0,10}(?=[[{])/.exec(text) ?? [];
  if (prefix === "" || binary) return { text, prefix: "", json: undefined };
  const inner = new MessageView(Opcode.text, Buffer.from(text.slice(prefix.length))).json;
  return typeof inner === "object" && inner !== null
    ? { text, prefix, json: inner }
    : { text, prefix: "", json: undefined };
}
