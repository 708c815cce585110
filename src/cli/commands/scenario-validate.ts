/** Owns `wsctl scenario validate`: every mistake of scenario files, for people and for machines. */
import { Command } from "@commander-js/extra-typings";
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import type { Mistake } from "../../scenario/mistake.js";
import { ScenarioMistakes } from "../../scenario/mistake.js";
import { ExitCode, exitCodeOf } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { collect } from "../options.js";
import { mistakeAnnotations } from "../outputs/github.js";
import { renderError } from "../render-error.js";
import { readScenarioFile } from "../scenario-file.js";
import { tellRemarks } from "../scenario-remarks.js";
import { scenarioInWords } from "../scenario-in-words.js";
import { variablesFrom } from "../variable-flags.js";

const examples = `
Examples:
  $ wsctl scenario validate scenario.yaml
  $ wsctl scenario validate scenarios/*.yaml --json
  $ wsctl scenario validate chat.yaml --var room=lobby
  $ wsctl scenario validate -                 what comes on stdin`;

/** One file, as `--json` has it. */
interface Verdict {
  readonly file: string;
  readonly ok: boolean;
  readonly mistakes: readonly Told[];
  /** What is no mistake, and most likely not meant. */
  readonly warnings: readonly Omit<Told, "code">[];
}

/** One mistake. Line and column are from 1; null for what has no place in the file. */
interface Told {
  readonly line: number | null;
  readonly column: number | null;
  readonly message: string;
  readonly hint: string | null;
  readonly code: string;
}

function validateOptions() {
  return new Command("validate")
    .argument("<file...>", "scenario files; - is stdin")
    .option("--var <name=value>", "set a variable of the scenario (repeatable)", collect)
    .option("--allow-path", "let scenarios name files outside of their folders")
    .option("--json", "print one JSON document")
    .option("--no-color", "no colours");
}

/** The command; `exit` is told its exit code. */
export function validateCommand(host: Host, exit: (code: number) => void) {
  return validateOptions()
    .description("check scenario files, and tell everything that is wrong with them")
    .addHelpText("after", examples)
    .action(async (files, flags) => {
      const overrides = variablesFrom(flags.var ?? [], host.env);
      const verdicts: Verdict[] = [];
      let code: number = ExitCode.ok;
      for (const file of files) {
        try {
          const options = { overrides, allowPaths: flags.allowPath === true };
          const { scenario, remarks } = await readScenarioFile(host, file, options);
          verdicts.push({ file, ok: true, mistakes: [], warnings: remarks.map(saidOf) });
          if (!flags.json) {
            const { chalk } = inkFor(host, host.stdout, flags.color);
            host.stdout.write(
              `${chalk.green("✓")} ${safeLine(file, 200)}  ${chalk.dim(scenarioInWords(scenario))}\n`,
            );
          }
          tellRemarks(host, remarks);
        } catch (error) {
          if (!(error instanceof WsctlError)) throw error;
          code = exitCodeOf(error.code);
          verdicts.push({ file, ok: false, mistakes: toldOf(error), warnings: [] });
          // Between the verdicts on stdout, each stream for itself.
          host.stderr.write(renderError(error, inkFor(host, host.stderr, flags.color)));
          const stream = flags.json ? host.stderr : host.stdout;
          stream.write(mistakeAnnotations(host.env, error));
        }
      }
      if (flags.json) {
        host.stdout.write(
          `${JSON.stringify({ $schema: "wsctl.validation/1", ok: code === ExitCode.ok, files: verdicts })}\n`,
        );
      }
      exit(code);
    });
}

function toldOf(error: WsctlError): Told[] {
  if (!(error instanceof ScenarioMistakes)) {
    const { message, hint = null, code } = error;
    return [{ line: null, column: null, message, hint, code }];
  }
  return error.mistakes.map((mistake) => ({ ...saidOf(mistake), code: error.code }));
}

function saidOf(mistake: Mistake): Omit<Told, "code"> {
  return { ...placeOf(mistake), message: mistake.message, hint: mistake.hint ?? null };
}

function placeOf({ place }: Mistake): Pick<Told, "line" | "column"> {
  const [, line, column] = /:(\d+):(\d+)$/.exec(place) ?? [];
  if (line === undefined) return { line: null, column: null };
  return { line: Number(line), column: Number(column) };
}
