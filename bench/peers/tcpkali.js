/**
 * Owns how tcpkali takes part, where it is found. It knows no closed loop: it sends as fast as the
 * sockets take it and does not wait for answers, and it counts bytes. So it is shown, and not compared.
 */
import { spawnSync } from "node:child_process";

/** @type {import("../harness/contender.js").Contender} */
export const tcpkali = {
  name: "tcpkali (floods)",
  absent: async () =>
    spawnSync("tcpkali", ["--version"], { stdio: "ignore" }).status === 0
      ? undefined
      : "not on PATH",
  command: ({ url, connections, size, lasts }) => {
    const { host } = new URL(url);
    const message = "x".repeat(size);
    return {
      file: "tcpkali",
      args: [
        "--ws",
        "--workers=1",
        `--connections=${connections}`,
        `--duration=${lasts}s`,
        `--message=${message}`,
        host,
      ],
    };
  },
  // It says bytes only, and not of how many messages.
  received: () => NaN,
};
