/** Owns the certificate that a target speaks TLS with, made when it is first asked for. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { selfSigned } from "../../dist/serve/certificate.js";

let made;

/** @returns {Promise<{ cert: string, key: string }>} paths; gone when the process is */
export function certificate() {
  made ??= make();
  return made;
}

async function make() {
  const { cert, key } = await selfSigned("127.0.0.1");
  const folder = mkdtempSync(path.join(tmpdir(), "wsctl-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const files = { cert: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return files;
}
