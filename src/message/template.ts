/**
 * Owns templates once they are compiled: text with holes, joined per message or, where that can
 * be, rendered once and patched in place.
 */
import { jsonText, type JsonValue } from "./json.js";
import { resolve } from "./resolve.js";
import { parseTemplate } from "./template-syntax.js";
import { noContext } from "./value.js";
import type { Cadence, NameScope, RenderContext, Value } from "./value.js";

/** A compiled template. */
export interface Template {
  /** How often its text changes. */
  readonly cadence: Cadence;
  /** Its text, when that never changes. */
  readonly constant: string | undefined;
  /** The names in its holes, built-ins with their `$`; those folded into the text included. */
  readonly uses: ReadonlySet<string>;
  /** @throws WsctlError WSCTL_EUSAGE when a name has no value yet */
  render(context: RenderContext): string;
  /**
   * The message as bytes, and where they change from one message to the next on this connection;
   * undefined when a hole cannot be overwritten in place, so that every message must be rendered.
   * @throws WsctlError WSCTL_EUSAGE when a name has no value yet
   */
  prepare(context: RenderContext): PreparedMessage | undefined;
}

/** A message of fixed length whose changing parts are overwritten in place. */
interface PreparedMessage {
  /** The payload as it is for the context it was prepared with. */
  readonly bytes: Buffer;
  readonly patches: readonly Patch[];
}

/** One changing part of a prepared message. */
interface Patch {
  /** As it is written in the template: `$stamp`. */
  readonly name: string;
  /** From the beginning of the payload, in bytes. */
  readonly offset: number;
  /** In bytes. */
  readonly width: number;
  /**
   * Writes the value of this message.
   * @param at where the payload begins in `into`
   * @returns false when it is no longer `width` bytes long (`$seq` going from 9 to 10): nothing
   * was written, prepare anew
   */
  apply(into: Buffer, at: number, context: RenderContext): boolean;
}

/** How a hole's value becomes text. */
export type Encode = (value: JsonValue) => string;

/** A hole, and how its value is written there. */
export interface Hole {
  readonly value: Value;
  readonly encode: Encode;
}

/** Text as it is; anything else as JSON. Throws as {@link jsonText} does. */
export const asText: Encode = (value) => (typeof value === "string" ? value : jsonText(value));

/**
 * Compiles a template for a message or a header. Values go in as they are: to send JSON, use
 * {@link compileJsonTemplate}, which quotes them.
 * @throws WsctlError WSCTL_EUSAGE with the column of the mistake and the nearest valid name
 */
export function compileTemplate(source: string, names: NameScope): Template {
  const pieces = parseTemplate(source);
  return assemble(
    pieces.map((piece) =>
      typeof piece === "string" ? piece : { value: resolve(piece, source, names), encode: asText },
    ),
  );
}

/** Makes a template of text and holes; what is constant becomes text at once. */
export function assemble(pieces: readonly (string | Hole)[]): Template {
  const parts: (string | Hole)[] = [];
  const uses = new Set<string>();
  let text = "";
  let cadence: Cadence = "constant";
  for (const piece of pieces) {
    if (typeof piece === "string") {
      text += piece;
      continue;
    }
    const { value, encode } = piece;
    uses.add(value.name);
    if (value.cadence === "constant") {
      text += encode(value.read(noContext));
      continue;
    }
    if (cadence !== "message") ({ cadence } = value);
    if (text !== "") parts.push(text);
    text = "";
    parts.push(piece);
  }
  if (cadence === "constant") return constantTemplate(text, uses);
  if (text !== "") parts.push(text);
  return {
    cadence,
    constant: undefined,
    uses,
    render: (context) => render(parts, context),
    prepare: (context) => prepare(parts, context),
  };
}

function constantTemplate(text: string, uses: ReadonlySet<string>): Template {
  let prepared: PreparedMessage | undefined;
  return {
    cadence: "constant",
    constant: text,
    uses,
    render: () => text,
    prepare: () => (prepared ??= { bytes: Buffer.from(text, "utf8"), patches: [] }),
  };
}

function render(parts: readonly (string | Hole)[], context: RenderContext): string {
  let text = "";
  for (const part of parts) {
    text += typeof part === "string" ? part : part.encode(part.value.read(context));
  }
  return text;
}

function prepare(
  parts: readonly (string | Hole)[],
  context: RenderContext,
): PreparedMessage | undefined {
  const patches: Patch[] = [];
  const chunks: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const changes = typeof part !== "string" && part.value.cadence === "message";
    if (changes && !part.value.write) return undefined;
    const text = typeof part === "string" ? part : part.encode(part.value.read(context));
    const chunk = Buffer.from(text, "utf8");
    if (changes) patches.push(patchOf(part.value, offset, chunk.length));
    chunks.push(chunk);
    offset += chunk.length;
  }
  return { bytes: Buffer.concat(chunks, offset), patches };
}

function patchOf(value: Value, offset: number, width: number): Patch {
  return {
    name: value.name,
    offset,
    width,
    apply: (into, at, context) => value.write!(into, at + offset, width, context),
  };
}
