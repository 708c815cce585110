/** Owns what tests expect of a refusal. */
import { WsctlError } from "../../src/base/errors.js";

/** Everything that the error of `run` tells a person; fails when it is no usage error. */
export function mistakeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    if (error.code !== "WSCTL_EUSAGE") throw error;
    return [error.message, ...error.where, `hint: ${error.hint ?? "none"}`].join("\n");
  }
  throw new Error("nothing was refused");
}

/** Whether `run` either succeeds or tells of a mistake; any other error is thrown on. */
export function succeedsOrRefuses(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof WsctlError && error.code === "WSCTL_EUSAGE") return true;
    throw error;
  }
}
