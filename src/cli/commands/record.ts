/** Owns `wsctl record`: a conversation as `connect` has it, kept in a file, that goes on until it is ended. */
import { WsctlError } from "../../base/errors.js";
import type { Host } from "../host.js";
import { converse } from "./connect.js";
import { recordOptions } from "./record-options.js";

/** The command; `exit` is told its exit code. */
export function recordCommand(host: Host, exit: (code: number) => void) {
  return recordOptions().action(async (url, typed, command) => {
    const { output: record, duration, ...shared } = typed;
    if (record === undefined) {
      throw new WsctlError("WSCTL_EUSAGE", "where to record to is not said", {
        hint: "name a new file: -o chat.wsrec; to talk without keeping it: wsctl connect",
      });
    }
    const isGiven = (flag: string): boolean =>
      command.getOptionValueSource(flag as keyof typeof typed) === "cli";
    // Unless told otherwise the silence of the other side ends nothing.
    const flags = { ...shared, record, wait: shared.wait ?? Infinity };
    exit(await converse(host, { url, flags, isGiven }, { duration, endsByHand: true }));
  });
}
