/** Owns long commands on several lines, such that they can still be copied and pasted as they stand. */

/** A word of a shell, quotes and all. */
const word = /(?:[^\s'"$\\]|'[^']*'|\$'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\$(?!')|\\.)+/gs;

const longestBroken = 20_000;

/**
 * The command, broken between words, each line but the last ended by a backslash. What has a line
 * break of its own, or quotes that do not end, stays as it is.
 */
export function commandLines(command: string, width: number): string[] {
  if (command.length <= width || command.length > longestBroken) return [command];
  const words = command.match(word) ?? [];
  if (command.includes("\n") || words.join(" ") !== command) return [command];
  const lines: string[] = [];
  let line = "";
  for (const [index, each] of words.entries()) {
    // A flag stays with its value.
    const isValue = index > 0 && /^--?[A-Za-z]/.test(words[index - 1]!) && !each.startsWith("-");
    const next = words[index + 1];
    const pair = next !== undefined && /^--?[A-Za-z]/.test(each) && !next.startsWith("-");
    const length = line.length + 1 + each.length + (pair ? 1 + next.length : 0);
    if (line !== "" && !isValue && length > width - 2) {
      lines.push(`${line} \\`);
      line = `  ${each}`;
    } else {
      line = line === "" ? each : `${line} ${each}`;
    }
  }
  return [...lines, line];
}
