/** Owns Prometheus' text exposition format, version 0.0.4. */

import { safeLine } from "../base/safe-text.js";

/** No label's value is longer. */
const longest = 500;

/** One value of a family. */
export interface Sample {
  /** `_sum` or `_count` of a summary. */
  readonly suffix?: "_sum" | "_count";
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All values of one name. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "summary" | "untyped";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The families as text; those without values are left out. Ends with a newline, if not empty. */
export function exposition(families: readonly Family[]): string {
  let text = "";
  for (const { name, type, help, samples } of families) {
    if (samples.length === 0) continue;
    const safe = safeName(name);
    text += `# HELP ${safe} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}\n`;
    text += `# TYPE ${safe} ${type}\n`;
    for (const sample of samples) {
      text += `${safe}${sample.suffix ?? ""}${labelText(sample)} ${valueText(sample.value)}\n`;
    }
  }
  return text;
}

function safeName(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9_]/g, "_");
  return /^[a-zA-Z_]/.test(clean) ? clean : `_${clean}`;
}

function labelText({ labels }: Sample): string {
  const pairs = new Map(
    // Names that begin with two underscores are Prometheus' own.
    Object.entries(labels).map(([name, value]) => [safeName(name).replace(/^__+/, "_"), value]),
  );
  if (pairs.size === 0) return "";
  return `{${[...pairs].map(([name, value]) => `${name}="${labelValue(value)}"`).join(",")}}`;
}

function labelValue(value: string): string {
  return safeLine(value, longest).replace(/\\/g, "\\\\").replace(/"/g, '\\"');
}

function valueText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}
