/** Owns how the flags that modes and guards declare become options of `wsctl serve`. */
import { type Command, Option, type OptionValues } from "@commander-js/extra-typings";
import { WsctlError } from "../../base/errors.js";
import { flagName, FlagValues, type FlagSpec } from "../../serve/flag.js";
import { guardFlags } from "../../serve/guards.js";
import { modes } from "../../serve/modes.js";
import { collect } from "../options.js";

/** Flags that the same modes know. */
export interface FlagGroup {
  readonly names: readonly string[];
  readonly specs: FlagSpec[];
}

/** The flags of all modes; one that several modes know comes once, with all their names. */
export function flagsByModes(): FlagGroup[] {
  const users = new Map<string, { spec: FlagSpec; names: string[] }>();
  for (const [name, { flags }] of modes) {
    for (const spec of flags) {
      const known = users.get(flagName(spec));
      if (known) known.names.push(name);
      else users.set(flagName(spec), { spec, names: [name] });
    }
  }
  const groups = new Map<string, FlagGroup>();
  for (const { spec, names } of users.values()) {
    const group = groups.get(names.join());
    if (group) group.specs.push(spec);
    else groups.set(names.join(), { names, specs: [spec] });
  }
  return [...groups.values()];
}

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

/**
 * The values of what a mode and the guards declare, defaults filled in. `opts` is what commander
 * parsed.
 * @throws WsctlError WSCTL_EUSAGE for a flag that only other modes know
 */
export function flagValues(mode: string, opts: Readonly<Record<string, unknown>>): FlagValues {
  const values = new Map<string, readonly string[]>();
  const known = [...(modes.get(mode)?.flags ?? []), ...guardFlags()];
  for (const spec of known) {
    const given = givenFor(spec, opts);
    if (given) values.set(flagName(spec), given);
    else if (spec.default !== undefined) values.set(flagName(spec), [spec.default]);
  }
  for (const { names, specs } of flagsByModes()) {
    const stray = names.includes(mode) ? undefined : specs.find((spec) => givenFor(spec, opts));
    if (stray && !values.has(flagName(stray))) throw strayFlag(stray, mode, names);
  }
  return new FlagValues(values);
}

function strayFlag(spec: FlagSpec, mode: string, names: readonly string[]): WsctlError {
  const flag = `--${flagName(spec)}`;
  return new WsctlError("WSCTL_EUSAGE", `the mode ${mode} knows no ${flag}`, {
    hint: `${flag} belongs to ${names.map((name) => `\`wsctl serve ${name}\``).join(", ")}`,
  });
}

function givenFor(
  spec: FlagSpec,
  opts: Readonly<Record<string, unknown>>,
): readonly string[] | undefined {
  const key = flagName(spec).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const given = opts[key];
  return Array.isArray(given) ? given.map(String) : undefined;
}
