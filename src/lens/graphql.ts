/**
 * Owns the lens graphql: the subprotocol graphql-transport-ws (PROTOCOL.md of enisdenjo/graphql-ws),
 * which the older subprotocol of the confusing name graphql-ws is not.
 */
import { graphqlText, example } from "./graphql-spelling.js";
import { jsonOf, oneLine, textOf } from "./json-text.js";
import type { Lens, LensSession, LensView, SeenMessage } from "./lens.js";
import { Pending } from "./pending.js";
import { type Plain, isList, isPlainObject, member } from "./plain.js";
import { textMessage } from "./spelling.js";
import { counted, named, titleOf } from "./title.js";

/** A view whose title still lacks arrow and time. */
interface Draft extends Omit<LensView, "title"> {
  readonly words: string;
}

/** What only keeps the connection. */
const serving = new Set(["connection_init", "connection_ack", "ping", "pong"]);

/** What an operation is called, or how its text begins. */
function operationName(payload: Plain | undefined): string {
  const [name, query] = [member(payload, "operationName"), member(payload, "query")];
  if (typeof name === "string" && name !== "") return named(name, 50);
  if (typeof query !== "string") return "";
  return named(query.slice(0, 200).replace(/\s+/g, " ").trim(), 50);
}

/** What the first of some errors says. */
function firstMessage(errors: Plain | undefined): string {
  const said = member(isList(errors) ? errors[0] : errors, "message");
  return typeof said === "string" ? `: ${named(said)}` : "";
}

class GraphqlTransport implements LensSession {
  readonly #pending = new Pending();
  #lastId = 0;

  see(message: SeenMessage): LensView | undefined {
    const text = textOf(message);
    const value = text === undefined ? undefined : jsonOf(text);
    const type = member(value, "type");
    if (text === undefined || value === undefined || typeof type !== "string") return undefined;
    const { words, ...view } = this.#meaning(type, value, message);
    const title = titleOf(message.direction, words, view.reply);
    return { title, ...view, line: serving.has(type) ? null : () => oneLine(text) };
  }

  encode(text: string): ReturnType<LensSession["encode"]> {
    return textMessage(graphqlText(text, () => String(++this.#lastId)));
  }

  #meaning(type: string, value: Plain, message: SeenMessage): Draft {
    const { direction, at } = message;
    const body = member(value, "payload");
    switch (type) {
      case "connection_init":
        this.#pending.ask(direction, type, type, at);
        return { kind: "request", words: type, body };
      case "connection_ack": {
        const reply = this.#pending.lastAnswerTo(direction, "connection_init", at);
        return { kind: "response", words: type, body, reply };
      }
      case "ping": {
        this.#pending.ask(direction, type, type, at);
        const answer = direction === "in" ? textMessage('{"type":"pong"}') : undefined;
        return { kind: "control", words: type, body, answer };
      }
      case "pong": {
        // One that answers no ping is allowed: a heartbeat in one direction.
        const reply = this.#pending.lastAnswerTo(direction, "ping", at);
        return { kind: "control", words: type, body, reply };
      }
      case "subscribe":
      case "next":
      case "error":
      case "complete":
        return this.#operation(type, value, message);
      default:
        return { kind: "error", words: `unknown message type ${named(type)}`, body: value };
    }
  }

  #operation(
    type: "subscribe" | "next" | "error" | "complete",
    value: Plain,
    { direction, at }: SeenMessage,
  ): Draft {
    const [id, body] = [member(value, "id"), member(value, "payload")];
    if (typeof id !== "string" || id === "") {
      return { kind: "error", words: `broken ${type}: it has no id`, body: value };
    }
    const name = `#${named(id, 40)}`;
    const key = `operation ${id}`;
    switch (type) {
      case "subscribe": {
        if (typeof member(body, "query") !== "string") {
          return { kind: "error", words: `broken subscribe ${name}: it has no query`, body };
        }
        this.#pending.ask(direction, key, `subscribe ${name}`, at);
        if (direction === "out" && /^\d{1,15}$/.test(id)) {
          this.#lastId = Math.max(this.#lastId, Number(id));
        }
        return { kind: "request", words: `subscribe ${name} ${operationName(body)}`.trim(), body };
      }
      case "next": {
        if (!isPlainObject(body)) {
          return { kind: "error", words: `broken next ${name}: it has no result`, body: value };
        }
        const reply = this.#pending.answerTo(direction, key, at);
        const errors = member(body, "errors");
        if (!isList(errors) || errors.length === 0) {
          return { kind: "response", words: `next ${name}`, body, reply };
        }
        const words = `next ${name} with ${counted(errors.length, "error")}${firstMessage(errors)}`;
        return { kind: "error", words, body, reply };
      }
      case "error": {
        const reply = this.#pending.lastAnswerTo(direction, key, at);
        return { kind: "error", words: `error ${name}${firstMessage(body)}`, body, reply };
      }
      case "complete":
      default: {
        // What the client completes, it asked for itself: no answer, and the end all the same.
        const reply = this.#pending.lastAnswerTo(direction, key, at);
        this.#pending.forget(direction, key);
        return { kind: "control", words: `complete ${name}`, reply };
      }
    }
  }
}

/** Matches results to subscriptions, and owes the server its pongs. */
export const graphql: Lens = {
  name: "graphql",
  summary: "graphql-transport-ws: a query subscribes; also connection_init, complete ID and ping",
  example,
  subprotocols: ["graphql-transport-ws"],
  create: () => new GraphqlTransport(),
};
