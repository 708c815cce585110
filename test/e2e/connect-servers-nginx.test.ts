/** Shows `wsctl connect` against WebSocket servers behind nginx, set up well and set up badly. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { requireNginx, startNginx } from "../support/nginx.js";
import { runWsctl } from "../support/wsctl.js";
import { eventsOf } from "./connect-run.js";

const hello = ["-x", "hello", "--count", "1"];

/** What every manual says that a proxied WebSocket needs. */
const upgrading = `proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $host;`;

describe.skipIf(!requireNginx())("nginx before a server of ws", () => {
  // With its own listener, for what it says to requests that are no upgrades.
  const wss = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  let certificates: Certificates;
  let stranger: Certificates;
  let plain = "";
  let secure = "";

  beforeAll(async () => {
    wss.on("connection", (socket) => {
      socket.on("error", () => socket.terminate());
      socket.on("message", (data, binary) => socket.send(data, { binary }));
    });
    certificates = await makeCertificates();
    stranger = await makeCertificates();
    const { port } = wss.address() as AddressInfo;
    const { ca, server } = certificates;
    const { ports } = await startNginx(
      2,
      ({ ports: [first, second], directory }) => `server {
    listen 127.0.0.1:${first};
    location /well {
      ${upgrading}
      proxy_pass http://127.0.0.1:${port};
    }
    location /forgotten { proxy_pass http://127.0.0.1:${port}; }
    location /down {
      ${upgrading}
      proxy_pass http://unix:${directory}/nobody.sock;
    }
  }
  server {
    listen 127.0.0.1:${second} ssl http2;
    ssl_certificate ${server.certPath};
    ssl_certificate_key ${server.keyPath};
    ssl_client_certificate ${ca.certPath};
    ssl_verify_client on;
    location / {
      ${upgrading}
      proxy_pass http://127.0.0.1:${port};
    }
  }`,
    );
    plain = `ws://127.0.0.1:${ports[0]}`;
    secure = `wss://localhost:${ports[1]}/`;
  });
  afterAll(async () => {
    for (const socket of wss.clients) socket.terminate();
    const closed = once(wss, "close");
    wss.close();
    await closed;
  });

  test("messages of all kinds come back", async () => {
    const stdin = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) & 0x7f));
    const bytes = ["connect", `${plain}/well`, "--binary", "--wait", "500ms"];
    const [lines, streamed] = await Promise.all([
      runWsctl(["connect", `${plain}/well`, "--count", "3"], { stdin: "one\n\ngrüße\n" }),
      runWsctl(bytes, { stdin }),
    ]);
    expect([lines.code, lines.stdout], lines.stderr).toEqual([0, "one\n\ngrüße\n"]);
    expect(streamed.code, streamed.stderr).toBe(0);
    expect(Buffer.from(streamed.stdout).equals(stdin)).toBe(true);
  });

  test("a client certificate that is wanted opens the way", async () => {
    const { ca, client } = certificates;
    const trust = ["--ca", ca.certPath, "--cert", client.certPath, "--key", client.keyPath];
    const { code, stdout, stderr } = await runWsctl([
      "connect",
      secure,
      ...trust,
      ...hello,
      "--json",
    ]);
    expect(code, stderr).toBe(0);
    const events = eventsOf({ stdout });
    expect(events[1]).toMatchObject({
      event: "open",
      tls: { protocol: expect.stringMatching(/^TLSv1\.[23]$/) },
    });
    expect(events).toContainEqual(
      expect.objectContaining({ event: "message", direction: "in", data: "hello" }),
    );
  });

  test("without one, or with a stranger's, nginx answers in HTTP, and that is explained", async () => {
    const { client } = stranger;
    const given = ["--cert", client.certPath, "--key", client.keyPath];
    for (const [args, said] of [
      [[], "No required SSL certificate was sent"],
      [given, "The SSL certificate error"],
    ] as const) {
      const trust = ["--ca", certificates.ca.certPath];
      const { code, stdout, stderr } = await runWsctl([
        "connect",
        secure,
        ...trust,
        ...args,
        ...hello,
      ]);
      expect([code, stdout], stderr).toEqual([4, ""]);
      expect(stderr).toMatch(
        /^error: the server refused the upgrade: 400 Bad Request +\[WSCTL_EUPGRADE\]$/m,
      );
      expect(stderr).toContain(said);
      expect(stderr).toMatch(/^hint: .*--cert.*--key/m);
    }
  });

  test("a port that wants TLS is told as such", async () => {
    const url = secure.replace("wss:", "ws:");
    const { code, stderr } = await runWsctl(["connect", url, ...hello]);
    expect([code, stderr]).toEqual([4, expect.stringMatching(/^hint: .*TLS.*wss:\/\//m)]);
  });

  test("upgrade headers that nginx does not pass on are suspected", async () => {
    const { code, stdout, stderr } = await runWsctl(["connect", `${plain}/forgotten`, ...hello]);
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(
      /^error: the server refused the upgrade: 426 Upgrade Required +\[WSCTL_EUPGRADE\]$/m,
    );
    expect(stderr).toContain("GET /forgotten on 127.0.0.1:");
    expect(stderr).toMatch(/^hint: .*proxy.*Upgrade/m);
  });

  test("a server that is down is told as the proxy's trouble, with its status", async () => {
    const { code, stdout, stderr } = await runWsctl(["connect", `${plain}/down`, ...hello]);
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toMatch(/^error: .*502 Bad Gateway +\[WSCTL_EUPGRADE\]$/m);
    expect(stderr).toMatch(/^hint: .*proxy could not reach/m);
  });
});
