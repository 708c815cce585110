/** Owns the variables of a prompt, and the templates in what is typed. */
import { randomBytes } from "node:crypto";
import { WsctlError } from "../base/errors.js";
import { Random, seedOf } from "../base/random.js";
import { safeLine } from "../base/safe-text.js";
import { builtins } from "../message/builtins.js";
import type { JsonValue } from "../message/json.js";
import { requireName } from "../message/name.js";
import { compileTemplate, type Template } from "../message/template.js";
import type { RenderContext } from "../message/value.js";

const mostVariables = 1000;

/** The names that begin the holes of a text; `\\{{` is none. */
function* namesIn(text: string): Generator<string> {
  for (const [, name = ""] of text.matchAll(/(?<!\\)\{\{\s*([\w-]+)/g)) yield name;
}

/** The variables by name. */
export class Variables {
  readonly values = new Map<string, JsonValue>();
  /** Whether `{{ }}` means anything in what is typed. */
  isOn = true;
  readonly #env: ReadonlyMap<string, string>;
  readonly #captureOf: (name: string) => string | undefined;
  readonly #context: RenderContext;

  /** @param captureOf what takes a value of that name out of messages, if anything does */
  constructor(
    env: Readonly<Record<string, string | undefined>>,
    captureOf: (name: string) => string | undefined,
  ) {
    this.#captureOf = captureOf;
    this.#env = new Map(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    this.#context = {
      run: randomBytes(4).readUInt32BE(),
      index: 0,
      seq: 0,
      lastSeq: 0,
      now: 0,
      micros: 0,
      random: new Random(seedOf(randomBytes(16).toString("hex"))),
      variable: (name) => this.values.get(name),
    };
  }

  /** @throws WsctlError WSCTL_EUSAGE for what cannot be a name */
  set(name: string, value: JsonValue): void {
    this.values.delete(requireName(name));
    this.values.set(name, value);
    if (this.values.size > mostVariables) {
      this.values.delete(this.values.keys().next().value ?? name);
    }
  }

  /** What can stand in a hole, as it is written there. */
  names(): readonly string[] {
    return [...this.values.keys(), ...builtins.keys()];
  }

  /**
   * The text with its holes filled; `$seq` counts the texts that had any.
   * @throws WsctlError WSCTL_EUSAGE
   */
  fill(text: string): string {
    if (!this.isOn || !text.includes("{{")) return text;
    const template = this.#compiled(text);
    this.#context.seq++;
    this.#context.now = Date.now();
    this.#context.micros = Math.floor(Number(process.hrtime.bigint()) / 1000);
    return template.render(this.#context);
  }

  #compiled(text: string): Template {
    const names = new Map([...this.values].map(([name, value]) => [name, { value }]));
    try {
      return compileTemplate(text, { names, env: this.#env });
    } catch (error) {
      for (const name of namesIn(text)) {
        const source = this.values.has(name) ? undefined : this.#captureOf(name);
        if (source === undefined) continue;
        const why = `${name} has no value yet: no message matched ${safeLine(source, 80)} so far`;
        throw new WsctlError("WSCTL_EUSAGE", why, { cause: error });
      }
      throw error;
    }
  }
}
