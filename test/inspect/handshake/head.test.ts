/** Shows HS-01 to HS-04: what of the 101 itself is odd, malformed or missing. */
import { describe, expect, test } from "vitest";
import { frame, startRaw, switching } from "../../e2e/raw-server.js";
import { http, lookWith, rowsOf, startFaulty } from "./exemplary.js";

/** A right 101 that is changed afterwards. */
const changed =
  (change: (text: string) => string) =>
  (head: string): string =>
    change(switching(head));

describe("HS-01, the exchange", () => {
  test("is shown as it was, without secrets", async () => {
    const { url } = await startFaulty((head) =>
      switching(head, "x-ORDER: kept", "Set-Cookie: sid=hunter2; Secure"),
    );
    const { findings, verdicts } = await lookWith("HS-01", `${url}?token=hunter2&a=b`, {
      options: { request: { key: "dGhlIHNhbXBsZSBub25jZQ==", cookie: "sid=hunter2" } },
    });
    expect(verdicts).toEqual({ "HS-01": "pass" });
    const port = new URL(url).host;
    expect(findings[0]?.evidence).toEqual([
      "> GET /?token=SECRET&a=b HTTP/1.1",
      `> Host: ${port}`,
      "> Upgrade: websocket",
      "> Connection: Upgrade",
      "> Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "> Sec-WebSocket-Version: 13",
      "> Cookie: SECRET",
      "< HTTP/1.1 101 Switching Protocols",
      "< Upgrade: websocket",
      "< Connection: Upgrade",
      "< Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
      "< x-ORDER: kept",
      "< Set-Cookie: sid=SECRET; Secure",
    ]);
  });

  test.each<[string, (text: string) => string, string]>([
    [
      "two of one",
      (text) => text.replace("\r\n\r\n", "\r\nUPGRADE: websocket\r\n\r\n"),
      "upgrade came 2 times",
    ],
    ["bare LF", (text) => text.replaceAll("\r\n", "\n"), "4 lines ended by a bare LF"],
    ["a fold", (text) => text.replace(": Upgrade", ":\r\n Upgrade"), "1 folded line"],
    [
      "bytes beyond ASCII",
      (text) => text.replace("Switching", "Gr\xfcezi"),
      "1 line with bytes beyond ASCII",
    ],
    [
      "blanks",
      (text) => text.replace(": Upgrade", ":   Upgrade"),
      "1 line with blanks around the value",
    ],
  ])("%s is odd", async (_what, change, odd) => {
    const { url } = await startFaulty(changed(change));
    const { findings } = await lookWith("HS-01", url);
    expect([findings[0]?.verdict, findings[0]?.message]).toEqual([
      "info",
      expect.stringContaining(odd),
    ]);
  });

  test("the folds of a secret are secret", async () => {
    const { url } = await startFaulty(
      changed((text) => text.replace("\r\n\r\n", "\r\nSet-Cookie: a=\r\n hunter2\r\n\r\n")),
    );
    for (const id of ["HS-01", "HS-02"]) {
      const { findings } = await lookWith(id, url);
      expect(JSON.stringify(findings)).not.toContain("hunter2");
    }
  });
});

