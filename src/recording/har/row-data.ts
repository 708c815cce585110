/** Owns the payload of a HAR message: text as it is, everything else in base64. */
import { isUtf8 } from "node:buffer";
import { Opcode } from "../../frame/opcode.js";

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const half = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A payload as a recording has it, and what had to be guessed. */
interface RowPayload {
  readonly payload: { readonly data: string } | { readonly b64: string };
  /** `text`: it should have been base64; `half`: it had half of a surrogate pair, which became U+FFFD. */
  readonly guess?: "text" | "half";
}

/** The bytes of a base64 text; undefined when it is none. */
export function base64Bytes(text: string): Buffer | undefined {
  return base64.test(text) && text.replace(/=+$/, "").length % 4 !== 1
    ? Buffer.from(text, "base64")
    : undefined;
}

/** What the `data` of a message stands for. */
export function payloadOfRow(opcode: number, data: string): RowPayload {
  if (opcode === Opcode.text) {
    if (!half.test(data)) return { payload: { data } };
    return { payload: { data: Buffer.from(data).toString("utf8") }, guess: "half" };
  }
  const bytes = base64Bytes(data);
  if (bytes) return { payload: { b64: bytes.toString("base64") } };
  return { payload: { b64: Buffer.from(data).toString("base64") }, guess: "text" };
}

/** A payload as HAR has it. */
interface RowData {
  readonly data: string;
  /** The bytes of a text that is not UTF-8, which HAR cannot hold otherwise. */
  readonly _wsctlB64?: string;
}

/** The `data` of a message. */
export function rowDataOf(opcode: number, payload: Buffer): RowData {
  if (opcode !== Opcode.text) return { data: payload.toString("base64") };
  const data = payload.toString("utf8");
  return isUtf8(payload) ? { data } : { data, _wsctlB64: payload.toString("base64") };
}
