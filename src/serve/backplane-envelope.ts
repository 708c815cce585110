/**
 * Owns what nodes say to each other over the backplane: one line of JSON, and behind a line break
 * the bytes of a binary message. Whoever can publish there could say anything: what does not have
 * this form is no message.
 */
import { isJsonObject, type JsonValue } from "../message/json.js";

/** One thing that a node says to all others. */
export interface Envelope {
  /** The process that says it, drawn at its start: a node that comes back has another. */
  readonly life: string;
  readonly node: string;
  /** The number of the last message that it published, or could not publish, this one included. */
  readonly last: number;
  /** How many messages this one carries; 0: it is about the fleet itself. */
  readonly count: number;
  readonly kind: string;
  readonly body: JsonValue;
  readonly payload?: Buffer | undefined;
}

/** Bytes of an envelope: more than the largest message of any mode needs. */
const largest = 512 * 1024;
const lineBreak = 0x0a;
/** So many messages may one envelope carry. */
const mostCarried = 10_000;

/** Names of nodes: they stand in a header, and other nodes repeat them to their clients. */
export const nodeName = /^[\w.:-]{1,64}$/;

/** The envelope in bytes. */
export function sealed({ payload, ...head }: Envelope): Buffer {
  const line = Buffer.from(JSON.stringify({ wsctl: 1, ...head }));
  return payload ? Buffer.concat([line, Buffer.of(lineBreak), payload]) : line;
}

/** What the bytes say; undefined when that is nothing a node would say. */
export function opened(data: Buffer): Envelope | undefined {
  if (data.length > largest) return undefined;
  const end = data.indexOf(lineBreak);
  const head = parsed(end === -1 ? data : data.subarray(0, end));
  if (!isJsonObject(head) || head["wsctl"] !== 1) return undefined;
  const { life, node, last, count, kind, body } = head;
  const known =
    typeof life === "string" &&
    /^[\da-f]{16}$/.test(life) &&
    typeof node === "string" &&
    nodeName.test(node) &&
    isWhole(last) &&
    isWhole(count) &&
    count <= Math.min(last, mostCarried) &&
    typeof kind === "string";
  if (!known) return undefined;
  const payload = end === -1 ? undefined : data.subarray(end + 1);
  return { life, node, last, count, kind, body: body ?? null, payload };
}

/** Whether a value is a count: 0, 1, 2 … */
export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parsed(line: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(line.toString()) as JsonValue;
  } catch {
    return undefined;
  }
}
