/** Owns which files `wsctl replay` replays: arguments, directories among them, and the URL behind them. */
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";

/** What the arguments name. */
export interface ReplayArguments {
  /** Paths of recordings; one at least. */
  readonly files: readonly string[];
  /** A URL, `host:port` or `@profile`. */
  readonly url: string | undefined;
}

/** What is a place rather than a file. */
const place =
  /^[a-z][a-z0-9+.-]*:\/\/|^wss?\+unix:|^@\S|^(?:[\w.-]+|\[[0-9a-f:.]+\])?:\d+(?:\/|$)/i;

const ending = ".wsrec";

/**
 * Tells files from the URL, and looks into directories.
 * @throws WsctlError WSCTL_EUSAGE for no recording at all
 */
export function replayArguments(given: readonly string[]): ReplayArguments {
  const last = given.at(-1) ?? "";
  const isPlace = place.test(last) && !existsSync(last);
  const files = (isPlace ? given.slice(0, -1) : given).flatMap(filesIn);
  if (files.length === 0) {
    throw new WsctlError("WSCTL_EUSAGE", "no recording was given", {
      hint: "name a file that `wsctl record`, `connect --record` or `proxy --record` has written",
    });
  }
  const twice = files.find((file, index) => files.indexOf(file) !== index);
  if (twice !== undefined) {
    throw new WsctlError("WSCTL_EUSAGE", `${safeLine(twice, 100)} is given twice`, {
      hint: "leave one of them out",
    });
  }
  return { files, url: isPlace ? last : undefined };
}

function filesIn(name: string): string[] {
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory() !== true) return [name];
  const found = readdirSync(name)
    .filter((file) => file.endsWith(ending))
    .toSorted();
  if (found.length > 0) return found.map((file) => path.join(name, file));
  throw new WsctlError("WSCTL_EUSAGE", `there is no *${ending} in ${safeLine(name, 100)}`, {
    hint: "name the files themselves",
  });
}
