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
  const seen = new Set<string>();
  for (const file of files) {
    const identity = identityOf(file);
    if (identity === undefined) continue;
    if (seen.has(identity)) {
      throw new WsctlError("WSCTL_EUSAGE", `${safeLine(file, 100)} is given twice`, {
        hint: "leave one of them out: it is the same file, whatever it is called",
      });
    }
    seen.add(identity);
  }
  return { files, url: isPlace ? last : undefined };
}

/**
 * Checks that nothing is written over a recording.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function refuseRecordings(files: readonly string[], outputs: readonly string[]): void {
  const recordings = new Set(files.map(identityOf));
  const taken = outputs.find((output) => {
    const identity = identityOf(output);
    return identity !== undefined && recordings.has(identity);
  });
  if (taken === undefined) return;
  throw new WsctlError("WSCTL_EUSAGE", `${safeLine(taken, 100)} is a recording that is replayed`, {
    hint: "write the report to another file",
  });
}

/** What tells one file from another; undefined where there is none. */
function identityOf(name: string): string | undefined {
  const facts = statSync(name, { throwIfNoEntry: false, bigint: true });
  return facts && `${facts.dev} ${facts.ino}`;
}

/** @throws WsctlError WSCTL_EUSAGE */
function requireFile(name: string): string {
  const facts = name === "-" ? undefined : statSync(name, { throwIfNoEntry: false });
  if (name !== "-" && (facts === undefined || facts.isFile())) return name;
  const what = name === "-" ? "standard input" : safeLine(name, 100);
  throw new WsctlError("WSCTL_EUSAGE", `${what} cannot be replayed: it is no file`, {
    hint: "a recording is read more than once: save it first, as in cat > chat.wsrec",
  });
}

function filesIn(name: string): string[] {
  if (statSync(name, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return [requireFile(name)];
  }
  const found = readdirSync(name)
    .filter((file) => file.endsWith(ending))
    .toSorted();
  if (found.length > 0) return found.map((file) => requireFile(path.join(name, file)));
  throw new WsctlError("WSCTL_EUSAGE", `there is no *${ending} in ${safeLine(name, 100)}`, {
    hint: "name the files themselves",
  });
}
