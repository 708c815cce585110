/** Owns one row of `_webSocketMessages`: a message or a close frame of a recording, both ways. */
import { Opcode } from "../../frame/opcode.js";
import type { CloseLine, MessageLine } from "../line.js";
import { payloadOf } from "../payload.js";
import { type Foreign, objectOf, textOf } from "./foreign.js";
import { base64Bytes, payloadOfRow, rowDataOf } from "./row-data.js";

/** What of a message line HAR has a place for. */
const messagePlaces = new Set(["t", "k", "op", "data", "b64"]);
const closePlaces = new Set(["t", "k"]);

/** Every opcode that stands for something by itself; the others are reserved, or pieces of messages. */
const whole: ReadonlySet<unknown> = new Set([
  Opcode.text,
  Opcode.binary,
  Opcode.close,
  Opcode.ping,
  Opcode.pong,
]);

const noStatus = 1005;

/** A row that is no message. */
interface Skipped {
  /** Why, as one says it of several. */
  readonly skipped: string;
  /** What the row says of an error. */
  readonly error?: string | undefined;
}

/** A line, once its time is known, and what had to be guessed. */
interface FromRow {
  readonly lineAt: (t: number) => MessageLine | CloseLine;
  readonly guess?: "text" | "half" | undefined;
}

/** What a row of another tool stands for. */
export function lineOfRow(value: unknown): FromRow | Skipped {
  const row = objectOf(value);
  if (!row) return { skipped: "rows that are no objects" };
  const type = row["type"];
  const op = row["opcode"];
  const data = textOf(row["data"]);
  if (type === "error" || op === -1) return { skipped: "error rows", error: data };
  if (type !== "send" && type !== "receive") {
    return { skipped: "rows that are neither sent nor received" };
  }
  if (typeof op !== "number" || !whole.has(op)) {
    return { skipped: "rows of an opcode that is no message's" };
  }
  if (data === undefined) return { skipped: "rows without data" };
  const { payload, guess } = payloadOfRow(op, data);
  const k = type === "send" ? "out" : "in";
  const message = (t: number): MessageLine => ({ t, k, op, ...payload });
  if (op === Opcode.close) return { lineAt: (t) => closeOf(message(t)) };
  return { lineAt: message, guess };
}

/** An odd code or reason of the other side is kept as well as can be. */
function closeOf(frame: MessageLine): CloseLine {
  const payload = payloadOf(frame);
  const by = frame.k === "out" ? "client" : "server";
  const code = payload.length < 2 ? noStatus : payload.readUInt16BE(0);
  return { t: frame.t, k: "close", by, code, reason: payload.toString("utf8", 2) };
}

/** The line that a row was made of; its members are for the reader of recordings to check. */
export function ownLineOfRow(row: Foreign, t: number): Foreign {
  const rest = objectOf(row["_wsctlLine"]) ?? {};
  const op = row["opcode"];
  if (op === Opcode.close) return { t, k: "close", ...without(rest, closePlaces) };
  const exact = textOf(row["_wsctlB64"]);
  const isExact = exact !== undefined && base64Bytes(exact) !== undefined;
  const payload = isExact
    ? { b64: exact }
    : payloadOfRow(op as number, textOf(row["data"]) ?? "").payload;
  const k = row["type"] === "send" ? "out" : "in";
  return { t, k, op, ...payload, ...without(rest, messagePlaces) };
}

/** The members that HAR has no place for. */
function without(line: Foreign, places: ReadonlySet<string>): Foreign {
  return Object.fromEntries(Object.entries(line).filter(([name]) => !places.has(name)));
}

/** When a row happened. */
interface RowTime {
  /** Seconds since 1970. */
  readonly time: number;
  /** Milliseconds since the start, exactly as recorded. */
  readonly t: number;
}

/** A message as a row. */
export function rowOfMessage(line: MessageLine, { time, t }: RowTime): object {
  const extras = without(line, messagePlaces);
  return {
    type: line.k === "out" ? "send" : "receive",
    time,
    opcode: line.op,
    ...rowDataOf(line.op, payloadOf(line)),
    _wsctlT: t,
    ...(Object.keys(extras).length > 0 ? { _wsctlLine: extras } : {}),
  };
}

/** A close as a row; undefined for an end without a close frame, which is no row. */
export function rowOfClose(line: CloseLine, { time, t }: RowTime): object | undefined {
  const { by, code, reason } = line;
  if (by === "nobody" || !Number.isInteger(code) || code < 0 || code > 0xffff) return undefined;
  const status = Buffer.alloc(2);
  status.writeUInt16BE(code);
  const payload =
    code === noStatus ? Buffer.alloc(0) : Buffer.concat([status, Buffer.from(reason)]);
  return {
    type: by === "client" ? "send" : "receive",
    time,
    opcode: Opcode.close,
    data: payload.toString("base64"),
    _wsctlT: t,
    _wsctlLine: without(line, closePlaces),
  };
}
