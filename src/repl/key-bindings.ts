/** Owns which key does what to the line: the bindings of readline and of terminals' own keys. */
import type { Key } from "node:readline";
import type { LineEditor } from "./line-editor.js";

type Edit = (editor: LineEditor) => void;

const bindings: ReadonlyMap<string, Edit> = new Map<string, Edit>([
  ["left", (line) => line.left()],
  ["C-b", (line) => line.left()],
  ["right", (line) => line.right()],
  ["C-f", (line) => line.right()],
  ["home", (line) => line.home()],
  ["C-a", (line) => line.home()],
  ["end", (line) => line.end()],
  ["C-e", (line) => line.end()],
  ["C-left", (line) => line.wordLeft()],
  ["M-left", (line) => line.wordLeft()],
  ["M-b", (line) => line.wordLeft()],
  ["C-right", (line) => line.wordRight()],
  ["M-right", (line) => line.wordRight()],
  ["M-f", (line) => line.wordRight()],
  ["backspace", (line) => line.backspace()],
  ["C-h", (line) => line.backspace()],
  ["delete", (line) => line.deleteRight()],
  ["C-u", (line) => line.cutToStart()],
  ["C-k", (line) => line.cutToEnd()],
  ["C-w", (line) => line.cutWordLeft()],
  ["C-backspace", (line) => line.cutWordLeft()],
  ["M-backspace", (line) => line.cutWordLeft()],
  ["M-d", (line) => line.cutWordRight()],
  ["C-delete", (line) => line.cutWordRight()],
  ["C-y", (line) => line.yank()],
  ["C-t", (line) => line.transpose()],
  // Alt-Enter breaks the line instead of sending it.
  ["M-return", (line) => line.insert("\n")],
  ["M-enter", (line) => line.insert("\n")],
]);

/** How a key is called here: `C-` and `M-` before the name for Ctrl and Alt. */
export function keyName({ name = "", ctrl, meta }: Key): string {
  return `${ctrl ? "C-" : ""}${meta ? "M-" : ""}${name}`;
}

/**
 * Lets the line have the key.
 * @param text what the key types, undefined for keys that type nothing
 * @returns whether it did anything with it
 */
export function edit(editor: LineEditor, text: string | undefined, key: Key): boolean {
  const binding = bindings.get(keyName(key));
  if (binding) {
    binding(editor);
    return true;
  }
  if (text === undefined || text === "" || key.ctrl || key.meta || text.charCodeAt(0) < 0x20) {
    return false;
  }
  editor.insert(text);
  return true;
}
