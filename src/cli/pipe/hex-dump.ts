/** Owns how bytes are shown on a terminal: in hexadecimal, sixteen a line, with what is ASCII beside. */

const perLine = 16;

/** The dump, each line ended; empty for no bytes. */
export function hexDump(bytes: Buffer): string {
  let dump = "";
  for (let at = 0; at < bytes.length; at += perLine) {
    const line = bytes.subarray(at, at + perLine);
    const pairs = line.toString("hex").replace(/../g, "$& ");
    const halves = `${pairs.slice(0, 24).padEnd(24)} ${pairs.slice(24).padEnd(24)}`;
    const ascii = line.toString("latin1").replace(/[^ -~]/g, ".");
    dump += `${at.toString(16).padStart(8, "0")}  ${halves} |${ascii}|\n`;
  }
  return dump;
}
