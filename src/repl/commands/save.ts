/** Owns /save. */
import { type FileHandle, open, unlink } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { WsctlError } from "../../base/errors.js";
import { formatCount, formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { Opcode } from "../../frame/opcode.js";
import { redactUrl } from "../../base/redact-url.js";
import { type Command, misused } from "../command.js";
import type { Desk } from "../desk.js";
import { pathOf, whyNot } from "../files.js";
import type { LogEntry } from "../message-log.js";

/** Lines of JSON that are written at a time. */
const batch = 256;

/** What is written at once, and how many messages it holds. */
type Chunk = readonly [data: string | Buffer, messages: number];

/** One line of a recording. */
function recorded(entry: LogEntry, begun: number): string {
  const { time, direction, binary, data, length, wire } = entry;
  const isText = !binary && isUtf8(data);
  return `${JSON.stringify({
    t: time - begun,
    k: direction,
    op: binary ? Opcode.binary : Opcode.text,
    ...(isText ? { data: data.toString("utf8") } : { b64: data.toString("base64") }),
    wire,
    ...(data.length < length ? { cutFrom: length } : {}),
  })}\n`;
}

function* chunks({ log, link }: Desk): Generator<Chunk> {
  const begun = log.get(log.first)?.time ?? Date.now();
  const { target } = link.options;
  const startedAt = new Date(begun).toISOString();
  let text = `${JSON.stringify({ wsrec: 1, url: redactUrl(target.url), startedAt })}\n`;
  let lines = 0;
  // What comes while this is written is for the next time.
  const { last } = log;
  for (const entry of log.from(log.first)) {
    if (entry.number > last) break;
    text += recorded(entry, begun);
    if (++lines < batch && text.length < 1024 * 1024) continue;
    yield [text, lines];
    text = "";
    lines = 0;
  }
  yield [text, lines];
}

function payload({ log }: Desk, number: number): readonly Chunk[] {
  const entry = log.get(number);
  if (!entry) throw misused(save, `message ${number} is not kept`);
  if (entry.data.length < entry.length) {
    throw misused(save, `message ${number} was too large to be kept whole`);
  }
  return [[entry.data, 1]];
}

/** What has been written. */
interface Written {
  readonly bytes: number;
  readonly messages: number;
}

async function write(
  file: FileHandle,
  parts: Iterable<Chunk>,
  signal: AbortSignal,
): Promise<Written> {
  let bytes = 0;
  let messages = 0;
  for (const [data, count] of parts) {
    if (signal.aborted) throw new WsctlError("WSCTL_EABORTED", "stopped: nothing was kept of it");
    await file.writeFile(data);
    bytes += Buffer.byteLength(data);
    messages += count;
  }
  return { bytes, messages };
}

/** Writes a file that there was not; of one that cannot be written whole nothing stays. */
async function writeNew(
  name: string,
  parts: Iterable<Chunk>,
  signal: AbortSignal,
): Promise<Written> {
  // Messages may hold secrets: nobody else is to read them.
  const file = await open(pathOf(name), "wx", 0o600);
  try {
    try {
      return await write(file, parts, signal);
    } finally {
      await file.close();
    }
  } catch (error) {
    await unlink(pathOf(name)).catch(() => {});
    throw error;
  }
}

/** `/save FILE [N]` */
export const save: Command = {
  name: "save",
  takes: "FILE [N]",
  summary: "write the messages kept to a new file, as JSONL; or the bytes of message N",
  completes: "file",
  run: async (desk, rest, signal) => {
    const [, name = "", number] = /^(.*?)(?:\s+#?(\d+))?$/s.exec(rest) ?? [];
    if (name === "") throw misused(save, "into which file?");
    const parts = number === undefined ? chunks(desk) : payload(desk, Number(number));
    let written: Written;
    try {
      written = await writeNew(name, parts, signal);
    } catch (cause) {
      if (cause instanceof WsctlError) throw cause;
      const { why, hint } = whyNot(cause);
      const message = `cannot write ${safeLine(name)}: ${why}`;
      throw new WsctlError("WSCTL_EUSAGE", message, { hint, cause });
    }
    const { bytes, messages } = written;
    const counted = messages === 1 ? "1 message" : `${formatCount(messages)} messages`;
    const what = number === undefined ? counted : `#${number}`;
    desk.feed.say(
      desk.ink.chalk.dim(`· ${what} written to ${safeLine(name)}, ${formatSize(bytes)}`),
    );
  },
};
