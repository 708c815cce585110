/** Shows that folders are made with those above them, and that what cannot be made is said. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { makeFolder } from "../../src/proxy/folder.js";

test("a folder is made with those above it, for the owner alone, also if it is there", async () => {
  const dir = mkdtempSync(path.join(tmpdir(), "wsctl-folder-"));
  try {
    const folder = path.join(dir, "a", "b", "c");
    await Promise.all([makeFolder(folder), makeFolder(folder)]);
    await makeFolder(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    writeFileSync(path.join(dir, "file"), "");
    await expect(makeFolder(path.join(dir, "file"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolder(path.join(dir, "file", "x"))).rejects.toMatchObject({
      code: "ENOTDIR",
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
});

// Node's recursive mkdir never comes back from there.
test.runIf(process.platform === "linux")("one that can be made nowhere is refused", async () => {
  await expect(makeFolder("/proc/wsctl/x")).rejects.toMatchObject({ code: "ENOENT" });
});
