/**
 * Owns the lens jsonrpc: JSON-RPC 2.0 (jsonrpc.org/specification), and what is spoken like it
 * without saying `"jsonrpc":"2.0"`, such as the Chrome DevTools Protocol.
 */
import { jsonOf, oneLine, textOf } from "./json-text.js";
import type { Lens, LensReply, LensSession, LensView, SeenMessage } from "./lens.js";
import { Pending } from "./pending.js";
import { type Plain, isList, isPlainObject, member } from "./plain.js";
import { misspelt, textMessage, wellFormed } from "./spelling.js";
import { counted, named, titleOf } from "./title.js";

const example = 'sum {"a":1,"b":2}';

/** One request, notification or response. */
interface Call {
  readonly kind: "request" | "response" | "event" | "error";
  /** Its title without arrow and time. */
  readonly words: string;
  readonly body?: Plain | undefined;
  readonly reply?: LensReply | undefined;
}

type Id = string | number | null;

function isId(value: Plain | undefined): value is Id {
  return typeof value === "string" || typeof value === "number" || value === null;
}

/** Ids of different types are different ids. */
function keyOf(id: Id): string {
  return typeof id === "string" ? `"${id}` : String(id);
}

function broken(words: string, body: Plain): Call {
  return { kind: "error", words: `broken JSON-RPC: ${words}`, body };
}

/** What an error object says: `-32601 Method not found`. */
function failure(error: Plain): string {
  const [code, message] = [member(error, "code"), member(error, "message")];
  const said = typeof message === "string" ? ` ${named(message)}` : "";
  return typeof code === "number" ? `: ${code}${said}` : said && `:${said}`;
}

/** The kind of a batch: that of its calls which matters most. */
const weightiest = ["error", "response", "request", "event"] as const;
const nouns = { error: "error", response: "result", request: "request", event: "notification" };

class JsonRpc implements LensSession {
  readonly #pending = new Pending();
  #lastId = 0;

  see(message: SeenMessage): LensView | undefined {
    const text = textOf(message);
    const value = text === undefined ? undefined : jsonOf(text);
    if (text === undefined || value === undefined) return undefined;
    const call = isList(value) ? this.#batch(value, message) : this.#call(value, message);
    if (!call) return undefined;
    const { kind, words, body, reply } = call;
    const title = titleOf(message.direction, words, reply);
    return { title, kind, body, line: () => oneLine(text), reply };
  }

  encode(text: string): ReturnType<LensSession["encode"]> {
    const line = text.trim();
    if (/^[{[]/.test(line)) {
      wellFormed(line, example);
      return textMessage(line);
    }
    // No params begin like a name, so that a method called notify can still be asked.
    const [, notify, method, params] =
      /^(notify\s+(?=[^\s{[]))?(\S+)(?:\s+([\s\S]+))?$/.exec(line) ?? [];
    if (method === undefined) throw misspelt("there is no method", example);
    if (params !== undefined) {
      const value = wellFormed(params, example);
      if (!isList(value) && !isPlainObject(value)) {
        throw misspelt("the parameters of JSON-RPC are an object or an array", example);
      }
    }
    const id = notify === undefined ? `"id":${++this.#lastId},` : "";
    const rest = params === undefined ? "" : `,"params":${params}`;
    return textMessage(`{"jsonrpc":"2.0",${id}"method":${JSON.stringify(method)}${rest}}`);
  }

  #call(value: Plain, { direction, at }: SeenMessage): Call | undefined {
    if (!isPlainObject(value)) return undefined;
    const [method, id] = [member(value, "method"), member(value, "id")];
    if (method !== undefined) {
      if (typeof method !== "string") return broken("its method is no string", value);
      const body = member(value, "params");
      if (id === undefined) return { kind: "event", words: named(method), body };
      if (!isId(id)) return broken("its id is neither a string nor a number", value);
      const words = `${named(method)} #${named(String(id), 40)}`;
      this.#pending.ask(direction, keyOf(id), words, at);
      if (direction === "out" && typeof id === "number" && Number.isSafeInteger(id + 1)) {
        this.#lastId = Math.max(this.#lastId, id);
      }
      return { kind: "request", words, body };
    }
    const [result, error] = [member(value, "result"), member(value, "error")];
    if (isId(id) && (result !== undefined || error !== undefined)) {
      const reply = this.#pending.lastAnswerTo(direction, keyOf(id), at);
      // JSON-RPC 1.0 sent both, the one that does not apply being null.
      const failed = error !== undefined && error !== null;
      const which = reply ? `of ${reply.to}` : `#${named(String(id), 40)}`;
      const words = `${failed ? "error" : "result"} ${which}${failed ? failure(error) : ""}`;
      if (failed && result !== undefined && result !== null) {
        return broken(`both a result and an error ${which}`, value);
      }
      return { kind: failed ? "error" : "response", words, body: failed ? error : result, reply };
    }
    if (member(value, "jsonrpc") === undefined) return undefined;
    return broken("neither a request nor a response", value);
  }

  #batch(values: readonly Plain[], message: SeenMessage): Call | undefined {
    const counts = { error: 0, response: 0, request: 0, event: 0 };
    let slowest: LensReply | undefined;
    let answered = 0;
    for (const value of values) {
      const call = this.#call(value, message);
      if (!call) continue;
      counts[call.kind]++;
      if (!call.reply) continue;
      answered++;
      if (!slowest || call.reply.elapsed > slowest.elapsed) slowest = call.reply;
    }
    const kinds = weightiest.filter((kind) => counts[kind] > 0);
    if (kinds[0] === undefined) return undefined;
    const words = kinds.map((kind) => counted(counts[kind], nouns[kind])).join(", ");
    const reply =
      slowest && answered > 1 ? { ...slowest, to: counted(answered, "request") } : slowest;
    return { kind: kinds[0], words: `batch: ${words}`, body: values, reply };
  }
}

/** Tells requests from answers and notifications, and how long each answer took. */
export const jsonrpc: Lens = {
  name: "jsonrpc",
  summary: "JSON-RPC 2.0: METHOD [PARAMS] asks, notify METHOD [PARAMS] does not",
  example,
  subprotocols: ["jsonrpc", "json-rpc", "jsonrpc-2.0"],
  create: () => new JsonRpc(),
};
