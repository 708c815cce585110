/** Owns writing what was asked for with `-o`: each rendering to its place. */
import { Chalk } from "chalk";
import { WsctlError } from "../../base/errors.js";
import type { Ink } from "../../report/ink.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { checkWritable, writeWhole } from "./output-file.js";
import type { OutputSpec } from "./output-spec.js";

/** In files nobody sees colours, and lines are not broken to fit a screen. */
const onPaper: Ink = { chalk: new Chalk({ level: 0 }), width: 120 };

/** Renderings by kind. */
type Renderers<Kind extends string, Subject> = Readonly<
  Record<Kind, (subject: Subject, ink: Ink) => string>
>;

/** Checks that every file can be written. @throws WsctlError WSCTL_EUSAGE */
export function checkDestinations(specs: readonly OutputSpec<string>[]): void {
  for (const { destination } of specs) {
    if (destination.to === "file") checkWritable(destination.path);
  }
}

/** What goes to stdout: what was said, or else the report for people. */
export function stdoutKind<Kind extends string>(
  specs: readonly OutputSpec<Kind>[],
  otherwise: Kind,
): Kind {
  return specs.find(({ destination }) => destination.to === "stdout")?.kind ?? otherwise;
}

/**
 * Writes every file that was asked for; one that cannot be written keeps no other from it.
 * @returns what went wrong
 */
export function writeFiles<Kind extends string, Subject>(
  specs: readonly OutputSpec<Kind>[],
  renderers: Renderers<Kind, Subject>,
  subject: Subject,
): WsctlError[] {
  return specs.flatMap(({ kind, destination }) => {
    if (destination.to !== "file") return [];
    try {
      writeWhole(destination.path, renderers[kind](subject, onPaper));
      return [];
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      return [error];
    }
  });
}

/** Writes one rendering to stdout. */
export function writeStdout<Kind extends string, Subject>(
  host: Host,
  kind: Kind,
  renderers: Renderers<Kind, Subject>,
  subject: Subject,
  color: boolean,
): void {
  host.stdout.write(renderers[kind](subject, inkFor(host, host.stdout, color)));
}

/** A rendering without colours, for where it is read on paper or on a page. */
export function rendered<Subject>(
  render: (subject: Subject, ink: Ink) => string,
  subject: Subject,
): string {
  return render(subject, onPaper);
}
