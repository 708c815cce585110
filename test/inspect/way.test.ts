/** Shows that a command goes to the server as the user did, and gives no secret away. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import tls from "node:tls";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseDetour } from "../../src/dial/detour.js";
import { parseProxy } from "../../src/dial/proxy.js";
import { buildRequest } from "../../src/dial/request.js";
import { parseTarget } from "../../src/dial/target.js";
import { serialiseRequest } from "../../src/frame/http-head.js";
import { reproOf } from "../../src/inspect/handshake/own-repro.js";
import { curlOf } from "../../src/inspect/repro.js";
import { onTheWay, renamed } from "../../src/inspect/way.js";
import { startRaw } from "../e2e/raw-server.js";
import { makeCertificates } from "../support/certificates.js";

const nowhere = { curl: [], wsctl: [] };
const curl = "curl https://h/";
const wsctl = "wsctl inspect wss://h/";

test("a command takes the way that the user took", () => {
  const way = { curl: ["--cacert", "my ca.pem"], wsctl: ["--ca", "my ca.pem"] };
  expect(onTheWay(curl, { way })).toBe("curl https://h/ --cacert 'my ca.pem'");
  expect(onTheWay(wsctl, { way })).toBe("wsctl inspect wss://h/ --ca 'my ca.pem'");
  expect(onTheWay("openssl s_client", { way })).toBe("openssl s_client");
  expect(onTheWay(curl, {})).toBe(curl);
});

test("a command of wsctl says that user and password were in the address", () => {
  expect(reproOf("HS-06", parseTarget("ws://ann:pw@h/"))).toBe(
    "wsctl inspect --only HS-06 ws://h/ --user SECRET:SECRET",
  );
  expect(reproOf("HS-06", parseTarget("ws://h/"))).toBe("wsctl inspect --only HS-06 ws://h/");
});

test("what a command of wsctl says besides is cleaned, and quoted", () => {
  const way = { curl: [], wsctl: [], said: ["-H", "X-Copy: hunter2", "--cookie", "env:COOK"] };
  const clean = (text: string): string => text.replace("hunter2", "SECRET");
  expect(onTheWay(wsctl, { way }, {}, clean)).toBe(
    `${wsctl} -H 'X-Copy: SECRET' --cookie env:COOK`,
  );
  expect(onTheWay(curl, { way }, {}, clean)).toBe(curl);
});

describe("what is secret about the way", () => {
  const proxy = parseProxy("http://ann:hunter2@proxy.example:3128");

  test.each([
    ["env:HTTPS_PROXY", '--proxytunnel --proxy "$HTTPS_PROXY"'],
    ["@/etc/my proxy", `--proxytunnel --proxy "$(cat '/etc/my proxy')"`],
    ["@-x", '--proxytunnel --proxy "$(cat -- -x)"'],
  ])("a proxy given as %s is looked up by the shell", (reference, words) => {
    const way = { curl: [], wsctl: ["--proxy", reference] };
    expect(onTheWay(curl, { way }, { proxy })).toBe(`${curl} ${words}`);
    expect(onTheWay(wsctl, { way }, { proxy })).toMatch(/ --proxy (?:env:HTTPS_PROXY|'?@.*)$/);
  });

  test("a proxy of the environment is named, without its password", () => {
    const command = onTheWay(curl, { way: nowhere }, { proxy });
    expect(command).toBe(`${curl} --proxytunnel --proxy http://SECRET@proxy.example:3128`);
    const open = { proxy: parseProxy("socks5h://127.0.0.1:1080") };
    expect(onTheWay(curl, { way: nowhere }, open)).toBe(
      `${curl} --proxytunnel --proxy socks5h://127.0.0.1:1080`,
    );
  });

  test("a proxy that the way has already is not named twice", () => {
    const told = ["--proxytunnel", "--proxy", "http://redacted@proxy.example:3128"];
    const way = { curl: told, wsctl: told.slice(1) };
    expect(onTheWay(curl, { way }, { proxy }).match(/--proxy /g)).toHaveLength(1);
    const none = { curl: ["--noproxy", "*"], wsctl: ["--no-proxy"] };
    expect(onTheWay(curl, { way: none })).toBe(`${curl} --noproxy '*'`);
  });

  test("a passphrase is looked up where that is known, or else left open", () => {
    const dial = { tls: { passphrase: "op3n-sesame" } };
    expect(onTheWay(curl, { way: nowhere }, dial)).toBe(`${curl} --pass SECRET`);
    expect(onTheWay(wsctl, { way: nowhere }, dial)).toBe(`${wsctl} --passphrase SECRET`);
    const way = { curl: [], wsctl: ["--passphrase", "env:KEY_PASS"] };
    expect(onTheWay(curl, { way }, dial)).toBe(`${curl} --pass "$KEY_PASS"`);
    expect(onTheWay(wsctl, { way }, dial)).toBe(`${wsctl} --passphrase env:KEY_PASS`);
  });

  test("a text that is no reference is never handed to the shell as one", () => {
    const way = { curl: [], wsctl: ["--proxy", "env:X;id", "--passphrase", "env:$(id)"] };
    const dial = { tls: { passphrase: "p" }, proxy: parseProxy("http://p:1") };
    expect(onTheWay(curl, { way }, dial)).toBe(
      `${curl} --proxytunnel --proxy http://p:1 --pass SECRET`,
    );
  });
});

test("what else is said of the way", () => {
  const proxy = parseProxy("https://p:1", { insecure: true });
  const dial = { proxy, localAddress: "127.0.0.2" };
  expect(onTheWay(curl, { way: nowhere }, dial)).toMatch(
    / --proxy-insecure --interface 127\.0\.0\.2$/,
  );
  expect(onTheWay(wsctl, { way: nowhere }, dial)).toMatch(
    / --proxy-insecure --local-address 127\.0\.0\.2$/,
  );
});

test.each([
  ["wss://h/", {}, undefined],
  ["ws://h/", { servername: "other.example" }, undefined],
  ["wss://h/", { servername: "h" }, undefined],
  ["wss://h/", { servername: "" }, undefined],
  ["wss://h:8443/", { servername: "o.example" }, "--connect-to o.example:8443:h:8443"],
  ["wss://[::1]:8443/", { servername: "o.example" }, "--connect-to 'o.example:8443:[::1]:8443'"],
])("%s and %o", (url, options, words) => {
  expect(renamed(parseTarget(url), { tls: options })?.words.join(" ")).toBe(words);
});

test("where connections are sent elsewhere, another name is sent there too; a file needs no way", () => {
  const options = {
    tls: { servername: "o.example" },
    detours: [parseDetour("h:443:127.0.0.1:99")],
  };
  expect(renamed(parseTarget("wss://h/"), options)?.words).toEqual([
    "--connect-to",
    "o.example:443:127.0.0.1:99",
  ]);
  const file = { tls: { servername: "o.example" }, unix: "/x.sock" };
  expect(renamed(parseTarget("wss://h/"), file)).toEqual({ authority: "o.example:443", words: [] });
});

test("curl asks by SNI for the name that the user asked for, and sends the same Host", async () => {
  const { server, ca } = await makeCertificates();
  const heads: string[] = [];
  const app = tls.createServer(server, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (head: Buffer) => {
      heads.push(`${String(socket.servername)} ${head.toString("latin1")}`);
      socket.end("HTTP/1.1 400 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    });
  });
  const folder = await mkdtemp(path.join(tmpdir(), "wsctl-way-"));
  onTestFinished(async () => {
    app.close();
    await rm(folder, { recursive: true });
  });
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  const file = path.join(folder, "ca.pem");
  await writeFile(file, ca.cert);
  const target = parseTarget(`wss://127.0.0.1:${(app.address() as AddressInfo).port}/x?a=1`);
  const dial = { tls: { servername: "localhost" } };
  const request = serialiseRequest(buildRequest(target));
  const way = { curl: ["--cacert", file], wsctl: [] };
  const command = onTheWay(curlOf(request, target, { dial }), { way }, dial);
  const { stdout } = await promisify(execFile)("sh", ["-c", command], { timeout: 10_000 });
  expect(stdout).toMatch(/^HTTP\/1\.1 400 No/);
  expect(heads).toEqual([`localhost ${request.bytes.toString("latin1")}`]);
});

test("a command goes through the proxy that the shell looks up, by a tunnel", async () => {
  const server = await startRaw({ answer: () => "HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n" });
  const asked: string[] = [];
  const proxy = http.createServer();
  proxy.on("connect", (request, socket) => {
    asked.push(`${request.url ?? ""} ${request.headers["proxy-authorization"] ?? ""}`);
    socket.on("error", () => socket.destroy());
    const onward = connect(server.port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
  });
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const target = parseTarget(server.url);
  const command = onTheWay(curlOf(serialiseRequest(buildRequest(target)), target), {
    way: { curl: [], wsctl: ["--proxy", "env:MY_PROXY"] },
  });
  expect(command).not.toContain("hunter2");
  const env = {
    PATH: process.env["PATH"],
    MY_PROXY: `http://ann:hunter2@127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  };
  const { stdout } = await promisify(execFile)("sh", ["-c", command], { env, timeout: 10_000 });
  expect(stdout).toContain("400 No");
  expect(asked).toEqual([`127.0.0.1:${server.port} Basic ${btoa("ann:hunter2")}`]);
});
