/**
 * Owns where a HAR comes from: a file, an archive, or bytes that came on stdin. It is parsed whole, so
 * that it may not be larger than memory allows; attached messages are read as a stream.
 */
import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { inflateSync } from "node:zlib";
import { messageOf, WsctlError } from "../../base/errors.js";
import { formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { itemsOf, objectOf, textOf, type Foreign } from "./foreign.js";
import { piecesOf } from "../file-pieces.js";
import { whyRefused } from "../file-refusal.js";
import { HarArchive } from "./har-archive.js";

/** The largest HAR that is parsed; what it becomes in memory is several times that. */
export const largestHar = 256 * 1024 * 1024;

/** The most bytes of messages that may be attached to one entry. */
const largestAttachment = 4 * 1024 * 1024 * 1024;

const zipMarks: ReadonlySet<string> = new Set(["504b0304", "504b0506"]);

/** A parsed HAR. */
export interface HarFile {
  /** Such as `WebInspector 537.36`; empty when the file does not say. */
  readonly creator: string;
  readonly entries: readonly Foreign[];
  /**
   * The bytes of a file that an entry refers to.
   * @throws WsctlError WSCTL_EUSAGE when it is not there, too large, or outside of where it may be
   */
  attached(name: string): AsyncIterable<Buffer>;
  /** Gives files back. */
  close(): void;
}

/** Whether bytes begin as a zip archive does. */
function isZip(start: Buffer): boolean {
  return zipMarks.has(start.subarray(0, 4).toString("hex"));
}

/** Whether bytes begin as mitmproxy's `.zhar` does: packed with zlib (RFC 1950 §2.2). */
function isZlib(start: Buffer): boolean {
  return start.length > 1 && start[0] === 0x78 && start.readUInt16BE(0) % 31 === 0;
}

/**
 * Whether bytes are the start of a HAR rather than of a recording.
 * @param start the first bytes, a hundred or more of them
 */
export function looksLikeHar(start: Buffer): boolean {
  const beginsWithLog = /^\ufeff?\s*\{\s*"log"\s*:/;
  return isZip(start) || isZlib(start) || beginsWithLog.test(start.toString("utf8"));
}

/**
 * Reads a HAR.
 *
 * @param source the path of a `.har`, `.har.zip` or `.zhar`, or the bytes of one
 * @throws WsctlError WSCTL_EUSAGE for what cannot be read, is too large, or is no HAR
 */
export async function openHar(source: string | Buffer): Promise<HarFile> {
  const start = typeof source === "string" ? await startOf(source) : source;
  if (typeof source === "string") refuseOthers(source, start);
  if (isZip(start)) return fromArchive(await HarArchive.open(source));
  const bytes = typeof source === "string" ? await wholeFile(source) : source;
  const folder = typeof source === "string" ? path.dirname(source) : undefined;
  return {
    ...parsed(
      isZlib(bytes) ? inflated(bytes) : bytes,
      typeof source === "string" ? source : "this",
    ),
    attached: (name) => beside(folder, name),
    close: () => {},
  };
}

async function fromArchive(archive: HarArchive): Promise<HarFile> {
  try {
    const pieces: Buffer[] = [];
    for await (const piece of archive.bytes(archive.harName, largestHar)) pieces.push(piece);
    return {
      ...parsed(Buffer.concat(pieces)),
      attached: (name) => archive.bytes(name, largestAttachment),
      close: () => archive.close(),
    };
  } catch (error) {
    archive.close();
    throw error;
  }
}

/** @param name of the file, for errors */
function parsed(bytes: Buffer, name = "this"): Pick<HarFile, "creator" | "entries"> {
  if (bytes.length > largestHar) throw tooLarge();
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString("utf8").replace(/^\ufeff/, ""));
  } catch (cause) {
    // What the engine says quotes the text, which may hold secrets.
    throw noHar("it is not JSON", cause, name);
  }
  const log = objectOf(objectOf(json)?.["log"]);
  if (!log || !Array.isArray(log["entries"])) throw noHar("it has no log.entries", undefined, name);
  const creator = objectOf(log["creator"]);
  return {
    creator: [textOf(creator?.["name"]), textOf(creator?.["version"])].join(" ").trim(),
    entries: itemsOf(log["entries"])
      .map(objectOf)
      .filter((entry) => entry !== undefined),
  };
}

