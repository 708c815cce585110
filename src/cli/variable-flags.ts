/** Owns the variables of a scenario that the command line and the environment set. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { requireName } from "../message/name.js";
import { variableInEnv } from "../scenario/given-variables.js";
import type { Overrides } from "../scenario/overrides.js";
import type { Host } from "./host.js";

const prefix = variableInEnv("");

/** What is set, as a part of what the command line changes of a scenario. */
interface Given extends Overrides {
  readonly variables: ReadonlyMap<string, string>;
  readonly variablesOfEnv: ReadonlySet<string>;
}

/**
 * Variables by name: those of `WSCTL_VAR_name`, and over them those of `--var name=value`.
 * @throws WsctlError WSCTL_EUSAGE for what is no name and value
 */
export function variablesFrom(given: readonly string[], env: Host["env"]): Given {
  const variables = new Map<string, string>();
  const variablesOfEnv = new Set<string>();
  for (const [key, value] of Object.entries(env)) {
    const name = key.slice(prefix.length);
    if (!key.startsWith(prefix) || value === undefined) continue;
    check(name, key);
    variables.set(name, value);
    variablesOfEnv.add(name);
  }
  for (const text of given) {
    const [, name, value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      throw new WsctlError("WSCTL_EUSAGE", `--var ${safeLine(text, 60)} has no value`, {
        hint: "write it like --var room=lobby",
      });
    }
    check(name, "--var");
    variables.set(name, value);
    variablesOfEnv.delete(name);
  }
  return { variables, variablesOfEnv };
}

function check(name: string, where: string): void {
  try {
    requireName(name);
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    throw new WsctlError("WSCTL_EUSAGE", `${safeLine(where, 60)}: ${error.message}`, {
      hint: error.hint,
    });
  }
}
