/** Owns which entries of a HAR are WebSockets, and what one can tell about them before choosing. */
import { isControl, Opcode } from "../../frame/opcode.js";
import { headerValue } from "../../frame/upgrade.js";
import { type Foreign, itemsOf, numberOf, objectOf, textOf } from "./foreign.js";
import type { HarFile } from "./har-file.js";
import { headersOf, socketUrl } from "./headers.js";

/** One WebSocket of a HAR. */
export interface HarSocket {
  /** 1, 2, 3 … in the order of the file. */
  readonly number: number;
  /** Of the scheme ws or wss where the file has an absolute one; may hold secrets. */
  readonly url: string;
  /** ISO 8601 as the file has it; empty where it has none. */
  readonly startedAt: string;
  /** The HTTP status; 0 where the file does not say. */
  readonly status: number;
  /** How many messages, as far as one can tell without reading them; undefined where they are in a file of their own. */
  readonly messages: number | undefined;
  /** The entry as the file has it. */
  readonly entry: Foreign;
}

const switching = 101;

/** The name of the file in which Playwright keeps the messages of an entry, if it does. */
export function attachmentOf(entry: Foreign): string | undefined {
  const content = objectOf(objectOf(entry["response"])?.["content"]);
  const file = textOf(content?.["_file"]);
  return file !== undefined && /\.jsonl$/i.test(file) ? file : undefined;
}

/** The rows of messages that are within the entry; undefined where there are none. */
export function rowsOf(entry: Foreign): readonly unknown[] | undefined {
  const rows = entry["_webSocketMessages"];
  return Array.isArray(rows) ? rows : undefined;
}

/** HTTP/1.1 answers 101; over HTTP/2 a socket is a CONNECT that was answered 200 (RFC 8441 §5). */
function isSocket(entry: Foreign): boolean {
  if (rowsOf(entry) !== undefined) return true;
  const request = objectOf(entry["request"]);
  const response = objectOf(entry["response"]);
  if (entry["_resourceType"] === "websocket" || /^wss?:/i.test(textOf(request?.["url"]) ?? "")) {
    return true;
  }
  const upgrade = headerValue(headersOf(response?.["headers"]), "upgrade");
  return response?.["status"] === switching && /^websocket$/i.test(upgrade ?? "");
}

/** Whether a row is a message: no error, and no frame that ends, pings or pongs. */
function isSaid(row: unknown): boolean {
  const { type, opcode } = objectOf(row) ?? {};
  return type !== "error" && !isControl(numberOf(opcode) ?? Opcode.text);
}

/** Every WebSocket of the file. */
export function socketsOf(har: HarFile): HarSocket[] {
  return har.entries.filter(isSocket).map((entry, index) => {
    const request = objectOf(entry["request"]);
    const status = numberOf(objectOf(entry["response"])?.["status"]) ?? 0;
    const isAttached = rowsOf(entry) === undefined && attachmentOf(entry) !== undefined;
    return {
      number: index + 1,
      url: socketUrl(textOf(request?.["url"]) ?? ""),
      startedAt: textOf(entry["startedDateTime"]) ?? "",
      status: Math.max(0, status),
      messages: isAttached ? undefined : itemsOf(rowsOf(entry)).filter(isSaid).length,
      entry,
    };
  });
}
