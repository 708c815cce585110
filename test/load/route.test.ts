/** Shows that a worker goes the way that the plan says: proxies by target, given addresses. */
import { expect, test } from "vitest";
import { Dialler } from "../../src/load/dialler.js";
import { Fleet } from "../../src/load/fleet.js";
import { Meter } from "../../src/load/meter.js";
import { Rig } from "../../src/load/rig.js";
import { redactPlan } from "../../src/scenario/redact.js";
import type { RouteSpec } from "../../src/scenario/scenario.js";
import { startHttpProxy, startSocksProxy } from "../dial/proxies.js";
import { startRaw, switching } from "../dial/raw-server.js";
import { planOf, usualFlags } from "../scenario/flags.js";
import { frame, openLink, until } from "./pair.js";

function diallerTo(targets: readonly string[], route: RouteSpec): { dialler: Dialler; rig: Rig } {
  const plan = planOf({ targets, connection: { ...usualFlags.connection, route } });
  const rig = new Rig(plan, new Meter(0), (link) => fleet.ended(link));
  const fleet = new Fleet(plan.connections, rig);
  return { dialler: new Dialler(plan, "run-7", rig.meter, new AbortController().signal), rig };
}

test("each target has its proxy, or none, and frames are counted as ever", async () => {
  const server = await startRaw({
    answer: (socket, head) => {
      socket.write(Buffer.concat([Buffer.from(switching(head)), frame(1, "hello")]));
    },
  });
  const http = await startHttpProxy({ to: server.port });
  const socks = await startSocksProxy({ to: server.port });
  const { dialler, rig } = diallerTo(["ws://a.test/", "ws://b.test/", "ws://c.test/"], {
    proxies: [`http://127.0.0.1:${http.port}`, `socks5h://127.0.0.1:${socks.port}`, ""],
    resolve: ["c.test:80:10.0.0.1"],
    connectTo: [`c.test:80:127.0.0.1:${server.port}`],
  });
  const links = await Promise.all([
    openLink(dialler, rig, 0),
    openLink(dialler, rig, 1),
    openLink(dialler, rig, 2),
  ]);
  expect(links.map((link) => link?.open)).toEqual([true, true, true]);
  await until(() => rig.meter.hot.ws_msgs_received === 3);
  expect(http.asked).toEqual([expect.stringMatching(/^CONNECT a\.test:80 /)]);
  expect(socks.asked).toEqual(["b.test:80"]);
  expect(rig.meter.hot.ws_bytes_received).toBe(3 * frame(1, "hello").length);
});

test("a proxy that opens no tunnel is a cause of its own", async () => {
  const http = await startHttpProxy({ to: 1, answer: () => "HTTP/1.1 403 No\r\n\r\n" });
  const { dialler, rig } = diallerTo(["ws://a.test/"], {
    proxies: [`http://127.0.0.1:${http.port}`],
  });
  await expect(openLink(dialler, rig, 0)).resolves.toBeUndefined();
  expect(rig.meter.cut(1, 1000, {}).counters).toMatchObject({
    "ws_connect_failed{reason:proxy}": 1,
  });
  expect(dialler.failure).toMatchObject({ code: "WSCTL_ETCP" });
});

test.each(["http://me:c4n4ry@p.test:1", "me:c4n4ry@p.test:1", "socks5h://me:c4n4ry@p.test"])(
  "the password of %s is not written down with the plan",
  (proxy) => {
    const route = { proxies: [proxy, ""], proxyTls: { ca: "PEM c4n4ry" }, unix: "/s" };
    const plan = planOf({ connection: { ...usualFlags.connection, route } });
    const written = JSON.stringify(redactPlan(plan));
    expect(written).not.toContain("c4n4ry");
    expect(written).toContain("p.test");
  },
);
