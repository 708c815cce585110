/** Shows what the default tier says of `wsctl serve`: clean, with its faults and guards, and relayed. */
import { describe, expect, test } from "vitest";
import { FaultSet } from "../../../src/faults/fault-set.js";
import { FlagValues } from "../../../src/serve/flag.js";
import { createGuards } from "../../../src/serve/guards.js";
import type { RunningServer, ServeOptions } from "../../../src/serve/server.js";
import { start } from "../../serve/running.js";
import { inspected } from "./inspecting.js";
import { startRelay } from "./relay.js";
import { faultless, refusing, unheard } from "./verdicts.js";

/** As it is started where one path and one subprotocol are served. */
const chat: Partial<ServeOptions> = { paths: ["/chat"], subprotocols: ["chat"] };
const request = { subprotocols: ["chat"] };

const clean = {
  ...faultless,
  // Unknown subprotocols are not chosen, and 101 is answered: legal, and browsers do not take it.
  "HS-11": "info",
};
/** Nobody opens what is no WebSocket, not even to see what library it is. */
const invalid = { ...clean, FP: "inconclusive", "HS-18": "inconclusive" };

function guarded(...entries: readonly [string, string[]][]): Partial<ServeOptions> {
  return { guards: createGuards(new FlagValues(new Map(entries))) };
}

async function faulty(spec: string): Promise<RunningServer> {
  const faults = new FaultSet({ seed: "x", now: () => performance.now() });
  faults.add(spec);
  return start({ ...chat, faults });
}

describe("clean", () => {
  test("nothing is held against it", async () => {
    const server = await start(chat);
    const page = await inspected(server.url, { request });
    expect(page.verdicts).toEqual(clean);
    expect(page.against).toEqual([]);
    expect(page.inspection).toMatchObject({ outcome: "open", subprotocol: "chat" });
    // It says nothing by itself: its answer to the goodbye is no first frame.
    expect(page.inspection.timing).toMatchObject({ firstFrame: undefined });
    // What was counted here is what arrived there: TCP, and HTTP/2 by prior knowledge, are no upgrades.
    expect(page.inspection.budget).toMatchObject({ planned: 37, handshakes: 36 });
  });

  test("with compression, one bad offer spoils the good one beside it, as in ws", async () => {
    const server = await start({ ...chat, compress: true });
    const page = await inspected(server.url, { request });
    expect(page.verdicts).toEqual({ ...clean, "HS-13": "warn" });
    expect(page.against).toEqual(["HS-13 fallback: warn low"]);
  });

  test("on the wrong path: 404, and no fault is made up", async () => {
    const { url } = await start(chat);
    const page = await inspected(new URL("/other", url).href.replace("http", "ws"));
    expect(page.verdicts).toEqual(refusing);
    expect(page.inspection).toMatchObject({ outcome: "refused", failure: { reason: "status" } });
    expect(page.against).toEqual([]);
  });
});

describe("with a fault", () => {
  test.each<[string, Record<string, string>, string[]]>([
    // Random bytes each time: two keys do get two values, both wrong.
    ["accept-wrong", { ...invalid, "HS-05": "fail" }, ["HS-05 : fail critical"]],
    // Nothing came that could be compared.
    [
      "accept-missing",
      { ...invalid, "HS-05": "fail", "HS-06": "inconclusive" },
      ["HS-05 : fail critical"],
    ],
    [
      "accept-static",
      { ...invalid, "HS-05": "fail", "HS-06": "fail" },
      ["HS-05 : fail critical", "HS-06 : fail critical"],
    ],
    ["glued-frame=hello", { ...clean, "HS-17": "info" }, []],
    // It lets everybody in, and drops them at once.
    ["flap", { ...clean, "HS-18": "fail" }, ["HS-18 cut: fail high"]],
    // Late is not wrong.
    ["slow-101=20ms", clean, []],
    ["rst", { ...clean, "HS-18": "fail" }, ["HS-18 cut: fail high"]],
    // Pings are what keeps a WebSocket standing.
    ["no-pong", { ...clean, "HS-18": "warn" }, ["HS-18 no pong: warn medium"]],
    // Nobody watches for so long.
    ["rst=1h", clean, []],
  ])("%s", async (spec, verdicts, against) => {
    const server = await faulty(spec);
    const page = await inspected(server.url, { request });
    expect(page.verdicts).toEqual(verdicts);
    expect(page.against).toEqual(against);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ["upgrade-403", refusing, []],
    ["upgrade-503", { ...refusing, "H2-2": "inconclusive" }, []],
    // Nothing but a proxy's name would tell it from a path that is not there.
    ["upgrade-404", refusing, []],
    ["upgrade-401", { ...refusing, "HS-15": "info" }, []],
    ["upgrade-302", { ...refusing, "HS-14": "warn" }, ["HS-14 redirect: warn medium"]],
    // "I want an upgrade", to who asked for one: somebody in between took it away.
    ["upgrade-426", { ...refusing, "HS-03": "fail" }, ["HS-03 lost on the way: fail high"]],
  ])("%s: what cannot be seen does not pass", async (spec, verdicts, against) => {
    const server = await faulty(spec);
    const page = await inspected(server.url, { request });
    expect(page.verdicts).toEqual(verdicts);
    expect(page.against).toEqual(against);
    expect(page.inspection.outcome).toBe("refused");
    expect(page.inspection.failure?.message).toContain(spec.slice(-3));
  });

  test("never-101: it says how long it waited", async () => {
    const server = await faulty("never-101");
    const page = await inspected(server.url, { request, timeouts: { total: 400 } });
    expect(page.verdicts).toEqual({ ...unheard, "H2-2": "inconclusive" });
    expect(page.inspection.outcome).toBe("failed");
    expect(page.inspection.failure).toMatchObject({ reason: "timeout", phase: "upgrade" });
    expect(page.inspection.failure?.message).toContain("400 ms");
    expect(page.inspection.budget.handshakes).toBeLessThanOrEqual(2);
  });
});

