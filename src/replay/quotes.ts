/** Owns how messages and values are quoted in a result: shortened, and without the secrets of the run. */
import { Opcode } from "../frame/opcode.js";
import type { MessageView } from "../message/view.js";
import type { Redactor } from "../recording/redactor.js";
import { numberText } from "./exact-number.js";
import { opcodeName } from "./heard.js";
import type { JsonChange } from "./json-diff.js";
import type { Difference, Failure, ShownChange } from "./result.js";

/** So many characters of a value, and of a message, are kept. */
const longestValue = 500;

/** Of what is longer no more is looked at for secrets, in bytes or characters: far more than is kept. */
const longestLooked = 64 * 1024;

/** So many bytes on either side are looked at with those that are shown. */
const aside = 4096;

/** Bytes of a message without text that are shown. */
export const shownBytes = 32;

/** Quotes what comes, and what came then. */
export class Quotes {
  readonly #redactor: Redactor | undefined;

  /** @param redactor hides what it knows by then; undefined where nothing is secret */
  constructor(redactor: Redactor | undefined) {
    this.#redactor = redactor;
  }

  /** A message as it is told of: its text, or that it has none. */
  message({ text, bytes, opcode }: MessageView): string {
    const seen = bytes.subarray(0, longestLooked);
    const hidden = this.#redactor?.payload(opcode, seen);
    if (text !== undefined) return cut(hidden?.toString("utf8") ?? text);
    return `${opcodeName(opcode)}, ${bytes.length} bytes: ${(hidden ?? seen).toString("hex", 0, shownBytes)}`;
  }

  /** The bytes from there on, as many as are shown, in hex. */
  hex(bytes: Buffer, at: number): string {
    const from = Math.max(0, at - aside);
    const near = bytes.subarray(from, at + shownBytes + aside);
    const hidden = this.#redactor?.payload(Opcode.binary, near) ?? near;
    return hidden.toString("hex", at - from, at - from + shownBytes);
  }

  /** A change, its values as JSON. */
  change({ path, recorded, received }: JsonChange): ShownChange {
    return {
      path: this.text(path),
      ...(recorded === undefined ? {} : { recorded: this.#value(recorded, path) }),
      ...(received === undefined ? {} : { received: this.#value(received, path) }),
    };
  }

  /** A difference that was put into words elsewhere. */
  difference(difference: Difference): Difference {
    if (!this.#redactor) return difference;
    const changes = difference.changes.map(({ path, recorded, received }) => ({
      path: this.text(path),
      ...(recorded === undefined ? {} : { recorded: this.text(recorded) }),
      ...(received === undefined ? {} : { received: this.text(received) }),
    }));
    return { ...difference, changes };
  }

  /** Why a connection failed; servers say what they like in a refusal. */
  failure({ code, message, hint, where }: Failure): Failure {
    return {
      code,
      message: this.text(message),
      ...(hint === undefined ? {} : { hint: this.text(hint) }),
      where: where.map((line) => this.text(line)),
    };
  }

  /** A text, the end of which may have been cut off. */
  text(text: string): string {
    return this.#redactor?.reason(text) ?? text;
  }

  /** As JSON; what is no JSON, such as bytes and opcodes, as it is. */
  #value(value: NonNullable<JsonChange["recorded"]> | null, path: string): string {
    const digits = typeof value === "string" ? numberText(value) : undefined;
    if (digits !== undefined) return cut(this.text(digits));
    const isPlain = typeof value === "string" && /^(?:byte \d+|opcode|by|status)$/.test(path);
    if (isPlain) return value;
    try {
      const said = typeof value === "string" ? value.slice(0, longestLooked) : value;
      return cut(this.text(JSON.stringify(said).slice(0, longestLooked)));
    } catch {
      return "(nested too deeply)";
    }
  }
}

function cut(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`;
}
