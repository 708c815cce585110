/** Shows a replay that goes on where neither side would read before the other does. */
import { expect, test } from "vitest";
import { came, closed, recording, replayed, sent, startServer, upgrade } from "./replay-rig.js";

test("a server that reads nothing while it cannot write", async () => {
  const url = await startServer((client) => {
    client.on("message", (data, binary) => {
      client.pause();
      client.send(data, { binary }, () => client.resume());
    });
  });
  // More than the systems of both sides and the replay itself keep, before anything is expected.
  const texts = Array.from({ length: 100 }, (_, n) => `${n} ${"x".repeat(300_000)}`);
  const lines = [
    upgrade,
    ...texts.map((text) => sent(text)),
    ...texts.map((text) => came(text)),
    closed("client"),
  ];
  const wishes = { pace: { kind: "asap" }, wait: 5000, gateTimeout: 5000 } as const;
  const { connections } = await replayed(url, recording(lines), wishes);
  expect(connections[0]).toMatchObject({ outcome: "same", same: texts.length });
});
