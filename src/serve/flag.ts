/**
 * Owns how modes and guards declare their flags, as data: the command line, its help and the manual
 * are made from these.
 */
import { WsctlError } from "../base/errors.js";

/** One flag. */
export interface FlagSpec {
  /** As commander writes it: `--tick <rate>`. Always takes a value. */
  readonly flag: string;
  readonly summary: string;
  /** The text that stands for a flag that was not given. */
  readonly default?: string;
  /** Whether it may be given several times. */
  readonly repeatable?: boolean;
}

/** The name under which a flag's values are found: `--tick <rate>` is `tick`. */
export function flagName(spec: FlagSpec): string {
  return /^--([\w-]+)/.exec(spec.flag)?.[1] ?? spec.flag;
}

/** The flags that were given, by name. */
export class FlagValues {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  /** Every value, in order; empty when the flag was not given. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The last value, if the flag was given or has a default. */
  get(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /**
   * Reads the last value; errors name the flag.
   * @throws WsctlError WSCTL_EUSAGE
   */
  read<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.get(name);
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      throw new WsctlError(error.code, `--${name}: ${error.message}`, {
        hint: error.hint,
        where: error.where,
        cause: error,
      });
    }
  }
}
