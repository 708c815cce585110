/** Shows the ways round the look-up: other hosts, given addresses, socket files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dial } from "../../src/dial/dial.js";
import { detoured, parseDetour, PinnedResolver } from "../../src/dial/detour.js";
import { open } from "../../src/dial/open.js";
import type { Resolver } from "../../src/dial/resolver.js";
import { resolverFor, routeFrom } from "../../src/dial/route.js";
import { parseTarget } from "../../src/dial/target.js";
import { type Certificates, makeCertificates } from "../support/certificates.js";
import { startHttpProxy } from "./proxies.js";
import { receiveText, rejection, startRaw, switching } from "./raw-server.js";

const never: Resolver = {
  resolve: async () => {
    throw Object.assign(new Error("nobody knows"), { code: "ENOTFOUND" });
  },
};

let made: Certificates;

beforeAll(async () => {
  made = await makeCertificates();
});

describe("--connect-to", () => {
  test.each([
    ["a.test:80:b.test:81", "a.test", 80, "b.test:81"],
    ["A.test:80:b.test:81", "a.test", 80, "b.test:81"],
    ["a.test:80:b.test:81", "a.test", 82, "a.test:82"],
    ["a.test:80:b.test:81", "c.test", 80, "c.test:80"],
    ["::b.test:81", "a.test", 9, "b.test:81"],
    ["a.test::b.test:", "a.test", 9, "b.test:9"],
    [":::81", "a.test", 9, "a.test:81"],
    ["[::1]:80:[::2]:81", "::1", 80, "::2:81"],
  ])("%s", (text, host, port, expected) => {
    const to = detoured({ host, port }, [parseDetour(text)]);
    expect(`${to.host}:${to.port}`).toBe(expected);
  });

  test.each(["", "a", "a:1", "a:1:b", "a:1:b:2:3", "a:x:b:2", "a:1:b:0", "a:1:b:65536"])(
    "is not %j",
    (text) => {
      expect(() => parseDetour(text)).toThrow(/--connect-to .* cannot be read/);
    },
  );

  test("takes the first that fits, and changes neither request nor certificate", async () => {
    const server = await startRaw({
      tls: made.server,
      answer: (socket, head) => socket.write(switching(head)),
    });
    const { detours } = routeFrom({
      connectTo: ["other::x:1", `localhost:443:127.0.0.1:${server.port}`, "::y:2"],
    });
    const { wire } = await dial(parseTarget("wss://localhost/"), {
      detours,
      resolver: never,
      tls: { ca: made.ca.cert },
    });
    expect(wire.tls?.authorized).toBe(true);
    expect(server.heads[0]).toMatch(/\r\nHost: localhost\r\n/);
    wire.destroy();
  });

  test("is what a proxy is asked for", async () => {
    const server = await startRaw({ answer: (socket, head) => socket.write(switching(head)) });
    const proxy = await startHttpProxy({ to: server.port });
    const route = routeFrom({
      proxy: `127.0.0.1:${proxy.port}`,
      connectTo: ["a.test:80:b.test:81"],
    });
    const { wire } = await dial(parseTarget("ws://a.test/"), { ...route, resolver: never });
    expect(proxy.asked[0]).toMatch(/^CONNECT b\.test:81 /);
    expect(server.heads[0]).toMatch(/\r\nHost: a\.test\r\n/);
    wire.destroy();
  });
});

describe("--resolve", () => {
  test("gives a name its addresses at that port, and nothing else", async () => {
    const resolver = new PinnedResolver(["A.test:80:127.0.0.1,[::1]", "*:81:10.0.0.1"], never);
    await expect(resolver.resolve("a.TEST", 80)).resolves.toEqual({
      addresses: [
        { address: "127.0.0.1", family: 4 },
        { address: "::1", family: 6 },
      ],
      fresh: false,
    });
    await expect(resolver.resolve("any", 81)).resolves.toMatchObject({
      addresses: [{ address: "10.0.0.1" }],
    });
    await expect(resolver.resolve("a.test", 82)).rejects.toThrow("nobody knows");
  });

  test("takes IPv6 as it comes", async () => {
    const resolver = resolverFor({ resolve: ["a.test:80:fd00::1"] });
    await expect(resolver.resolve("a.test", 80)).resolves.toMatchObject({
      addresses: [{ address: "fd00::1", family: 6 }],
    });
  });

  test.each([
    "",
    "a",
    "a:80",
    "a:80:",
    "a:80:name",
    "a:x:127.0.0.1",
    ":80:127.0.0.1",
    "a:80:1.1.1.1,",
  ])("is not %j", (text) => {
    expect(() => resolverFor({ resolve: [text] })).toThrow(/--resolve .* cannot be read/);
  });
});

describe("a socket file", () => {
  let folder = "";
  const servers: net.Server[] = [];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "wsctl-unix-"));
  });

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, "close");
    }
    rmSync(folder, { recursive: true });
  });

  async function listen(server: net.Server, heads: string[]): Promise<string> {
    server.on(
      server instanceof tls.Server ? "secureConnection" : "connection",
      (socket: net.Socket) => {
        socket.on("error", () => socket.destroy());
        socket.once("data", (head: Buffer) => {
          heads.push(head.toString("latin1"));
          socket.end(`${switching(head.toString("latin1"))}hello`);
        });
      },
    );
    const file = path.join(folder, "a b.sock");
    server.listen(file);
    await once(server, "listening");
    servers.push(server);
    return file;
  }

  test.each(["sink", "stream"])("is dialled by its address, as a %s", async (mode) => {
    const heads: string[] = [];
    const file = await listen(net.createServer(), heads);
    const target = parseTarget(`ws+unix:${file.replace(" ", "%20")}:/chat?a=b`);
    const sink = mode === "sink" ? Buffer.alloc(100) : undefined;
    const { wire, upgrade } = await dial(target, { sink });
    expect(heads[0]).toMatch(/^GET \/chat\?a=b HTTP\/1\.1\r\nHost: localhost\r\n/);
    expect(upgrade.attempts).toEqual([]);
    expect(wire.address).toBe(`unix:${file}`);
    expect(await receiveText(wire, 5)).toBe("hello");
    wire.destroy();
  });

  test("is dialled in place of a host, with TLS for that host", async () => {
    const file = await listen(tls.createServer(made.server), []);
    const options = { unix: file, tls: { ca: made.ca.cert }, resolver: never };
    const wire = await open(parseTarget("wss://localhost:9/"), options);
    expect(wire.tls?.authorized).toBe(true);
    wire.destroy();
  });

  test("that is not there, or is none, says so", async () => {
    const none = path.join(folder, "none");
    const error = await rejection(open(parseTarget(`ws+unix:${none}`)));
    expect(error).toMatchObject({ code: "WSCTL_EREFUSED", phase: "tcp", reason: "refused" });
    expect((error as Error).message).toBe(
      `could not connect to the socket file ${none}: there is no such file`,
    );
    writeFileSync(none, "");
    const plain = await rejection(open(parseTarget("ws://x/"), { unix: none }));
    expect(plain).toMatchObject({ phase: "tcp", where: [expect.stringMatching(/^E[A-Z]+$/)] });
  });

  test.each([
    ["ws+unix:/a.sock", "ws+unix:/a.sock:/", "/a.sock", "/"],
    ["ws+unix:///a.sock:/b", "ws+unix:/a.sock:/b", "/a.sock", "/b"],
    ["WSS+UNIX:/a.sock:b?c=1:2", "wss+unix:/a.sock:/b?c=1:2", "/a.sock", "/b?c=1:2"],
    ["ws+unix:/a%3Ab:/", "ws+unix:/a%3Ab:/", "/a:b", "/"],
  ])("%s", (text, url, unix, requestPath) => {
    const target = parseTarget(text);
    expect(target).toMatchObject({ url, unix, path: requestPath, authority: "localhost" });
    expect(parseTarget(target.url)).toEqual(target);
  });

  test.each([
    "ws+unix:",
    "ws+unix:rel.sock:/",
    "ws+unix:/dir/:/x",
    "ws+unix:/a%zz:/",
    "ws+unix:/a:/#f",
  ])("is not %s", (text) => {
    expect(() => parseTarget(text)).toThrow(/is not a WebSocket address/);
  });
});
