/** Owns making a folder and those above it, for the owner's eyes alone. */
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";

/**
 * Makes a folder that may be there already. Node's own way of making those above it never ends where a
 * system says of a folder that is there that it cannot be found, as Linux does beneath `/proc`.
 * @throws whatever the system says
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isMade(folder)) return;
  const above = path.dirname(folder);
  if (above !== folder) await makeFolder(above);
  await mkdir(folder, { mode: 0o700 }).catch(async (error: NodeJS.ErrnoException) => {
    // Somebody else was quicker.
    if (error.code !== "EEXIST" || !(await isMade(folder))) throw error;
  });
}

async function isMade(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException;
    if (error.code === "ENOENT") return false;
    if (error.code === "EEXIST" && (await stat(folder)).isDirectory()) return true;
    throw error;
  }
}
