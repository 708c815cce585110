/**
 * Owns the lens socketio: Engine.IO protocol 4 and, in its messages, Socket.IO protocol 5 (the
 * documents of both are in the repositories socketio/engine.io-protocol and socket.io-protocol).
 */
import { formatDuration, formatSize } from "../base/quantity.js";
import { jsonOf, textOf } from "./json-text.js";
import type { Direction, Lens, LensSession, LensView, SeenMessage } from "./lens.js";
import { Pending } from "./pending.js";
import { type Plain, isList, member } from "./plain.js";
import { Attachments } from "./socketio-attachments.js";
import { packetLine } from "./socketio-line.js";
import { type Packet, packetOf } from "./socketio-packet.js";
import { example, packetText } from "./socketio-spelling.js";
import { textMessage } from "./spelling.js";
import { counted, named, titleOf } from "./title.js";

/** A view whose title still lacks arrow and time. */
interface Draft extends Omit<LensView, "title"> {
  readonly words: string;
}

/** Characters; servers send nothing with a ping, or a word. */
const longestEcho = 128;

/** The namespace behind a name, unless it is the main one. */
function within({ namespace }: Packet): string {
  return namespace === "/" ? "" : ` in ${named(namespace, 40)}`;
}

class SocketIo implements LensSession {
  readonly #pending = new Pending();
  readonly #awaited = new Map<Direction, Attachments>();
  #lastId = -1;

  see(message: SeenMessage): LensView | undefined {
    const draft = message.binary ? this.#attachment(message) : this.#text(message);
    if (!draft) return undefined;
    const { words, ...view } = draft;
    const line = view.kind === "control" ? null : view.line;
    return { title: titleOf(message.direction, words, view.reply), ...view, line };
  }

  encode(text: string): ReturnType<LensSession["encode"]> {
    return textMessage(packetText(text, () => ++this.#lastId));
  }

  #text(message: SeenMessage): Draft | undefined {
    const text = textOf(message);
    if (text === undefined) return undefined;
    const { direction, at } = message;
    const rest = text.slice(1);
    switch (text.charAt(0)) {
      case "0":
        return this.#open(rest);
      case "1":
        return { kind: "control", words: "close" };
      case "2": {
        this.#pending.ask(direction, `ping ${rest}`, "ping", at);
        const isOwed = direction === "in" && rest.length <= longestEcho;
        const answer = isOwed ? textMessage(`3${rest}`) : undefined;
        return { kind: "control", words: `ping ${named(rest)}`.trim(), answer };
      }
      case "3": {
        const reply = this.#pending.lastAnswerTo(direction, `ping ${rest}`, at);
        return { kind: "control", words: `pong ${named(rest)}`.trim(), reply };
      }
      case "4":
        return this.#packet(rest, message);
      case "5":
        return { kind: "control", words: "upgrade" };
      case "6":
        return { kind: "control", words: "noop" };
      default:
        return undefined;
    }
  }

  #open(text: string): Draft {
    const body = jsonOf(text);
    const interval = member(body, "pingInterval");
    const every = typeof interval === "number" ? `, a ping every ${formatDuration(interval)}` : "";
    return { kind: "control", words: `open${every}`, body };
  }

  #packet(text: string, message: SeenMessage): Draft {
    const packet = packetOf(text);
    if (typeof packet === "string") {
      return { kind: "error", words: `broken Socket.IO packet: ${packet}` };
    }
    let draft = this.#meaning(packet, message);
    const { direction } = message;
    const { attachments } = packet;
    let { words } = draft;
    const left = this.#awaited.get(direction);
    this.#awaited.delete(direction);
    if (draft.kind !== "error" && attachments > 0) {
      this.#awaited.set(direction, new Attachments(words, packet, draft.body));
      words += `, ${counted(attachments, "attachment")} to come`;
      // It is whole with the last of them.
      draft = { ...draft, line: null };
    }
    if (!left) return { ...draft, words };
    words += `; ${counted(left.missing, "attachment")} of ${left.of} missing`;
    return { ...draft, kind: "error", words };
  }

  #meaning(packet: Packet, { direction, at }: SeenMessage): Draft {
    const { type, namespace, id, data } = packet;
    const where = within(packet);
    if (type === "connect") {
      const key = `connect ${namespace}`;
      if (direction === "out") {
        this.#pending.ask(direction, key, `connect${where}`, at);
        return { kind: "request", words: `connect${where}`, body: data, line: null };
      }
      const reply = this.#pending.lastAnswerTo(direction, key, at);
      return { kind: "response", words: `connected${where}`, body: data, line: null, reply };
    }
    if (type === "connect_error") {
      const reply = this.#pending.lastAnswerTo(direction, `connect ${namespace}`, at);
      const said = member(data, "message");
      const why = typeof said === "string" ? `: ${named(said)}` : "";
      const words = `connect refused${where}${why}`;
      return { kind: "error", words, body: data, line: null, reply };
    }
    if (type === "disconnect") return { kind: "control", words: `disconnect${where}` };
    if (!isList(data)) {
      return { kind: "error", words: `broken ${type}: its data is no array`, body: data };
    }
    if (type === "ack") {
      if (id === undefined) return { kind: "error", words: "broken ack: it has no id", body: data };
      const reply = this.#pending.lastAnswerTo(direction, `ack ${namespace} ${id}`, at);
      const words = reply ? `ack of ${reply.to}` : `ack #${id}${where}`;
      return { kind: "response", words, body: data, line: () => packetLine(packet), reply };
    }
    return this.#event(packet, data, direction, at);
  }

  #event(packet: Packet, data: readonly Plain[], direction: Direction, at: number): Draft {
    const [name, ...body] = data;
    if (typeof name !== "string" && typeof name !== "number") {
      return { kind: "error", words: "broken event: it has no name", body: data };
    }
    const { id, namespace } = packet;
    const number = id === undefined ? "" : ` #${id}`;
    const words = `${named(String(name))}${number}${within(packet)}`;
    const line = () => packetLine(packet);
    if (id === undefined) return { kind: "event", words, body, line };
    if (direction === "out" && Number.isSafeInteger(id + 1)) {
      this.#lastId = Math.max(this.#lastId, id);
    }
    this.#pending.ask(direction, `ack ${namespace} ${id}`, words, at);
    return { kind: "request", words, body, line };
  }

  #attachment({ direction, data }: SeenMessage): Draft {
    const size = formatSize(data.length);
    const awaited = this.#awaited.get(direction);
    if (!awaited) {
      return { kind: "error", words: `binary message of ${size} that no packet announced` };
    }
    awaited.add(data);
    if (awaited.missing > 0) {
      const words = `attachment ${awaited.arrived} of ${awaited.announced} of ${awaited.of}`;
      return { kind: "event", words: `${words}, ${size}`, line: null };
    }
    this.#awaited.delete(direction);
    const words = `${awaited.of} with ${counted(awaited.announced, "attachment")}, the last ${size}`;
    const body = awaited.joined();
    return { kind: "event", words, body, line: () => packetLine(awaited.packet, body) };
  }
}

/** Reads packets, joins attachments, matches acknowledgements, and owes the server its pongs. */
export const socketio: Lens = {
  name: "socketio",
  summary: "Socket.IO 3 and later: / connects, EVENT [JSON …] emits, EVENT? waits for the ack",
  example,
  subprotocols: [],
  path: /[?&]EIO=4(?:&|$)/,
  create: () => new SocketIo(),
};
