/** Owns `wsctl scenario schema`: the JSON Schema of scenario files, for editors. */
import { Command } from "@commander-js/extra-typings";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";

const examples = `
Examples:
  $ wsctl scenario schema > scenario.schema.json

Editors that speak YAML complete and check scenarios by it when their first line says
  # yaml-language-server: $schema=./scenario.schema.json`;

/** The command; `exit` is told its exit code. */
export function schemaCommand(host: Host, exit: (code: number) => void) {
  return new Command("schema")
    .description("print the JSON Schema of scenario files, for completion in editors")
    .addHelpText("after", examples)
    .action(async () => {
      // It takes a while to load, which other commands need not wait for.
      const { scenarioJsonSchema } = await import("../../scenario/schema/json-schema.js");
      host.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
      exit(ExitCode.ok);
    });
}
