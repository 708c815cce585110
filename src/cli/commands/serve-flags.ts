/** Owns how the flags that modes and guards declare become options of `wsctl serve`. */
import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import { flagName, FlagValues, type FlagSpec } from "../../serve/flag.js";
import { collect } from "../options.js";

/** Adds declared flags to a command, under a heading. */
export function addFlags<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
  heading: string,
  specs: readonly FlagSpec[],
): void {
  if (specs.length === 0) return;
  command.optionsGroup(heading);
  for (const spec of specs) {
    const repeatable = spec.repeatable ? " (repeatable)" : "";
    const shown = spec.default === undefined ? "" : ` (default: ${spec.default})`;
    command.addOption(
      new Option(spec.flag, `${spec.summary}${repeatable}${shown}`).argParser(collect),
    );
  }
}

/** The values of declared flags, defaults filled in. `opts` is what commander parsed. */
export function flagValues(
  specs: readonly FlagSpec[],
  opts: Readonly<Record<string, unknown>>,
): FlagValues {
  const values = new Map<string, readonly string[]>();
  for (const spec of specs) {
    const name = flagName(spec);
    const given = opts[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    if (Array.isArray(given)) values.set(name, given.map(String));
    else if (spec.default !== undefined) values.set(name, [spec.default]);
  }
  return new FlagValues(values);
}
