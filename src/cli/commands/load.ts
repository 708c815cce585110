/** Owns `wsctl load`: what was asked on the command line, configuration under it, and Ctrl-C. */
import { WsctlError } from "../../base/errors.js";
import { refuseCompression } from "../compression-flags.js";
import { configPlace } from "../config-place.js";
import { configure } from "../config.js";
import { embeddedMode, serveScriptOption } from "../embedded-server.js";
import type { Host } from "../host.js";
import { inkFor, isLive } from "../ink.js";
import { Interrupt } from "../interrupt.js";
import { renderError } from "../render-error.js";
import { isScenarioFile } from "../scenario-file.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { urlWarnings } from "../url-secrets.js";
import { type IsGiven, type LoadOptions, loadOptions } from "./load-flags.js";
import type { LoadAsked } from "./load-plan.js";

const example = `
A server that answers as rules say: wsctl load login.yaml --serve-script rules.yaml`;

/** The command; `exit` is told its exit code. */
export function loadCommand(host: Host, exit: (code: number) => void) {
  const command = loadOptions()
    .optionsGroup("Server:")
    .addOption(serveScriptOption())
    .addHelpText("after", example);
  return command.action(async (given, { serveScript, ...flags }) => {
    const isGiven: IsGiven = (flag) =>
      command.getOptionValueSource(flag as keyof typeof flags) === "cli";
    const asked = askedOf(host, given, flags, isGiven);
    const mode = embeddedMode({ serveMode: flags.serveMode, serveScript });
    const interrupt = new Interrupt(host, () => {
      // The live panel says so itself.
      const hasPanel = flags.tui && isLive(host, host.stderr);
      if (!flags.quiet && !hasPanel)
        host.stderr.write("\nending the run; Ctrl-C again leaves at once\n");
    });
    try {
      const { load } = await import("./load-course.js");
      const secrets = await withAskedSecrets(asked.flags, host);
      const server = { mode, rules: serveScript };
      exit(await load(host, { ...asked, flags: secrets }, server, interrupt));
    } catch (error) {
      // Which of the two signals it was is known here only.
      const aborted = error instanceof WsctlError && error.code === "WSCTL_EABORTED";
      if (!aborted || interrupt.exitCode === undefined) throw error;
      host.stderr.write(renderError(error, inkFor(host, host.stderr, flags.color)));
      exit(interrupt.exitCode);
    } finally {
      interrupt.dispose();
    }
  });
}

/** Sorts the arguments, and puts configuration under the flags. */
function askedOf(
  host: Host,
  given: readonly string[],
  plain: LoadOptions,
  isGiven: IsGiven,
): LoadAsked {
  const files = given.filter((argument) => isScenarioFile(argument));
  const others = given.filter((argument) => !isScenarioFile(argument));
  if (files.length > 1) {
    throw new WsctlError("WSCTL_EUSAGE", "several scenario files were given", {
      hint: "one run plays one file; put several scenarios into it",
    });
  }
  // Configured compression is meant for talking; on the command line it is a mistake.
  refuseCompression(plain, "load");
  const [file] = files;
  // A scenario says how to connect: what is configured for every day has no say beside it, but the
  // environment and a profile that was named do.
  const environmentOnly = file !== undefined && !others.some((one) => one.startsWith("@"));
  const place = { ...configPlace(host), environmentOnly };
  const { urls, secretHeaders, ...configured } = configure(others, plain, isGiven, place);
  const flags = { ...configured.flags, secretHeaders };
  const warnings = [...configured.warnings, ...urlWarnings(others)];
  for (const warning of warnings) host.stderr.write(`warning: ${warning}\n`);
  return {
    file,
    urls,
    flags,
    isGiven: (flag) => isGiven(flag) || valueOf(flags, flag) !== valueOf(plain, flag),
  };
}

function valueOf(flags: LoadOptions, flag: string): unknown {
  return flags[flag as keyof LoadOptions];
}
