/** Owns the variables of a prompt, and the templates in what is typed. */
import { randomBytes } from "node:crypto";
import { Random, seedOf } from "../base/random.js";
import { builtins } from "../message/builtins.js";
import type { JsonValue } from "../message/json.js";
import { requireName } from "../message/name.js";
import { compileTemplate } from "../message/template.js";
import type { RenderContext } from "../message/value.js";

const mostVariables = 1000;

/** The variables by name. */
export class Variables {
  readonly values = new Map<string, JsonValue>();
  /** Whether `{{ }}` means anything in what is typed. */
  isOn = true;
  readonly #env: ReadonlyMap<string, string>;
  readonly #context: RenderContext;

  constructor(env: Readonly<Record<string, string | undefined>>) {
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
    const names = new Map([...this.values].map(([name, value]) => [name, { value }]));
    const template = compileTemplate(text, { names, env: this.#env });
    this.#context.seq++;
    this.#context.now = Date.now();
    this.#context.micros = Math.floor(Number(process.hrtime.bigint()) / 1000);
    return template.render(this.#context);
  }
}
