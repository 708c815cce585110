/** Shows what the default tier says of ws behind nginx and HAProxy, set up rightly and wrongly. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Certificates, makeCertificates } from "../../support/certificates.js";
import { requireHaproxy, startHaproxy } from "../../support/haproxy.js";
import { requireNginx, startNginx } from "../../support/nginx.js";
import { inspected, type Page } from "./inspecting.js";
import { faultless, refusing } from "./verdicts.js";
import { startWs } from "./ws-server.js";

/** What ws takes, whatever stands before it; see there. */
const ofWs = { "HS-07": "warn", "HS-09": "fail", "HS-10": "info", "HS-11": "info" };

describe.skipIf(!requireNginx())("nginx", () => {
  let usual = "";
  let wrong: string[] = [];
  let port = 0;

  beforeAll(async () => {
    ({ port } = await startWs());
    const { ports } = await startNginx(
      3,
      ({ ports: [a, b, c] }) => `
  server { listen 127.0.0.1:${a}; location / { ${passing()} ${upgrading} proxy_set_header Connection "upgrade"; } }
  server { listen 127.0.0.1:${b}; location / { ${passing()} } }
  server { listen 127.0.0.1:${c}; location / { ${passing()} proxy_http_version 1.1; } }`,
    );
    [usual = "", ...wrong] = ports.map((each) => `ws://127.0.0.1:${each}/`);
  });

  const passing = (): string => `proxy_pass http://127.0.0.1:${port};`;
  const upgrading = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;";

  /** Inspects nginx as it is with the lines that a finding asks for, and with those it had. */
  async function mended(fix: string, had = ""): Promise<Page> {
    const lines = /nginx: in http: (map .+? \}) and beside proxy_pass: ((?:proxy_\S+ [^;]+; ?)+)/;
    const [, map = "", proxy = ""] = lines.exec(fix) ?? [];
    const { ports } = await startNginx(
      1,
      ({ ports: [only] }) =>
        `${map} server { listen 127.0.0.1:${only}; location / { ${passing()} ${had} ${proxy} } }`,
    );
    return inspected(`ws://127.0.0.1:${ports[0]}/`);
  }

  test("with the usual lines", async () => {
    const page = await inspected(usual);
    expect(page.verdicts).toEqual({ ...faultless, ...ofWs });
    expect(page.against).toEqual([
      "HS-07 version 8: warn low",
      // Its requests to ws are HTTP/1.1 whatever came.
      "HS-09 HTTP/1.0: fail medium",
      // It says Connection: upgrade by itself; no Host it refuses by itself.
      "HS-09 no Connection: fail medium",
    ]);
    expect(page.inspection.hints).toContainEqual(expect.objectContaining({ what: "nginx" }));
  });

  test("with the lines that either finding asks for, both are gone", async () => {
    const fixes = (await inspected(usual)).of("HS-09").map(({ fix }) => fix);
    expect(fixes).toHaveLength(2);
    for (const fix of fixes) {
      const page = await mended(fix, upgrading);
      expect(page.verdicts).toEqual({ ...faultless, ...ofWs, "HS-09": "pass" });
      expect(page.against).toEqual(["HS-07 version 8: warn low"]);
    }
  });

  test("without the upgrade headers: one mistake is one finding, with its fix", async () => {
    for (const url of wrong) {
      const page = await inspected(url);
      expect(page.inspection).toMatchObject({
        outcome: "refused",
        failure: { code: "WSCTL_EUPGRADE" },
      });
      expect(page.verdicts).toEqual({ ...refusing, "HS-03": "fail" });
      expect(page.against).toEqual(["HS-03 lost on the way: fail high"]);
      const [lost] = page.of("HS-03");
      expect(lost?.message).toContain("the server behind nginx answered 426 Upgrade Required");
      // What opens it leaves nothing to be mended.
      const then = await mended(lost?.fix ?? "");
      expect(then.inspection.outcome).toBe("open");
      expect(then.against).toEqual(["HS-07 version 8: warn low"]);
    }
  });
});

describe.skipIf(!requireHaproxy())("HAProxy", () => {
  let certificates: Certificates;
  let plain = "";
  let secure = "";
  let down = "";

  beforeAll(async () => {
    const { port } = await startWs();
    certificates = await makeCertificates();
    const { server } = certificates;
    const pem = path.join(path.dirname(server.certPath), "haproxy.pem");
    await writeFile(pem, `${server.cert}\n${server.key}\n`, { mode: 0o600 });
    const { ports } = await startHaproxy(
      3,
      ({ ports: [a, b, c], directory }) => `
frontend plain
  bind 127.0.0.1:${a}
  bind 127.0.0.1:${b} ssl crt ${pem} alpn h2,http/1.1
  default_backend echo
frontend down
  bind 127.0.0.1:${c}
  default_backend nobody
backend echo
  timeout tunnel 10m
  server one 127.0.0.1:${port}
backend nobody
  server one unix@${directory}/nobody.sock`,
    );
    plain = `ws://127.0.0.1:${ports[0]}/`;
    secure = `wss://localhost:${ports[1]}/`;
    down = `ws://127.0.0.1:${ports[2]}/`;
  });

  const against = [
    "HS-07 version 8: warn low",
    // HAProxy passes both on; it drops Upgrade where no Connection is, so that there is no 101.
    "HS-09 HTTP/1.0: fail medium",
    "HS-09 no Host: fail medium",
  ];

  test("on plain TCP, where it speaks HTTP/2 to who knows", async () => {
    const page = await inspected(plain);
    expect(page.verdicts).toEqual({
      ...faultless,
      ...ofWs,
      // It takes the preface of HTTP/2 on a port of HTTP/1.1.
      "H2-1": "pass",
      // It passes Upgrade: wsctl-unknown on, and hands back what ws says: 400.
      "H2-2": "info",
    });
    expect(page.against).toEqual(against);
  });

  test("with TLS and HTTP/2: a WebSocket opens by extended CONNECT", async () => {
    const page = await inspected(secure, { tls: { ca: certificates.ca.cert } });
    expect(page.verdicts).toEqual({
      ...faultless,
      ...ofWs,
      "TLS-1": "pass",
      "TLS-2": "pass",
      "TLS-3": "pass",
      // It has one certificate, and shows it to everybody.
      "TLS-4": "pass",
      // It prefers h2, as it was told.
      "TLS-5": "info",
      "H2-1": "pass",
      "H2-2": "info",
    });
    expect(page.against).toEqual(against);
    expect(page.of("H2-1")[0]?.evidence[0]).toBe("SETTINGS_ENABLE_CONNECT_PROTOCOL = 1");
    expect(page.of("TLS-5")[0]?.message).toContain("chooses h2");
    expect(page.inspection.tls).toMatchObject({ protocol: "TLSv1.3", authorized: true });
  });

  test("with nobody behind it: nothing is held against the handshake", async () => {
    const page = await inspected(down);
    // Its 503 is no lost upgrade: it says what is wrong.
    expect(page.verdicts).toEqual({ ...refusing, "H2-1": "inconclusive", "H2-2": "inconclusive" });
    expect(page.inspection).toMatchObject({ outcome: "refused", failure: { reason: "status" } });
    expect(page.against).toEqual([]);
  });
});
