/** Owns how the inspected address is shown, and the command for what no single request shows. */
import { shellWord } from "../../base/shell-word.js";
import { detoured } from "../../dial/detour.js";
import type { DialOptions } from "../../dial/dial.js";
import { isLoopback } from "../../dial/loopback.js";
import type { Target } from "../../dial/target.js";
import type { Tier } from "../check.js";
import { shownPath } from "../repro.js";
import { mark } from "../secret-mark.js";

/** The address without credentials, and without the values of secret parameters. */
export function shownUrl({ authority, path, secure, unix }: Target): string {
  const scheme = secure ? "wss" : "ws";
  const base = unix === undefined ? `${scheme}://${authority}` : `${scheme}+unix:${unix}:`;
  return base + shownPath(path);
}

/** `wsctl inspect` of that check alone. */
export function reproOf(id: string, target: Target): string {
  // The address is shown without them, and without them something else may come.
  const who = target.authorization === undefined ? "" : ` --user ${mark}:${mark}`;
  return `wsctl inspect --only ${id} ${shellWord(shownUrl(target))}${who}`;
}

/**
 * The command with what it takes for a check that may hurt a server elsewhere: to say that one may.
 * @param tier of the check that it is for
 */
export function authorized(
  command: string,
  tier: Tier,
  { host, port, unix }: Target,
  { proxy, detours, unix: path = unix }: DialOptions,
): string {
  if (!command.startsWith("wsctl inspect ") || (tier !== "active" && tier !== "intrusive")) {
    return command;
  }
  const isHere =
    path !== undefined || (!proxy && isLoopback(detoured({ host, port }, detours).host));
  return isHere ? command : `${command} --i-am-authorized ${shellWord(host)}`;
}
