/** Owns how `-o kind=path` is read: what is rendered, and where it goes. */
import { WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";

/** Where something goes. */
type Destination =
  | { readonly to: "stdout" }
  | { readonly to: "file"; readonly path: string }
  /** A page over HTTP while the run lasts. */
  | { readonly to: "page"; readonly host: string; readonly port: number };

/** One rendering and its destination. */
export interface OutputSpec<Kind extends string> {
  readonly kind: Kind;
  readonly destination: Destination;
  /** As it was written, for messages. */
  readonly given: string;
}

/** What there is to choose from. */
export interface OutputChoice<Kind extends string> {
  readonly kinds: readonly Kind[];
  /** Kinds that can be served as a page, `kind=:port`. */
  readonly pages?: readonly Kind[];
}

/** `:9464`, `127.0.0.1:9464`, `[::1]:9464`: what has a slash or no port is a path. */
const address = /^(\[[0-9a-fA-F:.]+\]|[\w.-]*):(\d{1,5})$/;
const loopback = "127.0.0.1";

/**
 * Reads what was given with `-o`; `--json` is `-o json=-`.
 *
 * @param given `kind=path`, `kind=-` or a kind alone, which goes to stdout
 * @throws WsctlError WSCTL_EUSAGE for an unknown kind, and for two outputs in one place
 */
export function outputSpecs<Kind extends string>(
  given: readonly string[],
  choice: OutputChoice<Kind>,
): OutputSpec<Kind>[] {
  const specs = given.map((text) => outputSpec(text, choice));
  const taken = new Map<string, string>();
  for (const { destination, given: text } of specs) {
    const place = JSON.stringify(destination);
    const other = taken.get(place);
    if (other !== undefined) {
      const where = destination.to === "stdout" ? "stdout" : "the same place";
      throw new WsctlError("WSCTL_EUSAGE", `-o ${other} and -o ${text} both go to ${where}`, {
        hint: "give one of them a file: -o json=run.json",
      });
    }
    taken.set(place, text);
  }
  return specs;
}

function outputSpec<Kind extends string>(
  text: string,
  { kinds, pages = [] }: OutputChoice<Kind>,
): OutputSpec<Kind> {
  const given = safeLine(text, 100);
  const [, name = "", path] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const kind = kinds.find((one) => one === name);
  if (kind === undefined) throw unknownKind(name, path, kinds);
  if (path === "") {
    throw new WsctlError("WSCTL_EUSAGE", `-o ${given} names no file`, {
      hint: `write it like -o ${kind}=FILE, or -o ${kind}=- for stdout`,
    });
  }
  if (path === undefined || path === "-") return { kind, destination: { to: "stdout" }, given };
  const [, host = "", port] = address.exec(path) ?? [];
  if (port === undefined) return { kind, destination: { to: "file", path }, given };
  if (!pages.includes(kind) || Number(port) > 65_535) {
    throw new WsctlError(
      "WSCTL_EUSAGE",
      pages.includes(kind)
        ? `-o ${given}: a port is a number from 0 to 65535`
        : `-o ${given}: ${kind} cannot be served on a port`,
      {
        hint:
          pages.length === 0
            ? `name a file: -o ${kind}=./${safeLine(path, 60)}`
            : `it is -o ${pages[0]}=:9464 that is served during the run`,
      },
    );
  }
  const bare = host.replace(/^\[|\]$/g, "");
  return {
    kind,
    destination: { to: "page", host: bare === "" ? loopback : bare, port: Number(port) },
    given,
  };
}

function unknownKind(name: string, path: string | undefined, kinds: readonly string[]): WsctlError {
  const guess = nearest(name, kinds);
  // `-o run.json` is how other tools have it.
  const byEnding = path === undefined ? kinds.find((kind) => name.endsWith(`.${kind}`)) : undefined;
  return new WsctlError("WSCTL_EUSAGE", `-o: there is no output "${safeLine(name, 60)}"`, {
    hint:
      byEnding !== undefined
        ? `say what it is: -o ${byEnding}=${safeLine(name, 60)}`
        : guess === undefined
          ? `there are ${kinds.join(", ")}, as in -o ${kinds[0]}=FILE`
          : `did you mean ${guess}?`,
  });
}
