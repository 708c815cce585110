/** Owns how a hand-written client on `ws` takes part. */
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("ws-client.js", import.meta.url));

/** @type {import("../harness/contender.js").Contender} */
export const ws = {
  name: "ws",
  command: (work) => ({ file: process.execPath, args: [program, JSON.stringify(work)] }),
  received: (_folder, output) => JSON.parse(output.trim().split("\n").at(-1)).received,
};
