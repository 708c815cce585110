/** Owns what each user's upgrade request says: headers and subprotocols are templates. */
import { compileTemplate, type Template } from "../../message/template.js";
import type { NameScope } from "../../message/value.js";
import type { Plan } from "../../scenario/plan.js";
import type { DialRequest } from "../dialler.js";
import type { UserContext } from "./context.js";

/** Makes requests. */
export class RequestHeads {
  readonly #headers: readonly (readonly [string, Template])[];
  readonly #subprotocols: readonly Template[];
  /** Where it is the same for everybody. */
  readonly #constant: DialRequest | undefined;

  /** @throws WsctlError WSCTL_EUSAGE for a template that cannot be compiled */
  constructor({ headers, subprotocols }: Plan["connection"], names: NameScope) {
    this.#headers = headers.map(([name, value]) => [name, compileTemplate(value, names)]);
    this.#subprotocols = subprotocols.map((name) => compileTemplate(name, names));
    const all = [...this.#headers.map(([, value]) => value), ...this.#subprotocols];
    if (all.some(({ constant }) => constant === undefined)) return;
    this.#constant = {
      headers: this.#headers.map(([name, { constant }]) => [name, constant!]),
      subprotocols: this.#subprotocols.map(({ constant }) => constant!),
    };
  }

  /** @throws WsctlError WSCTL_EUSAGE when a name has no value yet */
  of(context: UserContext): DialRequest {
    if (this.#constant) return this.#constant;
    return {
      headers: this.#headers.map(([name, value]) => [name, value.render(context)]),
      subprotocols: this.#subprotocols.map((name) => name.render(context)),
    };
  }
}
