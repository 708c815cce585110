/** Owns how long the machine itself stops who wants to be on time, with a core of either side at work. */
import { fileURLToPath } from "node:url";
import { Child } from "./child.js";

const program = fileURLToPath(new URL("../peers/clock-client.js", import.meta.url));

/**
 * Looks at the clock on the clients' cores and on the target's, for that many seconds.
 * @returns {Promise<{ p50: number, p99: number }>} how late the clients' one found that a moment had come, in ms
 */
export async function stillness(rate, lasts) {
  const command = { file: process.execPath, args: [program, JSON.stringify({ rate, lasts })] };
  const [client, other] = [new Child(command, "clients"), new Child(command, "target")];
  try {
    await Promise.all([client.over, other.over]);
    if (client.ended !== 0) throw new Error(`${program} ended (${client.ended}): ${client.output}`);
    return JSON.parse(client.output.trim().split("\n").at(-1));
  } finally {
    client.end();
    other.end();
  }
}