function inflated(bytes: Buffer): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: largestHar });
  } catch (cause) {
    throw noHar(`it cannot be unpacked: ${messageOf(cause)}`, cause);
  }
}

/** @throws WsctlError WSCTL_EUSAGE for a file of another kind */
function refuseOthers(name: string, start: Buffer): void {
  const shown = safeLine(name, 100);
  if (/^\s*\{\s*"wsrec"/.test(start.toString("utf8"))) {
    throw new WsctlError("WSCTL_EUSAGE", `${shown} is no HAR, but a recording`, {
      hint: "`wsctl scenario from-recording FILE` makes a scenario of it",
    });
  }
  if (start[0] === 0x1f && start[1] === 0x8b) {
    throw new WsctlError("WSCTL_EUSAGE", `${shown} is no HAR: it is packed with gzip`, {
      hint: "unpack it first: gunzip -k FILE",
    });
  }
}

async function startOf(file: string): Promise<Buffer> {
  for await (const piece of piecesOf(file)) return Buffer.from(piece.subarray(0, 16));
  return Buffer.alloc(0);
}

async function wholeFile(file: string): Promise<Buffer> {
  // What has no size, such as a pipe, is found out about while it is read.
  const facts = await stat(file).catch(() => undefined);
  if (facts && facts.size > largestHar) throw tooLarge();
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of piecesOf(file)) {
    size += piece.length;
    if (size > largestHar) throw tooLarge();
    // The memory of a piece is used again.
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces, size);
}

/** The bytes of a file next to the HAR, or below, and nowhere else. */
async function* beside(folder: string | undefined, name: string): AsyncGenerator<Buffer> {
  if (folder === undefined) {
    throw new WsctlError("WSCTL_EUSAGE", "the messages are in a file beside the HAR", {
      hint: "give the HAR as a file, not on stdin, or as the .har.zip",
    });
  }
  yield* piecesOf(await placeOf(folder, name));
}

/** Where it is: links are followed first, so that they do not lead elsewhere. */
async function placeOf(folder: string, name: string): Promise<string> {
  if (!/\.jsonl$/i.test(name) || name.includes("\0")) {
    throw refuseAttachment(name, "it is no .jsonl file");
  }
  let file: string;
  let root: string;
  try {
    root = await realpath(folder);
    file = await realpath(path.resolve(root, name));
  } catch (cause) {
    throw refuseAttachment(name, whyRefused(cause), cause);
  }
  const way = path.relative(root, file);
  if (way.startsWith("..") || path.isAbsolute(way)) {
    throw refuseAttachment(name, "it is outside of the HAR's folder");
  }
  const facts = await stat(file);
  if (!facts.isFile()) throw refuseAttachment(name, "it is no plain file");
  if (facts.size > largestAttachment) {
    throw refuseAttachment(name, `it is larger than ${formatSize(largestAttachment)}`);
  }
  return file;
}

function refuseAttachment(name: string, why: string, cause?: unknown): WsctlError {
  const message = `the messages in ${safeLine(name, 100)} cannot be read: ${why}`;
  return new WsctlError("WSCTL_EUSAGE", message, { cause });
}

function tooLarge(): WsctlError {
  return new WsctlError(
    "WSCTL_EUSAGE",
    `a HAR is parsed whole, and this one is larger than ${formatSize(largestHar)}`,
    {
      hint: "export fewer requests: filter for WS before exporting, or have the messages attached",
    },
  );
}

function noHar(why: string, cause?: unknown, name = "this"): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `${safeLine(name, 100)} is no HAR: ${safeLine(why)}`, {
    hint: "a HAR is what browsers, Playwright and mitmproxy export: JSON with log.entries",
    cause,
  });
}
