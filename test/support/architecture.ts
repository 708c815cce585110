/**
 * Owns the rules of the house in a form that can be checked: which room stands on which floor, and
 * what a file of src may import, touch, be called and how long it may be. CONTRIBUTING.md explains
 * them to people.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Import, importsOf, maskSource } from "./source-text.js";

/** The rooms by floor, the highest first. A room imports only from floors below its own. */
export const floors: ReadonlyMap<number, readonly string[]> = new Map([
  [9, ["cli"]],
  [8, ["repl", "probe"]],
  [7, ["cluster", "conformance", "dashboard"]],
  [6, ["load", "inspect", "replay", "proxy", "report"]],
  [5, ["session", "serve"]],
  [4, ["scenario", "recording", "dial", "faults"]],
  [3, ["message", "lens", "findings", "metrics"]],
  [2, ["frame"]],
  [1, ["base"]],
]);

const maxLines = 300;
const maxMedianLines = 120;

/** The rooms that may speak to the person at the terminal, and the files exempt from it. */
const terminalRooms = new Set(["cli", "repl"]);
const processExempt = new Set(["cluster/worker-process.ts", "load/pacer/ticker-thread.ts"]);

/** Packages that only the terminal rooms use, with the rooms and manners of use exempt from it. */
const terminalPackages = [
  { name: /^(?:commander|@commander-js\/.+)$/, rooms: [], typeRooms: [] },
  { name: /^(?:inquirer|@inquirer\/.+)$/, rooms: [], typeRooms: [] },
  { name: /^chalk$/, rooms: [], typeRooms: ["report"] },
  { name: /^cli-table3$/, rooms: ["report"], typeRooms: [] },
];

const vagueName = /^(?:utils?|helpers?|commons?|managers?)$/i;
const sourceFile = /\.[cm]?[jt]sx?$/;

const floorOf = new Map(
  [...floors].flatMap(([floor, rooms]) => rooms.map((room) => [room, floor])),
);

/** A file of src: its path from there with `/`, and its text. */
interface SourceFile {
  readonly name: string;
  readonly text: string;
}

/** One break of a rule, as a sentence that names the file, what it did and the rule. */
type Violation = string;

/** The room of a path from src; undefined for a file that lies in src itself. */
function roomOf(name: string): string | undefined {
  return name.includes("/") ? name.slice(0, name.indexOf("/")) : undefined;
}

/** Where an import leads, as a path from src; undefined for a package or a part of Node. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier === "wsctl") return "index.js";
  if (!/^\.{0,2}\//.test(specifier)) return undefined;
  return path.posix.join(path.posix.dirname(file), specifier);
}

function* nameViolations(name: string): Generator<Violation> {
  const room = roomOf(name);
  if (room === undefined ? name !== "index.ts" : !floorOf.has(room)) {
    yield `${name} lies in no known room; the rooms are in test/support/architecture.ts`;
  }
  for (const part of name.split("/")) {
    const vague = part.split(/[.\-_]/).find((word) => vagueName.test(word));
    if (vague !== undefined) yield `${name} is called "${vague}", which does not say what it owns`;
  }
}

function* shapeViolations({ name, text }: SourceFile): Generator<Violation> {
  if (!/^\/\*\*(?!\/)(?=[\s\S]*?\*\/)[\s*]*[^\s*/]/.test(text)) {
    yield `${name} does not begin with a /** … */ comment that says what it owns`;
  }
  const lines = lineCount(text);
  if (lines > maxLines) yield `${name} has ${lines} lines; no file has more than ${maxLines}`;
}

function floorViolation(name: string, specifier: string, target: string): Violation | undefined {
  const from = roomOf(name);
  const to = roomOf(target);
  if (target.startsWith("..")) return `imports "${specifier}"; nothing outside src is imported`;
  if (from === undefined || from === to) return undefined;
  if (to === undefined) return `imports "${specifier}"; src/index.ts stands above every room`;
  const [own, other] = [floorOf.get(from), floorOf.get(to)];
  if (own === undefined) return undefined;
  if (other === undefined) return `imports "${specifier}"; ${to} is no known room`;
  if (other < own) return undefined;
  return (
    `imports "${specifier}"; ${from} (floor ${own}) may not import from ${to} (floor ${other}), ` +
    "only from lower floors"
  );
}

function packageViolation(
  name: string,
  specifier: string,
  typeOnly: boolean,
): Violation | undefined {
  const room = roomOf(name) ?? "";
  if (terminalRooms.has(room)) return undefined;
  const bare = specifier.replace(/^node:/, "");
  if (bare === "console" || (bare === "process" && !processExempt.has(name))) {
    return `imports "${specifier}"; only cli and repl use it`;
  }
  const rule = terminalPackages.find((one) => one.name.test(specifier));
  if (rule === undefined || rule.rooms.some((one) => one === room)) return undefined;
  const asType = rule.typeRooms.some((one) => one === room);
  if (asType && typeOnly) return undefined;
  return `imports "${specifier}"; ${asType ? `${room} may import it only as a type` : "only cli and repl use it"}`;
}

function* importViolations(name: string, imports: readonly Import[]): Generator<Violation> {
  for (const { specifier, typeOnly, line } of imports) {
    const place = `${name}:${line}`;
    if (specifier === undefined) {
      // A scenario's own script may be loaded by the command line; anywhere else it is a way out.
      if (!terminalRooms.has(roomOf(name) ?? "")) {
        yield `${place} calls import() with something computed, which no rule can follow`;
      }
      continue;
    }
    const target = targetOf(name, specifier);
    const violation =
      target === undefined
        ? packageViolation(name, specifier, typeOnly)
        : floorViolation(name, specifier, target);
    if (violation !== undefined) yield `${place} ${violation}`;
  }
}

/** Uses of the globals: not a property, not a key, not a function of that name. */
const globalUse =
  /(?:(?<![\w$#.])|(?<=\.\.\.)|(?<=\bglobalThis\??\.))(?<global>process|console)\b(?!\s*\??:)(?!\s*\()/g;

function* globalViolations(name: string, code: string): Generator<Violation> {
  if (terminalRooms.has(roomOf(name) ?? "")) return;
  for (const match of code.matchAll(globalUse)) {
    const used = match.groups?.["global"] ?? "";
    if (used === "process" && processExempt.has(name)) continue;
    const line = lineCount(code.slice(0, match.index + 1));
    yield `${name}:${line} uses ${used}; only cli and repl do, other rooms take what they need as arguments`;
  }
}

function lineCount(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/**
 * Every break of a rule under a source directory; none when all is well.
 *
 * @param src - the directory of the rooms
 */
export function violationsOf(src: string): Violation[] {
  const names = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(src, path.join(entry.parentPath, entry.name)))
    .map((name) => name.split(path.sep).join("/"))
    .toSorted();
  const files = names
    .filter((name) => sourceFile.test(name))
    .map((name) => ({ name, text: readFileSync(path.join(src, name), "utf8") }));
  const violations: Violation[] = [];
  for (const name of names) violations.push(...nameViolations(name));
  for (const file of files) {
    const code = maskSource(file.text);
    violations.push(
      ...shapeViolations(file),
      ...importViolations(file.name, importsOf(file.text, code)),
      ...globalViolations(file.name, code),
    );
  }
  const middle = median(files.map((file) => lineCount(file.text)));
  if (middle > maxMedianLines) {
    violations.push(`the median file has ${middle} lines; it has at most ${maxMedianLines}`);
  }
  return violations;
}
