/** Owns how the inspected address is shown, and the command for what no single request shows. */
import { shellWord } from "../../base/shell-word.js";
import type { Target } from "../../dial/target.js";
import { shownPath } from "../repro.js";

/** The address without credentials, and without the values of secret parameters. */
export function shownUrl({ authority, path, secure, unix }: Target): string {
  const scheme = secure ? "wss" : "ws";
  const base = unix === undefined ? `${scheme}://${authority}` : `${scheme}+unix:${unix}:`;
  return base + shownPath(path);
}

/** `wsctl inspect` of that check alone. */
export function reproOf(id: string, target: Target): string {
  return `wsctl inspect --only ${id} ${shellWord(shownUrl(target))}`;
}
