/** Owns /expect. */
import { WsctlError } from "../../base/errors.js";
import type { Command } from "../command.js";
import { awaitMessage } from "../expectation.js";

/** `/expect [TIMEOUT] EXPR` */
export const expect: Command = {
  name: "expect",
  takes: "[TIMEOUT] EXPR",
  summary: "as /wait; when none comes, the prompt stays, and wsctl's exit code at the end is 6",
  isJob: true,
  run: async (desk, rest, signal) => {
    try {
      await awaitMessage(expect, desk, rest, signal);
    } catch (error) {
      // Someone who stops waiting, or mistypes, expects nothing.
      const isMistake = error instanceof WsctlError && error.code === "WSCTL_EUSAGE";
      if (!isMistake && !signal.aborted) desk.failExpectation();
      throw error;
    }
  },
};
