/**
 * Owns the `.har.zip` archive that Playwright writes: a HAR, and beside it a file for what each of its
 * entries held. Nothing is unpacked but what is asked for, and never more than it may be.
 */
import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from "yauzl";
import { messageOf, WsctlError } from "../../base/errors.js";
import { formatSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";

/** Files of an archive that are looked at: a page loads thousands, not millions. */
const mostFiles = 100_000;

/** Nobody who means well names a file longer. */
const longestName = 1024;

/** What may be of use to a HAR: itself, and messages. */
const useful = /\.(?:har|jsonl)$/i;

const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true } as const;

function refuse(what: string, cause?: unknown): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `the archive cannot be read: ${safeLine(what)}`, {
    hint: "unpack it with another tool, and give the .har file in it",
    cause,
  });
}

/** An opened archive. */
export class HarArchive {
  readonly #zip: ZipFile;
  readonly #files: ReadonlyMap<string, Entry>;

  private constructor(zip: ZipFile, files: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#files = files;
  }

  /**
   * @param source the path of the archive, or its bytes
   * @throws WsctlError WSCTL_EUSAGE for what is no archive, or a hostile one
   */
  static async open(source: string | Buffer): Promise<HarArchive> {
    const zip = await opened(source);
    try {
      return new HarArchive(zip, await listed(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  /** The name of the HAR in it: `har.har`, as Playwright has it, or else the only one. */
  get harName(): string {
    const names = [...this.#files.keys()].filter((name) => /\.har$/i.test(name));
    if (names.includes("har.har")) return "har.har";
    if (names.length === 1) return names[0]!;
    throw refuse(
      names.length === 0 ? "there is no .har file in it" : "there are several .har files",
    );
  }

  /**
   * The bytes of a file in it, in pieces.
   * @param most bytes that it may have
   * @throws WsctlError WSCTL_EUSAGE when it is not there, too large, or not what its entry says
   */
  async *bytes(name: string, most: number): AsyncGenerator<Buffer> {
    const entry = this.#files.get(name);
    if (!entry) throw refuse(`there is no ${safeLine(name, 100)} in it`);
    if (entry.uncompressedSize > most) {
      const size = formatSize(entry.uncompressedSize);
      throw refuse(`${name} takes ${size} unpacked, and ${formatSize(most)} are read`);
    }
    let sum = 0;
    try {
      for await (const piece of await this.#zip.openReadStreamPromise(entry)) {
        sum = crc32(piece as Buffer, sum);
        yield piece as Buffer;
      }
    } catch (cause) {
      if (cause instanceof WsctlError) throw cause;
      throw refuse(`${name}: ${messageOf(cause)}`, cause);
    }
    if (sum !== entry.crc32)
      throw refuse(`${name} is damaged: its checksum is not that of its bytes`);
  }

  /** Gives the file back. */
  close(): void {
    this.#zip.close();
  }
}

async function opened(source: string | Buffer): Promise<ZipFile> {
  try {
    return typeof source === "string"
      ? await openPromise(source, options)
      : await fromBufferPromise(source, options);
  } catch (cause) {
    throw refuse(messageOf(cause), cause);
  }
}

/** Walks the central directory, of which only what is useful is kept. */
async function listed(zip: ZipFile): Promise<Map<string, Entry>> {
  const files = new Map<string, Entry>();
  let count = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (++count > mostFiles) throw refuse(`it has more than ${mostFiles} files`);
      const { fileName } = entry;
      if (fileName.length <= longestName && useful.test(fileName)) files.set(fileName, entry);
    }
  } catch (cause) {
    throw cause instanceof WsctlError ? cause : refuse(messageOf(cause), cause);
  }
  return files;
}
