/** Owns how bytes look: offset, hexadecimal, and the letters among them. */
import type { ChalkInstance } from "chalk";
import type { Lines } from "./json.js";

/** Lines of bytes. */
interface HexLines extends Lines {
  /** How many bytes they hold. */
  readonly shown: number;
}

const across = 16;

/**
 * The bytes, sixteen a line.
 * @param from offset of the first byte shown
 */
export function hexLines(
  bytes: Buffer,
  { chalk }: { readonly chalk: ChalkInstance },
  mostLines: number,
  from = 0,
): HexLines {
  const digits = bytes.length > 0xffff ? 8 : 4;
  const lines: string[] = [];
  for (let at = from; at < bytes.length && lines.length < mostLines; at += across) {
    const row = bytes.subarray(at, Math.min(at + across, bytes.length));
    const hex = row
      .toString("hex")
      .replace(/../g, "$& ")
      .padEnd(across * 3);
    const halves = `${hex.slice(0, 24)} ${hex.slice(24)}`;
    const letters = row.toString("latin1").replace(/[^ -~]/g, "·");
    lines.push(
      `${chalk.dim(at.toString(16).padStart(digits, "0"))}  ${halves} ${chalk.green(letters)}`,
    );
  }
  const shown = Math.min(lines.length * across, Math.max(0, bytes.length - from));
  return { lines, cut: from + shown < bytes.length, shown };
}
