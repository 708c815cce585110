/** Owns a chat server of tests that answers joining and saying, and knows no history. */
import { startWsEcho, type WsEcho } from "../support/servers.js";

/** Starts it on a free loopback port. */
export async function startForgetfulChat(): Promise<WsEcho> {
  const server = await startWsEcho();
  let seq = 0;
  server.wss.on("connection", (socket) => {
    socket.removeAllListeners("message");
    socket.on("message", (data) => {
      const { op, id } = JSON.parse((data as Buffer).toString()) as { op: string; id: string };
      const known = op === "join" || op === "say";
      socket.send(
        JSON.stringify(
          known
            ? { op: "ok", re: op, id, seq: ++seq }
            : { op: "error", re: op, id, code: "unknown-op" },
        ),
      );
    });
  });
  return server;
}
