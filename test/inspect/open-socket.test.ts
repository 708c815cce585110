/** What a raw open WebSocket sends by itself stays within bounds, whatever the server does. */
import { expect, test } from "vitest";
import { parseTarget } from "../../src/dial/target.js";
import { Asker } from "../../src/inspect/asker.js";
import { Pace } from "../../src/inspect/pace.js";
import { closeInKind, frame, onFrames, startRaw } from "../e2e/raw-server.js";

const mostPongs = 100;

test.each([3, mostPongs, 20_000])("%i pings are answered up to a limit", async (many) => {
  let pongs = 0;
  const ping = frame(0x9, "x".repeat(100));
  const server = await startRaw({
    upgraded: (socket) => {
      onFrames(socket, (opcode, payload) => {
        if (opcode === 0xa) pongs++;
        else closeInKind(socket, opcode, payload);
      });
      socket.write(Buffer.concat(Array.from({ length: many }, () => ping)));
    },
  });
  const pace = new Pace(0);
  const { signal } = new AbortController();
  const base = { target: parseTarget(server.url), options: {}, pace, signal };
  const asker = new Asker(base, { handshakes: 1 });
  const reply = await asker.ask({ keep: true });
  const socket = reply.kind === "answered" ? reply.socket! : undefined;
  expect(await socket?.until(({ pings }) => pings === many, 5000)).toBe(true);
  await socket?.close();
  await asker.settle();
  expect(pongs).toBe(Math.min(many, mostPongs));
  const request = reply.request!.bytes.length;
  expect(pace.bytes - request).toBeLessThan(16_384);
});
