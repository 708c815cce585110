/** Owns telling of remarks on a scenario: they stand on stderr, and change no exit code. */
import type { Mistake } from "../scenario/mistake.js";
import type { Host } from "./host.js";
import { remarkAnnotations } from "./outputs/github.js";

/** Tells all of them, in GitHub Actions as annotations as well. */
export function tellRemarks(host: Host, remarks: readonly Mistake[]): void {
  for (const { place, message, line, caret, hint } of remarks) {
    const lines = [`warning: ${place}: ${message}`];
    if (line !== "") lines.push(`  ${line}`, `  ${caret}`);
    if (hint !== undefined) lines.push(`hint: ${hint}`);
    host.stderr.write(`${lines.join("\n")}\n`);
  }
  host.stderr.write(remarkAnnotations(host.env, remarks));
}
