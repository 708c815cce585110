/** Shows that an upgrade lost on the way is recognised, with nginx and real servers behind it. */
import http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { requireNginx, startNginx } from "../../support/nginx.js";
import { requirePythonWebsockets, startPythonEcho } from "../../support/python-echo.js";
import { http as answer, lookWith, startFaulty } from "./exemplary.js";

const nginx = "Server: nginx/1.22.1";

describe("by what servers say", () => {
  test.each<[string, string, string, string, string]>([
    [
      "ws",
      answer("426 Upgrade Required", [nginx], "Upgrade Required"),
      "fail",
      "high",
      "saw no request to upgrade",
    ],
    [
      "ws, Upgrade mangled",
      answer("400 Bad Request", [], "Invalid Upgrade header"),
      "fail",
      "high",
      "ws (Node.js)",
    ],
    [
      "Spring",
      answer("400 Bad Request", [nginx], 'Can "Upgrade" only to "WebSocket".'),
      "fail",
      "high",
      "Spring",
    ],
    [
      "axum",
      answer("400 Bad Request", [], "Connection header did not include 'upgrade'"),
      "fail",
      "high",
      "axum",
    ],
    [
      "Go",
      answer("400 Bad Request", ["Sec-Websocket-Version: 13"], "Bad Request\n"),
      "warn",
      "low",
      "asks for version 13",
    ],
    [
      "a page behind nginx",
      answer("200 OK", [nginx], "<html>"),
      "warn",
      "low",
      "perhaps lost on the way",
    ],
    [
      "404 behind nginx",
      answer("404 Not Found", [nginx], "Cannot GET /"),
      "warn",
      "low",
      "either the path is wrong",
    ],
    ["Envoy", answer("403 Forbidden", ["Server: envoy"], ""), "warn", "low", "not configured for"],
    [
      "Socket.IO, plain",
      answer("400 Bad Request", [], '{"code":3,"message":"Bad request"}'),
      "warn",
      "low",
      "Socket.IO",
    ],
    [
      "Socket.IO, address",
      answer("400 Bad Request", [], '{"code":0,"message":"Transport unknown"}'),
      "warn",
      "medium",
      "names no transport",
    ],
  ])("%s", async (_what, text, verdict, severity, message) => {
    const { url } = await startFaulty(() => text);
    const { findings } = await lookWith("HS-03", url);
    expect(findings.map((each) => [each.verdict, each.severity])).toEqual([[verdict, severity]]);
    expect(findings[0]?.message).toContain(message);
  });

  test.each([
    ["a refusal", answer("403 Forbidden")],
    ["a missing token", answer("401 Unauthorized", [nginx])],
    ["a proxy without a server behind it", answer("502 Bad Gateway", [nginx])],
    ["another version", answer("426 Upgrade Required", ["Sec-WebSocket-Version: 8"])],
    ["another protocol", answer("426 Upgrade Required", ["Upgrade: TLS/1.2"])],
    ["a wrong path without a proxy", answer("404 Not Found")],
  ])("%s is none", async (_what, text) => {
    const { url } = await startFaulty(() => text);
    const { verdicts } = await lookWith("HS-03", url);
    expect(verdicts).toEqual({ "HS-03": "inconclusive" });
  });

  test("who does not ask to upgrade has lost nothing", async () => {
    const { url } = await startFaulty(() => answer("426 Upgrade Required"));
    const { verdicts } = await lookWith("HS-03", url, {
      options: { request: { headers: [["Upgrade", "foo"]] } },
    });
    expect(verdicts).toEqual({ "HS-03": "inconclusive" });
  });
});

describe.skipIf(!requireNginx() || !requirePythonWebsockets())("behind nginx as it comes", () => {
  const wss = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const application = http.createServer((_request, response) =>
    response.writeHead(404).end("Cannot GET /\n"),
  );
  const attached = new WebSocketServer({ server: application });
  let url = "";

  beforeAll(async () => {
    application.listen(0, "127.0.0.1");
    await once(application, "listening");
    const { port: python } = await startPythonEcho();
    const { port: ws } = wss.address() as AddressInfo;
    const { port: app } = application.address() as AddressInfo;
    const upgrade =
      'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';
    const { ports } = await startNginx(
      1,
      ({ ports: [port] }) => `server {
    listen 127.0.0.1:${port};
    location /ws/bare { proxy_pass http://127.0.0.1:${ws}; }
    location /app/bare { proxy_pass http://127.0.0.1:${app}; }
    location /python/bare { proxy_pass http://127.0.0.1:${python}; }
    location /python/close { proxy_http_version 1.1; proxy_pass http://127.0.0.1:${python}; }
    location /python/old { ${upgrade} proxy_pass http://127.0.0.1:${python}; }
    location /python/half {
      proxy_http_version 1.1;
      proxy_set_header Connection "upgrade";
      proxy_pass http://127.0.0.1:${python};
    }
    location /python/right { proxy_http_version 1.1; ${upgrade} proxy_pass http://127.0.0.1:${python}; }
  }`,
    );
    url = `ws://127.0.0.1:${ports[0]}`;
  });
  afterAll(async () => {
    for (const server of [wss, attached]) server.close();
    application.closeAllConnections();
    const closed = once(application, "close");
    application.close();
    await closed;
  });

  test.each([
    ["/ws/bare", "fail", "426 Upgrade Required: it saw no request to upgrade"],
    ["/app/bare", "warn", "404 Not Found: either the path is wrong"],
    ["/python/bare", "fail", "it saw a request that is not HTTP/1.1"],
    ["/python/old", "fail", "it saw a request that is not HTTP/1.1"],
    ["/python/close", "fail", "it saw no Connection: Upgrade"],
    ["/python/half", "fail", "it saw no Upgrade: websocket"],
  ])("%s", async (path, verdict, message) => {
    const { findings } = await lookWith("HS-03", `${url}${path}`);
    expect(findings.map((each) => each.verdict)).toEqual([verdict]);
    expect(findings[0]?.message).toContain(message);
    expect(findings[0]?.message).toContain("behind nginx");
    expect(findings[0]?.fix).toContain(
      "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;",
    );
  });

  test("with those lines it passes", async () => {
    const { verdicts } = await lookWith("HS-03", `${url}/python/right`);
    expect(verdicts).toEqual({ "HS-03": "pass" });
  });
});
