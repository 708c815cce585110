/** Owns `wsctl serve --list-faults`: every fault, what it does, and the bug of clients it reveals. */
import Table from "cli-table3";
import { type FaultKind, faultKinds } from "../../faults/fault-kinds.js";
import type { Ink } from "../../report/ink.js";

const bare = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** The list, as a table for people or as JSON. */
export function faultList(asJson: boolean, ink: Ink): string {
  if (asJson) {
    const faults = [...faultKinds].map(([name, { summary, reveals, value }]) => ({
      name,
      summary,
      reveals,
      value,
    }));
    return `${JSON.stringify(faults)}\n`;
  }
  const { chalk } = ink;
  const examples = [...faultKinds].map(([name, kind]) => exampleOf(name, kind));
  const rows = [...faultKinds.values()].map(({ summary, reveals, value }, index) => [
    chalk.cyan(examples[index]!),
    value?.default === undefined ? summary : `${summary} (default: ${value.default})`,
    reveals,
  ]);
  const first = Math.max(5, ...examples.map((example) => example.length));
  const left = ink.width - first - 6;
  const table = new Table({
    head: ["fault", "what it does", "a client's bug that it reveals"].map((each) =>
      chalk.bold(each),
    ),
    colWidths: [first + 1, Math.floor(left * 0.55), Math.floor(left * 0.45)],
    chars: bare,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    wordWrap: true,
  });
  table.push(...rows);
  const lines = table.toString().split("\n");
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

/** How the fault could be asked for: a number stands where the name has a word in capitals. */
function exampleOf(name: string, { value, numbers }: FaultKind): string {
  if (!numbers) return value ? `${name}=${value.example}` : name;
  // Where the number means something without a value, that is the simplest.
  const plain = value?.default !== undefined;
  const number = plain ? numbers.examples[0] : numbers.examples.at(-1);
  const whole = name.replace(/[A-Z]+$/, String(number));
  return value && !plain ? `${whole}=${value.example}` : whole;
}
