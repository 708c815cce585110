/** Owns asking for a secret at the terminal, without showing what is typed. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { ConnectionFlags } from "./connection-options.js";
import type { Host } from "./host.js";
import { asLiteral, variableOf } from "./text-source.js";

/** The flag value that asks. */
const asking = "prompt";

async function ask(host: Host, what: string): Promise<string> {
  if (host.stdin.isTTY !== true) {
    throw new WsctlError("WSCTL_EUSAGE", `cannot ask for ${what}: stdin is no terminal`, {
      hint: "hand it in as env:NAME or @file",
    });
  }
  host.stderr.write(`${what}: `);
  // As a terminal, so that readline does the echo, into nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: host.stdin, output, terminal: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      const refuse = () => reject(new WsctlError("WSCTL_EABORTED", `${what} was not given`));
      lines.once("line", resolve);
      lines.once("SIGINT", refuse);
      lines.once("close", refuse);
    });
  } finally {
    lines.close();
    host.stderr.write("\n");
  }
}

/** Whether a `--user` names a user without a password, which is asked for as curl does. */
function isUserAlone(user: string): boolean {
  return !/^(?:@|text:)|:/.test(user) && variableOf(user) === undefined;
}

/**
 * The flags with every secret that was to be asked for.
 * @throws WsctlError WSCTL_EUSAGE where there is nobody to ask; WSCTL_EABORTED when refused
 */
export async function withAskedSecrets<Flags extends ConnectionFlags>(
  flags: Flags,
  host: Host,
): Promise<Flags> {
  const asked: Partial<ConnectionFlags> = {};
  if (flags.bearer === asking) asked.bearer = asLiteral(await ask(host, "bearer token"));
  if (flags.passphrase === asking) {
    asked.passphrase = asLiteral(await ask(host, "passphrase of the key"));
  }
  const { user } = flags;
  if (user === asking) {
    asked.user = asLiteral(await ask(host, "user:password"));
  } else if (user !== undefined && isUserAlone(user) && host.stdin.isTTY === true) {
    const password = await ask(host, `password of ${safeLine(user, 60)}`);
    asked.user = asLiteral(`${user}:${password}`);
  }
  return { ...flags, ...asked };
}
