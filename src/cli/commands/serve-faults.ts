/** Owns `wsctl serve --list-faults`: every fault, what it does, and the bug of clients it reveals. */
import Table from "cli-table3";
import { faultKinds } from "../../faults/fault-kinds.js";
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
  const rows = [...faultKinds].map(([name, { summary, reveals, value }]) => [
    chalk.cyan(value ? `${name}=${value.example}` : name),
    value?.default === undefined ? summary : `${summary} (default: ${value.default})`,
    reveals,
  ]);
  const first = Math.max(5, ...[...faultKinds].map(([name, { value }]) => lengthOf(name, value)));
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

function lengthOf(name: string, value: { readonly example: string } | undefined): number {
  return name.length + (value ? value.example.length + 1 : 0);
}
