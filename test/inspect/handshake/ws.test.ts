/** Shows what the checks say of servers as people run them: ws of Node.js, and Python's websockets. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { handshakeChecks } from "../../../src/inspect/handshake/checks.js";
import { requirePythonWebsockets, startPythonEcho } from "../../support/python-echo.js";
import { startWsEcho } from "../../support/servers.js";
import { lookAt } from "../looking.js";

/** What is not well, as a table. */
async function against(url: string): Promise<{ verdicts: Record<string, string>; rows: string[] }> {
  const { findings, verdicts } = await lookAt(url, handshakeChecks, { watch: 20 });
  const rows = findings
    .filter(({ verdict }) => verdict === "fail" || verdict === "warn")
    .map(({ rule, case: which, verdict, severity }) => `${rule} ${which}: ${verdict} ${severity}`);
  return { verdicts, rows: rows.toSorted() };
}

test("ws, attached to a server of Node.js", async () => {
  await using server = await startWsEcho();
  const { rows, verdicts } = await against(server.url);
  expect(verdicts).toEqual({
    "HS-01": "pass",
    "HS-02": "pass",
    "HS-03": "pass",
    "HS-04": "pass",
    "HS-05": "pass",
    "HS-06": "pass",
    // It takes the draft of version 8 on purpose.
    "HS-07": "warn",
    "HS-08": "pass",
    // Node.js looks at neither the version of HTTP nor Host before it emits "upgrade".
    "HS-09": "fail",
    "HS-10": "fail",
    "HS-11": "info",
    "HS-12": "pass",
    "HS-14": "pass",
    "HS-15": "skip",
    "HS-16": "skip",
    "HS-17": "pass",
    "HS-18": "pass",
  });
  expect(rows).toEqual([
    "HS-07 version 8: warn low",
    "HS-09 HTTP/1.0: fail medium",
    "HS-09 no Host: fail medium",
    // Of these tests: plain requests have no listener.
    "HS-09 silent: warn low",
    "HS-10 silent: fail low",
  ]);
});

test("ws with a port of its own", async () => {
  const wss = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(wss, "listening");
  const { port } = wss.address() as AddressInfo;
  try {
    const { rows, verdicts } = await against(`ws://127.0.0.1:${port}/`);
    expect(rows).toEqual([
      "HS-07 version 8: warn low",
      "HS-09 HTTP/1.0: fail medium",
      "HS-09 no Host: fail medium",
    ]);
    expect(verdicts).toMatchObject({ "HS-08": "pass", "HS-10": "info", "HS-11": "info" });
  } finally {
    for (const socket of wss.clients) socket.terminate();
    wss.close();
  }
});

describe.skipIf(!requirePythonWebsockets())("Python's websockets", () => {
  test("names no version, and takes requests without Host", async () => {
    const { url } = await startPythonEcho();
    const { rows, verdicts } = await against(url);
    expect(verdicts).toEqual({
      "HS-01": "pass",
      "HS-02": "pass",
      "HS-03": "pass",
      "HS-04": "pass",
      "HS-05": "pass",
      "HS-06": "pass",
      "HS-07": "warn",
      "HS-08": "pass",
      "HS-09": "fail",
      "HS-10": "info",
      "HS-11": "info",
      "HS-12": "pass",
      "HS-14": "pass",
      "HS-15": "skip",
      "HS-16": "skip",
      "HS-17": "pass",
      "HS-18": "pass",
    });
    expect(rows).toEqual([
      "HS-07 version 8, version 14: warn medium",
      "HS-09 no Host: fail medium",
    ]);
  });
});
