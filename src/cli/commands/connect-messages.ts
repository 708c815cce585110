/** Owns how the texts of flags become messages: files, templates, lenses, and what is said unasked. */
import { randomUUID } from "node:crypto";
import { WsctlError } from "../../base/errors.js";
import { Random, seedOf } from "../../base/random.js";
import { safeLine } from "../../base/safe-text.js";
import { matchSpecOf } from "../../message/match-expression.js";
import { compileMatcher } from "../../message/matcher.js";
import { compileTemplate } from "../../message/template.js";
import type { NameScope, RenderContext } from "../../message/value.js";
import type { AutoReply, Outgoing, SessionOptions } from "../../session/session-options.js";
import type { Host } from "../host.js";
import { plainMessage, type Spoken } from "../pipe/input.js";
import { fileBytes, textOrFile } from "../text-source.js";
import type { ConnectFlags } from "./connect-options.js";

/** What of the flags says how texts become messages. */
interface Making {
  readonly binary?: boolean | undefined;
  readonly templates?: boolean | undefined;
}

/** Makes messages. */
export class MessageMaker {
  readonly #host: Host;
  readonly #scope: NameScope;
  readonly #context: RenderContext;
  readonly #make: (data: Buffer) => Outgoing;
  readonly #isTemplate: boolean;
  readonly #binary: boolean;

  /**
   * @param flags `binary` makes binary messages; without `templates`, `{{ }}` means nothing
   * @param encode what a lens makes of a text, if there is one
   */
  constructor(
    host: Host,
    { binary = false, templates = true }: Making,
    encode?: (text: string) => Outgoing,
  ) {
    this.#host = host;
    this.#binary = binary;
    this.#isTemplate = templates;
    this.#make = (data) => (encode ? encode(data.toString("utf8")) : plainMessage(data, binary));
    const env = Object.entries(host.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    this.#scope = { names: new Map(), env: new Map(env) };
    const random = new Random(seedOf(randomUUID()));
    this.#context = {
      run: random.uint32(),
      index: 0,
      seq: 0,
      lastSeq: 0,
      now: 0,
      micros: 0,
      random,
      variable: () => undefined,
    };
  }

  /** The message of bytes as they are. @throws WsctlError WSCTL_EUSAGE */
  plain(data: Buffer): Outgoing {
    return this.#make(data);
  }

  /**
   * The message of a text that is a template, or of `@file`, which is one too unless it is binary. The
   * last line break of such a file is no part of the message.
   * @throws WsctlError WSCTL_EUSAGE, also when the message is made
   */
  message(text: string): Spoken {
    if (this.#binary && text.startsWith("@")) {
      const data = fileBytes(text.slice(1));
      return () => this.#make(data);
    }
    if (!this.#isTemplate) {
      const data = Buffer.from(textOrFile(text));
      return () => this.#make(data);
    }
    const template = compileTemplate(textOrFile(text), this.#scope);
    return () => {
      const context = this.#context;
      context.seq++;
      context.now = this.#host.date().getTime();
      context.micros = Math.round(this.#host.monotonic() * 1000);
      return this.#make(Buffer.from(template.render(context)));
    };
  }

  /**
   * Reads `MATCH => MESSAGE`.
   * @throws WsctlError WSCTL_EUSAGE
   */
  reply(text: string): AutoReply {
    const [, source = "", message = ""] = /^(.*?)\s+=>\s+(.*)$/s.exec(text) ?? [];
    if (source === "") {
      throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 80)}" is no automatic reply`, {
        hint: `write it like --auto-reply '$.type == "ping" => {"type":"pong"}'`,
      });
    }
    const match = matchSpecOf(source);
    // A mistake is said now, not when the session is made.
    compileMatcher(match);
    return { match, send: this.message(message) };
  }
}

/** What a session says without being told each time. */
export type OwnWords = Pick<SessionOptions, "preamble" | "autoReplies">;

/**
 * The first messages, made once, so that they are the same on every connection, and the automatic
 * replies.
 *
 * @param maker makes the replies; first messages are always text
 * @throws WsctlError WSCTL_EUSAGE
 */
export function ownWords(host: Host, flags: ConnectFlags, maker: MessageMaker): OwnWords {
  const { firstMessage = [], autoReply = [] } = flags;
  const plain = new MessageMaker(host, { templates: flags.templates });
  return {
    preamble: firstMessage.map((text) => plain.message(text)()),
    autoReplies: autoReply.map((text) => maker.reply(text)),
  };
}