describe("with a guard", () => {
  test("of credentials: which are asked for, and nothing else, until they are given", async () => {
    const { url } = await start({ ...chat, ...guarded(["auth", ["bearer=s3cret"]]) });
    const without = await inspected(url, { request });
    expect(without.verdicts).toEqual({ ...refusing, "HS-15": "info" });
    expect(without.of("HS-15")[0]?.message).toMatch(/^401 Unauthorized: .* asks for Bearer/);
    expect(without.against).toEqual([]);
    const authorization = "Bearer s3cret";
    const within = await inspected(url, { request: { ...request, authorization } });
    expect(within.verdicts).toEqual(clean);
    expect(within.against).toEqual([]);
    expect(JSON.stringify(within.inspection)).not.toContain("s3cret");
  });

  test("of origins: 403, with a word on Origin", async () => {
    const { url } = await start({ ...chat, ...guarded(["allow-origin", ["https://app.example"]]) });
    const page = await inspected(url, { request });
    expect(page.verdicts).toEqual(refusing);
    expect(page.inspection.failure?.hint).toMatch(/Origin/);
    const allowed = await inspected(url, {
      request: { ...request, origin: "https://app.example" },
    });
    expect(allowed.verdicts).toEqual(clean);
  });
});

describe("behind somebody who writes 101 wrongly, the one check fails and no other", () => {
  const adding = (line: string) => (head: string) => `${head.slice(0, -2)}${line}\r\n\r\n`;
  const dropping = (name: string) => (head: string) =>
    head.replace(new RegExp(`^${name}:.*\r\n`, "im"), "");

  test.each<[string, (head: string) => string, Record<string, string>, string[]]>([
    [
      "without Upgrade",
      dropping("upgrade"),
      { ...invalid, "HS-03": "fail" },
      ["HS-03 : fail high"],
    ],
    [
      "with Connection: close",
      (head) => head.replace(/^connection: .*$/im, "Connection: close"),
      { ...invalid, "HS-04": "fail" },
      ["HS-04 : fail high"],
    ],
    [
      "with Accept twice",
      (head) => head.replace(/^sec-websocket-accept: .*\r\n/im, (line) => line + line),
      // That a field of one value came twice is odd.
      { ...invalid, "HS-01": "info", "HS-05": "fail" },
      ["HS-05 : fail critical"],
    ],
    [
      "with an extension that nobody offered",
      adding("Sec-WebSocket-Extensions: x-tracing"),
      // Of compression it says nothing, which is to decline it.
      { ...invalid, "HS-12": "fail" },
      ["HS-12 no extension, unknown extension: fail high"],
    ],
    [
      "with another subprotocol",
      (head) => adding("Sec-WebSocket-Protocol: other")(dropping("sec-websocket-protocol")(head)),
      { ...invalid, "HS-11": "fail" },
      [
        "HS-11 none offered: fail high",
        // The bad name is refused by ws itself: no 101 comes that could be changed.
        "HS-11 those asked for, unknown offered: fail high",
      ],
    ],
    [
      "with a length",
      adding("Content-Length: 0"),
      { ...clean, "HS-02": "fail" },
      ["HS-02 Content-Length: fail medium"],
    ],
    [
      "with bare line feeds",
      (head) => head.replaceAll("\r\n", "\n"),
      { ...clean, "HS-01": "info", "HS-02": "fail" },
      ["HS-02 line ends: fail medium"],
    ],
    [
      "with a cookie that anybody may have",
      adding("Set-Cookie: sid=s3ss10n; SameSite=None"),
      { ...clean, "HS-16": "fail" },
      ["HS-16 cookie sid: fail medium"],
    ],
    ["with HTTP/3 beside it", adding('Alt-Svc: h3=":443"'), { ...clean, H3: "info" }, []],
  ])("%s", async (_what, change, verdicts, against) => {
    const { url } = await start(chat);
    const relay = await startRelay(url, change);
    const page = await inspected(relay.url, { request });
    expect(page.verdicts).toEqual(verdicts);
    expect(page.against).toEqual(against);
    expect(JSON.stringify(page.inspection)).not.toContain("s3ss10n");
  });
});
