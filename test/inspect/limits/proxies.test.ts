/** SM-1, RL-1, RL-3 through the proxies that people have before their servers. */
import { expect, test } from "vitest";
import { requireHaproxy, startHaproxy } from "../../support/haproxy.js";
import { requireNginx, startNginx } from "../../support/nginx.js";
import { find, quick, startWs } from "./looking.js";

test.runIf(requireNginx())("nginx: its limits are met, and it opens no tunnel", async () => {
  const { url } = await startWs();
  const { ports } = await startNginx(
    1,
    (place) => `
limit_req_zone $binary_remote_addr zone=rate:1m rate=1r/s;
limit_conn_zone $binary_remote_addr zone=number:1m;
limit_req_status 429;
limit_conn_status 429;
server {
  listen 127.0.0.1:${place.ports[0]};
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection upgrade;
  location / { limit_conn number 10; proxy_pass ${url.replace("ws:", "http:")}; }
  location /rate { limit_req zone=rate burst=9 nodelay; proxy_pass ${url.replace("ws:", "http:")}; }
}`,
  );
  const front = `ws://127.0.0.1:${ports[0]}/`;
  expect((await find(front, quick.smuggling)).first.verdict).toBe("pass");
  const { first } = await find(front, quick.connectionCount);
  expect(first).toMatchObject({ verdict: "pass" });
  expect(first.message).toContain("limited with 10 connections open: 429");
  const rate = await find(`${front}rate`, quick.handshakeRate);
  expect(rate.first.message).toMatch(/^limited at about .*: 429 Too Many Requests/);
});

test.runIf(requireHaproxy())("HAProxy: a limited rate is not taken for a number", async () => {
  const { url } = await startWs();
  const { ports } = await startHaproxy(
    1,
    (place) => `
frontend front
  bind 127.0.0.1:${place.ports[0]}
  stick-table type ip size 1k expire 30s store http_req_rate(30s)
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 12 }
  default_backend back
backend back
  server one ${new URL(url).host}`,
  );
  const front = `ws://127.0.0.1:${ports[0]}/`;
  expect((await find(front, quick.smuggling)).first.verdict).toBe("pass");
  const { first } = await find(front, quick.connectionCount);
  expect(first.verdict).toBe("inconclusive");
  expect(first.message).toContain("it is their rate that is limited");
});
