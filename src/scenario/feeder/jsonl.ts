/** Owns rows of JSONL: one object a line. */
import type { Row } from "../feeder.js";
import { parseRows, rowOfJson } from "./row.js";

/** No line of a data file is longer, in characters. */
const longestLine = 1024 * 1024;

/**
 * The rows of a file's bytes; empty lines are none.
 * @throws Error naming the line, for one that is no object, or too long
 */
export async function* readJsonl(bytes: AsyncIterable<Buffer>): AsyncGenerator<Row> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    if (rest.length > longestLine) throw new Error(`line ${number + 1} is longer than 1 MiB`);
    for (const line of lines) {
      number++;
      if (line.trim() !== "") yield rowOfLine(line, number);
    }
  }
  rest += decoder.decode();
  if (rest.trim() !== "") yield rowOfLine(rest, number + 1);
}

function rowOfLine(line: string, number: number): Row {
  return rowOfJson(parseRows(line, `line ${number}`), `line ${number}`);
}
