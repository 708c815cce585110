/** Owns how a hand-written loop that never rests takes part: what a given rate can be held to at all. */
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("spin-client.js", import.meta.url));

/** What it said last. */
function resultIn(output) {
  return JSON.parse(output.trim().split("\n").at(-1));
}

/** @returns {import("../harness/contender.js").Contender} that client at a rate */
export function bareSpin(rate) {
  return {
    name: "bare sockets, spin",
    command: (work) => ({
      file: process.execPath,
      // As wsctl's workers at that pacer: else its lag is that of V8's smallest collections.
      args: ["--min-semi-space-size=16", program, JSON.stringify({ ...work, rate })],
    }),
    received: (_folder, output) => resultIn(output).received,
    lag: (_folder, output) => ({ ...resultIn(output), verdict: "none" }),
  };
}
