/** Owns rows of a JSON array: each of its objects is one. */
import type { Row } from "../feeder.js";
import { parseRows, rowOfJson } from "./row.js";

/** A whole array has to be in memory at once; what is larger is better off as JSONL. */
const largest = 64 * 1024 * 1024;

/**
 * The rows of a file's bytes.
 * @throws Error for what is no array of objects, or too large
 */
export async function* readJson(bytes: AsyncIterable<Buffer>): AsyncGenerator<Row> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > largest)
      throw new Error("a JSON array may have 64 MiB; make it JSONL, a row a line");
    chunks.push(chunk);
  }
  // It takes a byte order mark away.
  const text = new TextDecoder("utf-8").decode(Buffer.concat(chunks, size));
  const whole = parseRows(text, "the file");
  if (!Array.isArray(whole)) throw new Error("expected an array of objects");
  for (const [i, item] of whole.entries()) yield rowOfJson(item, `item ${i + 1}`);
}