describe("HS-02, the grammar", () => {
  test.each<[string, (text: string) => string, string[]]>([
    ["bare LF", (text) => text.replaceAll("\r\n", "\n"), ["line ends | fail | medium"]],
    [
      "a bare LF at the end",
      (text) => text.replace(/\r\n\r\n$/, "\r\n\n"),
      ["line ends | fail | medium"],
    ],
    ["a fold", (text) => text.replace(": Upgrade", ":\r\n\tUpgrade"), ["folding | fail | medium"]],
    ["HTTP/1.0", (text) => text.replace("HTTP/1.1", "HTTP/1.0"), ["version | fail | medium"]],
    [
      "no reason and no space",
      (text) => text.replace(" Switching Protocols", ""),
      ["status line | warn | low"],
    ],
    ["no reason", (text) => text.replace("Switching Protocols", ""), ["pass | info"]],
    [
      "Content-Length",
      (text) => text.replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"),
      ["Content-Length | fail | medium"],
    ],
    [
      "Transfer-Encoding",
      (text) => text.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n"),
      ["Transfer-Encoding | fail | medium"],
    ],
    [
      "a blank before a colon",
      (text) => text.replace("Upgrade:", "Upgrade :"),
      ["unreadable | fail | medium"],
    ],
    [
      "a line without a colon",
      (text) => text.replace("\r\n\r\n", "\r\noops\r\n\r\n"),
      ["unreadable | fail | medium"],
    ],
  ])("%s", async (_what, change, rows) => {
    const { url } = await startFaulty(changed(change));
    const { findings } = await lookWith("HS-02", url);
    expect(rowsOf(findings)).toEqual(rows);
  });

  test("a secret in a line that cannot be read stays one", async () => {
    const { url } = await startFaulty(
      changed((text) => text.replace("Upgrade:", "Set-Cookie : sid=hunter2\r\nUpgrade:")),
    );
    const { findings } = await lookWith("HS-02", url);
    expect(rowsOf(findings)).toEqual(["unreadable | fail | medium"]);
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  test.each([
    ["SSH", "SSH-2.0-OpenSSH_9.2p1\r\n", "the answer is not HTTP"],
    ["a banner in two lines", "220 mail.example ESMTP\r\n\r\n", "the answer is not HTTP"],
    ["TLS", "\x15\x03\x01\0\x02\x02\x46", "the server speaks TLS on this port"],
    ["HTTP/2", "\0\0\0\x04\0\0\0\0\0", "the server speaks HTTP/2, not HTTP/1.1"],
  ])("%s is no head that is written badly", async (_what, answer, why) => {
    const { url } = await startRaw({ answer: () => answer });
    const { findings } = await lookWith("HS-02", url);
    expect(rowsOf(findings)).toEqual(["inconclusive | info"]);
    expect(findings[0]?.message).toBe(`no HTTP answer came: ${why}`);
  });

  test("a status line that is none is one", async () => {
    const { url } = await startRaw({ answer: () => "HTTP/1.1 Switching\r\n\r\n" });
    const { findings } = await lookWith("HS-02", url);
    expect(rowsOf(findings)).toEqual(["unreadable | fail | medium"]);
  });

  test("a refusal is not judged", async () => {
    const { url } = await startFaulty(() => http("403 Forbidden"));
    const { verdicts } = await lookWith("HS-02", url);
    expect(verdicts).toEqual({ "HS-02": "inconclusive" });
  });
});

describe("HS-03 and HS-04", () => {
  test.each<[string, (text: string) => string, string, string]>([
    ["no Upgrade", (text) => text.replace("Upgrade: websocket\r\n", ""), "fail", "pass"],
    [
      "another Upgrade",
      (text) => text.replace("Upgrade: websocket", "Upgrade: h2c"),
      "fail",
      "pass",
    ],
    [
      "two",
      (text) => text.replace("Upgrade: websocket", "Upgrade: websocket\r\nUpgrade: websocket"),
      "fail",
      "pass",
    ],
    [
      "in capitals",
      (text) => text.replace("websocket", "WEBSOCKET").replace(": Upgrade", ": UPGRADE"),
      "pass",
      "pass",
    ],
    ["a list", (text) => text.replace(": Upgrade", ": keep-alive, upgrade"), "pass", "pass"],
    ["no Connection", (text) => text.replace("Connection: Upgrade\r\n", ""), "pass", "fail"],
    ["keep-alive", (text) => text.replace(": Upgrade", ": keep-alive"), "pass", "fail"],
  ])("%s", async (_what, change, upgrade, connection) => {
    const { url } = await startFaulty(changed(change));
    const [three, four] = [await lookWith("HS-03", url), await lookWith("HS-04", url)];
    expect([three.verdicts["HS-03"], four.verdicts["HS-04"]]).toEqual([upgrade, connection]);
    for (const { severity, verdict } of [...three.findings, ...four.findings]) {
      expect(severity).toBe(verdict === "fail" ? "high" : "info");
    }
  });
});

describe("HS-17, what is glued to the 101", () => {
  const glued = (bytes: string) => (head: string) => switching(head) + bytes;
  test.each<[string, string, string]>([
    ["a frame is heard", frame(1, "hello").toString("latin1"), "info"],
    ["nothing", "", "pass"],
    ["a body is no frame", "<html>nothing here</html>", "fail"],
  ])("%s", async (_what, bytes, verdict) => {
    const { url } = await startFaulty(glued(bytes));
    const { findings } = await lookWith("HS-17", url, { watch: 30 });
    expect(findings.map((each) => each.verdict)).toEqual([verdict]);
    expect(findings[0]?.message).toMatch(
      bytes === "" ? /nothing/ : new RegExp(`^${bytes.length} bytes`),
    );
  });

  test("says how much was heard", async () => {
    const { url } = await startFaulty(
      glued(frame(1, "a").toString("latin1") + frame(1, "b").toString("latin1")),
    );
    const { findings } = await lookWith("HS-17", url, { watch: 30 });
    expect(findings[0]?.evidence).toEqual([
      "6 bytes glued to the 101",
      "heard: 2 messages, 0 pings, 0 pongs",
    ]);
  });

  test("the beginning of a frame is no message", async () => {
    const { url } = await startRaw({ answer: glued("\x81\x05he") });
    const { findings } = await lookWith("HS-17", url, { watch: 30 });
    expect(findings.map(({ verdict, message }) => [verdict, message])).toEqual([
      ["info", expect.stringContaining("the beginning of a frame")],
    ]);
  });

  test("without watching nothing is said", async () => {
    const { url } = await startRaw();
    const { verdicts } = await lookWith("HS-17", url);
    expect(verdicts).toEqual({ "HS-17": "inconclusive" });
  });
});

test("HS-01 shows no value of a header that the user calls secret, however short", async () => {
  const server = await startFaulty((head) => switching(head, "X-Ws: ab"));
  const { findings } = await lookWith("HS-01", server.url, {
    options: { request: { headers: [["X-Ws", "cd"]] } },
    given: { secretHeaders: new Set(["x-ws"]) },
  });
  expect(findings[0]?.evidence).toEqual(
    expect.arrayContaining(["> X-Ws: SECRET", "< X-Ws: SECRET"]),
  );
});

test("HS-16 calls a cookie by its name, though a secret is the same word", async () => {
  const server = await startFaulty((head) => switching(head, "Set-Cookie: session-id-1=v4lue-9"));
  const { findings } = await lookWith("HS-16", server.url, {
    options: { request: { cookie: "theme=session-id-1" } },
  });
  expect(findings[0]?.message).toMatch(/^the cookie session-id-1 has no Secure/);
  expect(findings[0]?.message).toContain(
    "Chromium takes that for Lax and keeps it from WebSockets that other sites open; Firefox and Safari do not take it for Lax",
  );
  expect(JSON.stringify(findings)).not.toContain("v4lue-9");
});
