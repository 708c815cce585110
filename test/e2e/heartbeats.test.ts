/** Shows what a run against a real server says of peers that do not answer pings. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadJson, startServe, total } from "./load-run.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-beats-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scenario(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

test.concurrent("who does not answer pings is ended by the server, and the report says after how long", async () => {
  await using server = await startServe(["--heartbeat", "500ms"]);
  const file = scenario(
    "mute.yaml",
    `config:
  target: ${server.url}
  load: { connections: 20, duration: 2500ms }
profiles:
  - { name: mute, share: 25%, pong: never }
scenarios:
  - { name: idle, flow: [{ listen: 1h }] }
`,
  );
  const { result } = await loadJson(["-q", file]);
  const [mute] = result.profiles!;
  expect(mute!.totals["ws_pings_received"]).toBeGreaterThan(0);
  expect(mute!.totals["ws_pongs_sent"]).toBeUndefined();
  expect(mute!.totals["ws_close{by:server,cause:fin,code:1006}"]).toBe(5);
  const patience = result.trends["ws_pong_patience"]!;
  expect(patience.count).toBe(5);
  // It looks for pongs when it pings next.
  expect(patience.min).toBeGreaterThan(250);
});

test.concurrent("a server that falls silent is found dead when no pong comes", async () => {
  await using server = await startServe(["--fault", "blackhole-after=1s"]);
  const file = scenario(
    "silent.yaml",
    `config:
  target: ${server.url}
  load: { connections: 10, duration: 12s }
  heartbeat: { ping: 200ms, timeout: 500ms }
scenarios:
  - { name: idle, flow: [{ listen: 1h }] }
`,
  );
  const { result } = await loadJson(["-q", file]);
  expect(total(result, "ws_close{by:client,cause:no-pong,code:1006}")).toBe(10);
  const dead = result.trends["ws_dead_detected"]!;
  expect(dead.count).toBe(10);
  expect(dead.min).toBeGreaterThanOrEqual(500);
});
