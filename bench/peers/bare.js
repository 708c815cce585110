/**
 * Owns how clients on bare sockets take part: a closed loop, and a given rate in a loop without rest. They
 * do what cannot be left out and nothing else, and so say what there is to be had at all.
 */
import { fileURLToPath } from "node:url";

const programOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What one of them said last. */
function resultIn(output) {
  return JSON.parse(output.trim().split("\n").at(-1));
}

const received = (_folder, output) => resultIn(output).received;

/** @type {import("../harness/contender.js").Contender} a closed loop */
export const bare = {
  name: "bare sockets",
  command: (work) => ({
    file: process.execPath,
    args: [programOf("bare-client.js"), JSON.stringify(work)],
  }),
  received,
};

/** @returns {import("../harness/contender.js").Contender} a given rate */
export function bareSpin(rate) {
  return {
    name: "bare sockets, spin",
    command: (work) => ({
      file: process.execPath,
      // As wsctl's workers at that pacer: else its lag is that of V8's smallest collections.
      args: [
        "--min-semi-space-size=16",
        programOf("spin-client.js"),
        JSON.stringify({ ...work, rate }),
      ],
    }),
    received,
    lag: (_folder, output) => ({ ...resultIn(output), verdict: "none" }),
  };
}
