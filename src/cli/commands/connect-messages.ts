/** Owns how the texts of flags become messages: files, templates and lenses. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { messageOf, WsctlError } from "../../base/errors.js";
import { Random, seedOf } from "../../base/random.js";
import { compileTemplate } from "../../message/template.js";
import type { NameScope, RenderContext } from "../../message/value.js";
import type { Outgoing } from "../../session/session-options.js";
import type { Host } from "../host.js";
import { plainMessage, type Spoken } from "../pipe/input.js";
import { textOrFile } from "../text-source.js";
import type { ConnectFlags } from "./connect-options.js";

/** Makes messages. */
export class Speech {
  readonly #host: Host;
  readonly #scope: NameScope;
  readonly #context: RenderContext;
  readonly #make: (data: Buffer) => Outgoing;
  readonly #binary: boolean;

  /** @param encode what a lens makes of a text, if there is one */
  constructor(host: Host, binary: boolean, encode: ((text: string) => Outgoing) | undefined) {
    this.#host = host;
    this.#binary = binary;
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
   * The message of a text that is a template, or of `@file`, which is one too unless it is binary.
   * @throws WsctlError WSCTL_EUSAGE, also when the message is made
   */
  message(text: string): Spoken {
    if (this.#binary && text.startsWith("@")) {
      const data = bytesOf(text.slice(1));
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
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new WsctlError("WSCTL_EUSAGE", `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** What is said first on every connection: made once, so that it is the same each time. */
export function firstMessages(host: Host, { firstMessage = [] }: ConnectFlags): Outgoing[] {
  const speech = new Speech(host, false, undefined);
  return firstMessage.map((text) => speech.message(text)());
}
