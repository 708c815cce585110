/** Owns where this process finds its configuration, and how it runs the commands that hand out secrets. */
import { execSync } from "node:child_process";
import { messageOf, WsctlError } from "../base/errors.js";
import type { ConfigPlace } from "./config.js";
import type { Host } from "./host.js";

/** Long enough for somebody to touch a key or to type a passphrase. */
const patience = 120_000;

function run(command: string): string {
  try {
    // Whatever it has to ask goes past us, to the terminal.
    return execSync(command, {
      encoding: "utf8",
      stdio: ["inherit", "pipe", "inherit"],
      timeout: patience,
    });
  } catch (cause) {
    const [first = ""] = messageOf(cause).split("\n");
    throw new WsctlError("WSCTL_EUSAGE", `a secret could not be fetched: ${first}`, {
      hint: "run the command by hand to see why",
    });
  }
}

/** Where the commands of that host look. */
export function configPlace({ env }: Host): ConfigPlace {
  return { env, cwd: process.cwd(), run };
}
