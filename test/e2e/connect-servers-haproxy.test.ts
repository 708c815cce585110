/** Shows `wsctl connect` against WebSocket servers behind HAProxy, which also ends TLS and idle tunnels. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { requireHaproxy, startHaproxy } from "../support/haproxy.js";
import { startWsEcho } from "../support/servers.js";
import { runWsctl } from "../support/wsctl.js";
import { eventsOf } from "./connect-run.js";

const hello = ["-x", "hello", "--count", "1"];

describe.skipIf(!requireHaproxy())("HAProxy before a server of ws", () => {
  let certificates: Certificates;
  let plain = "";
  let impatient = "";
  let secure = "";
  /** Wants a client certificate, and speaks TLS 1.3. */
  let guarded = "";
  /** The same with TLS 1.2, which tells of it in another way. */
  let guardedOld = "";

  beforeAll(async () => {
    certificates = await makeCertificates();
    const { ca, server } = certificates;
    const { port } = await startWsEcho();
    const pem = path.join(path.dirname(server.certPath), "haproxy.pem");
    await writeFile(pem, `${server.cert}\n${server.key}\n`, { mode: 0o600 });
    const { ports } = await startHaproxy(5, ({ ports: [a, b, c, d, e], directory }) => {
      const verify = `ssl crt ${pem} ca-file ${ca.certPath} verify required`;
      return `
frontend plain
  bind 127.0.0.1:${a}
  use_backend nobody if { path_beg /down }
  default_backend echo
frontend impatient
  bind 127.0.0.1:${b}
  default_backend impatient
frontend secure
  bind 127.0.0.1:${c} ssl crt ${pem} alpn h2,http/1.1
  bind 127.0.0.1:${d} ${verify}
  bind 127.0.0.1:${e} ${verify} ssl-max-ver TLSv1.2
  default_backend echo
backend echo
  timeout tunnel 10m
  server one 127.0.0.1:${port}
backend impatient
  timeout tunnel 1s
  server one 127.0.0.1:${port}
backend nobody
  server one unix@${directory}/nobody.sock`;
    });
    [plain, impatient] = [`ws://127.0.0.1:${ports[0]}/`, `ws://127.0.0.1:${ports[1]}/`];
    [secure = "", guarded = "", guardedOld = ""] = ports
      .slice(2)
      .map((at) => `wss://localhost:${at}/`);
  });

  test("messages of all kinds come back", async () => {
    const stdin = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) & 0x7f));
    const [lines, streamed] = await Promise.all([
      runWsctl(["connect", plain, "--count", "3"], { stdin: "one\n\ngrüße\n" }),
      runWsctl(["connect", plain, "--binary", "--wait", "500ms"], { stdin }),
    ]);
    expect([lines.code, lines.stdout], lines.stderr).toEqual([0, "one\n\ngrüße\n"]);
    expect(streamed.code, streamed.stderr).toBe(0);
    expect(Buffer.from(streamed.stdout).equals(stdin)).toBe(true);
  });

  test("TLS that ends at HAProxy is spoken, by HTTP/1.1 although it prefers h2", async () => {
    const args = ["connect", secure, "--ca", certificates.ca.certPath, ...hello, "--json"];
    const { code, stdout, stderr } = await runWsctl(args);
    expect(code, stderr).toBe(0);
    expect(eventsOf({ stdout })[1]).toMatchObject({ event: "open", tls: { protocol: "TLSv1.3" } });
    const untrusting = await runWsctl(["connect", secure, ...hello]);
    expect([untrusting.code, untrusting.stdout]).toEqual([3, ""]);
    expect(untrusting.stderr).toMatch(/\[WSCTL_ETLS\]$[^]*^hint: .*--ca/m);
  });

  test("a client certificate is taken, and one that is missing explained", async () => {
    const { ca, client } = certificates;
    for (const url of [guarded, guardedOld]) {
      const args = ["connect", url, "--ca", ca.certPath, ...hello];
      const given = ["--cert", client.certPath, "--key", client.keyPath];
      const [without, within] = await Promise.all([runWsctl(args), runWsctl([...args, ...given])]);
      expect([within.code, within.stdout], within.stderr).toEqual([0, "hello\n"]);
      expect([without.code, without.stdout], without.stderr).toEqual([3, ""]);
      expect(without.stderr).toMatch(/^error: .*certificate.*\[WSCTL_ETLS\]$/m);
      expect(without.stderr).toMatch(/^hint: .*--cert and --key/m);
    }
  });

  test("a server that is down is 503, with what HAProxy says", async () => {
    const { code, stdout, stderr } = await runWsctl(["connect", `${plain}down`, ...hello]);
    expect([code, stdout], stderr).toEqual([4, ""]);
    expect(stderr).toMatch(/^error: .*: 503 Service Unavailable +\[WSCTL_EUPGRADE\]$/m);
    expect(stderr).toContain("No server is available to handle this request");
    expect(stderr).toMatch(/^hint: .*a proxy has none/m);
  });

  test("a tunnel that it cuts for idleness is 5, and pings keep it open", async () => {
    const args = ["connect", impatient, "-x", "hello"];
    const [idle, pinging] = await Promise.all([
      runWsctl([...args, "--wait", "forever"]),
      runWsctl([...args, "--wait", "2s", "--ping", "400ms"]),
    ]);
    expect([idle.code, idle.stdout]).toEqual([5, "hello\n"]);
    expect(idle.stderr).toContain("1006");
    expect([pinging.code, pinging.stdout], pinging.stderr).toEqual([0, "hello\n"]);
  });
});
