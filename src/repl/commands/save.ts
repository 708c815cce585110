/** Owns /save. */
import { open } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { messageOf, WsctlError } from "../../base/errors.js";
import { formatCount, formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { Opcode } from "../../frame/opcode.js";
import { redactUrl } from "../../scenario/redact.js";
import { type Command, misused } from "../command.js";
import type { Desk } from "../desk.js";
import { pathOf } from "../files.js";
import type { LogEntry } from "../message-log.js";

/** Lines of JSON that are written at a time. */
const batch = 256;

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

function* chunks({ log, link }: Desk): Generator<string | Buffer> {
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
    if (++lines % batch > 0 && text.length < 1024 * 1024) continue;
    yield text;
    text = "";
  }
  yield text;
}

function payload({ log }: Desk, number: number): readonly Buffer[] {
  const entry = log.get(number);
  if (!entry) throw misused(save, `message ${number} is not kept`);
  if (entry.data.length < entry.length) {
    throw misused(save, `message ${number} was too large to be kept whole`);
  }
  return [entry.data];
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
    let bytes = 0;
    try {
      // Messages may hold secrets: nobody else is to read them.
      const file = await open(pathOf(name), "wx", 0o600);
      try {
        for (const part of parts) {
          signal.throwIfAborted();
          await file.writeFile(part);
          bytes += Buffer.byteLength(part);
        }
      } finally {
        await file.close();
      }
    } catch (cause) {
      const why = safeLine(messageOf(cause));
      throw new WsctlError("WSCTL_EUSAGE", `cannot write ${safeLine(name)}: ${why}`, { cause });
    }
    const what = number === undefined ? `${formatCount(desk.log.size)} messages` : `#${number}`;
    desk.feed.say(
      desk.ink.chalk.dim(`· ${what} written to ${safeLine(name)}, ${formatSize(bytes)}`),
    );
  },
};
