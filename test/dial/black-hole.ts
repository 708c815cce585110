/**
 * Owns a port that swallows connections: a thread that listens, never accepts, and whose backlog is
 * full, so that the kernel (Linux) drops whatever knocks.
 */
import { once } from "node:events";
import net from "node:net";
import { Worker } from "node:worker_threads";

const program = `
  const { parentPort, workerData } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(workerData), 0, 0));
  });
`;

/** A port that neither accepts nor refuses. */
export interface BlackHole extends AsyncDisposable {
  readonly port: number;
}

export async function startBlackHole(): Promise<BlackHole> {
  const worker = new Worker(program, { eval: true, workerData: new SharedArrayBuffer(4) });
  const [port] = (await once(worker, "message")) as [number];
  const sockets = Array.from({ length: 8 }, () => net.connect(port, "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => socket.destroy());
  await once(sockets[0]!, "connect");
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}
