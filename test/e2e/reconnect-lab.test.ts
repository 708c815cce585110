/** Shows the reconnect lab as a user runs it: what a server asks for, its nodes' names, cuts again and again. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { textReport } from "../../src/report/text.js";
import { plainInk } from "../report/results.js";
import { loadJson, wrongWith } from "./load-run.js";
import { closeInKind, frame, onFrames, startRaw, switching } from "./raw-server.js";

const config = `
config:
  load: { connections: 4, duration: 3300ms, connectRate: 1000/s, gracefulStop: 200ms }
  reconnect: { policy: fixed, base: 20ms }
  node: X-Served-By
  thresholds:
    ws_losses: ["count==12"]
    ws_given_up: ["count==0"]
    "ws_reconnect_hints{hint:retry-after,taken:honoured}": ["count==4"]
    "ws_reconnect_hints{hint:1013,taken:honoured}": ["count==4"]
events:
  - { at: 300ms, every: 2500ms, times: 2, drop: 100%, how: reset }
flow:
  - listen: 1h
`;

const busy =
  "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const later = Buffer.concat([Buffer.of(3, 0xf5), Buffer.from("retry after 300ms")]);

test("a server that is busy, and then asks to come again later, is heard", async () => {
  let [asked, opened] = [0, 0];
  const { url } = await startRaw({
    // Each is opened, cut by the event, refused once, and opened again, at another node.
    answer: (head) => {
      const [turn, isRefused] = [Math.floor(asked / 4), asked >= 4 && asked < 8];
      asked++;
      if (isRefused) return busy;
      return switching(head, `X-Served-By: node-${turn === 2 ? "b" : "a"}`);
    },
    upgraded: (socket: Socket) => {
      if (asked >= 5 && asked <= 8) {
        socket.end();
        return;
      }
      opened++;
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
      if (opened > 4 && opened <= 8) setTimeout(() => socket.write(frame(8, later)), 200);
    },
  });
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-lab-"));
  try {
    const file = path.join(folder, "lab.yaml");
    await writeFile(file, config);
    const { code, result, stderr } = await loadJson(["-q", file, url, "--workers", "1"]);
    expect(code, stderr).toBe(0);
    expect(wrongWith(result)).toEqual([]);
    const recovery = result.recovery!;
    expect(recovery).toMatchObject({ cut: 12, back: 12, attempts: 16 });
    expect(recovery.hints).toEqual([
      { hint: "retry-after", honoured: 4, capped: 0, ignored: 0 },
      { hint: "1013", honoured: 4, capped: 0, ignored: 0 },
    ]);
    const event = (round: number) => ({ kind: "event", event: 1, round, rounds: 2, how: "reset" });
    expect(recovery.episodes).toMatchObject([
      { cause: event(1), at: 300, cut: 4, back: 4, moves: [{ from: "node-a", to: "node-b" }] },
      {
        cause: { kind: "losses", ends: [{ count: 4 }] },
        cut: 4,
        back: 4,
        moves: [{ from: "node-b", to: "node-a" }],
      },
      { cause: event(2), at: 2800, cut: 4, back: 4, moves: [{ from: "node-a", to: "node-a" }] },
    ]);
    const [refused, sentAway] = recovery.episodes;
    expect(refused!.times.min).toBeGreaterThanOrEqual(1000);
    expect(sentAway!.times.min).toBeGreaterThanOrEqual(299);
    const text = textReport(result, plainInk);
    expect(text).toContain("Retry-After: 4 × honoured");
    expect(text).toContain("close code 1013: 4 × honoured");
  } finally {
    await rm(folder, { recursive: true });
  }
}, 30_000);
