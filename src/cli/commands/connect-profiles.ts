/** Owns the names of profiles, as the prompt offers them. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseConfig } from "../config-file.js";
import { configPlace } from "../config-place.js";
import type { Host } from "../host.js";

/** The names in a file; none in one that is not there, or whose mistakes are told when it is used. */
function namesIn(file: string): string[] {
  try {
    return [...parseConfig(file, readFileSync(file, "utf8")).profiles.keys()];
  } catch {
    return [];
  }
}

/** Every profile of the project and of the user, without `@`. */
export function profileNames(host: Host): string[] {
  const { cwd, env } = configPlace(host);
  const { XDG_CONFIG_HOME: xdg, HOME: home } = env;
  const folder =
    xdg !== undefined && path.isAbsolute(xdg) ? xdg : home && path.join(home, ".config");
  const files = [path.join(cwd, ".wsctl.yaml")];
  if (folder) files.push(path.join(folder, "wsctl", "config.yaml"));
  return [...new Set(files.flatMap(namesIn))];
}
