/** SL-1: who begins and never finishes. */
import { expect, test } from "vitest";
import { startRaw as startSockets, switching as switchingTo } from "../../dial/raw-server.js";
import { find, quick, startWs } from "./looking.js";

test("a server that waits is warned of, case by case", async () => {
  const { url } = await startWs();
  const { findings, handshakes } = await find(url, quick.slowness);
  expect(
    findings.map(({ case: which, verdict, severity }) => `${which}: ${verdict} ${severity}`),
  ).toEqual([
    "half a request head: warn medium",
    "half a frame header: warn low",
    "a message without an end: warn low",
  ]);
  expect(findings[0]!.fix).toContain("client_header_timeout");
  expect(handshakes).toBe(4);
});

/** Ends each connection so soon, however it goes on. */
async function startImpatient(said = "") {
  const server = await startSockets({
    connected: (socket) => {
      const timer = setTimeout(() => socket.end(socket.bytesWritten === 0 ? said : ""), 250);
      socket.on("close", () => clearTimeout(timer));
    },
    answer: (socket, head) => void socket.write(switchingTo(head)),
  });
  return `ws://127.0.0.1:${server.port}/`;
}

test("one that loses its patience passes, and what it said is shown", async () => {
  const url = await startImpatient("HTTP/1.1 408 Request Timeout\r\n\r\n");
  const { first, findings } = await find(url, quick.slowness);
  expect(findings).toHaveLength(1);
  expect(first.verdict).toBe("pass");
  expect(first.evidence[0]).toMatch(/^half a request head: "HTTP\/1.1 408 Request Timeout" after/);
  expect(first.evidence[1]).toMatch(/^half a frame header: cut/);
  expect(first.evidence[2]).toMatch(/^a message without an end: cut/);
});

test("one that is gone afterwards fails high", async () => {
  const { url, server } = await startWs();
  let count = 0;
  server.on("connection", () => {
    if (++count === 3) server.close();
  });
  const { first } = await find(url, quick.slowness);
  expect(first).toMatchObject({ verdict: "fail", severity: "high", case: "afterwards" });
});
