/** Shows what the default tier says of servers as they come: ws, Python's websockets, Mosquitto. */
import { describe, expect, test } from "vitest";
import { requireMosquitto, startMosquitto } from "../../support/mosquitto.js";
import { requirePythonWebsockets, startPythonEcho } from "../../support/python-echo.js";
import { startWsEcho } from "../../support/servers.js";
import { inspected } from "./inspecting.js";
import { faultless } from "./verdicts.js";
import { startWs } from "./ws-server.js";

/** What ws and the server of Node.js under it have against them, in whatever way they are set up. */
const ofWs = {
  // ws takes version 8 on purpose.
  "HS-07": "warn",
  // Node.js emits "upgrade" for requests of HTTP/1.0 and for those without Host, and ws takes both.
  "HS-09": "fail",
  // Without `path` it upgrades anywhere.
  "HS-10": "info",
};
const againstWs = [
  "HS-07 version 8: warn low",
  "HS-09 HTTP/1.0: fail medium",
  "HS-09 no Host: fail medium",
];

describe("ws", () => {
  test.concurrent("with compression and a subprotocol of its own", async () => {
    const { url } = await startWs({
      perMessageDeflate: true,
      handleProtocols: (offered) => (offered.has("chat") ? "chat" : false),
    });
    const page = await inspected(url, { request: { subprotocols: ["chat"] } });
    expect(page.verdicts).toEqual({
      ...faultless,
      ...ofWs,
      // Where it knows none of those offered it answers 101 without one, which browsers do not take.
      "HS-11": "info",
      // One unknown parameter, and it answers 400, although another offer of the list would do:
      // RFC 7692 §5.1 has the server decline that offer, not the handshake.
      "HS-13": "warn",
    });
    expect(page.against).toEqual([...againstWs, "HS-13 fallback: warn low"]);
    expect(page.inspection).toMatchObject({ outcome: "open", subprotocol: "chat" });
    expect(page.of("HS-13")[0]?.message).toContain("400 Bad Request");
  });

  test.concurrent("without compression, taking the first subprotocol that is offered", async () => {
    const { url } = await startWs({ perMessageDeflate: false });
    const page = await inspected(url);
    // Unless told, ws agrees to the first name, whatever it is: "agreed to", below.
    expect(page.verdicts).toEqual({ ...faultless, ...ofWs, "HS-11": "info" });
    expect(page.against).toEqual(againstWs);
    expect(page.of("HS-11")[0]?.message).toContain('agreed to "wsctl-unknown"');
    expect(page.of("HS-13")[0]?.message).toContain("no compression");
    // H2 is asked for once, TLS not at all, HS-14 follows nothing: 41 less 1, less 5.
    expect(page.inspection.budget).toMatchObject({ planned: 37, handshakes: 36 });
  });

  test.concurrent("on a path, beside a server that answers no plain requests", async () => {
    const { url } = await startWsEcho();
    const page = await inspected(url, { timeouts: { total: 900 } });
    expect(page.verdicts).toEqual({ ...faultless, ...ofWs, "HS-10": "fail", "HS-11": "info" });
    // Without a "request" listener Node.js says nothing to what is no upgrade.
    expect(page.against).toEqual([
      ...againstWs,
      "HS-09 silent: warn low",
      "HS-10 silent: fail low",
    ]);
    expect(page.of("HS-10")[0]?.message).toMatch(
      /^no answer within [3-9]\d\d ms, so that clients wait for their own timeout: plain GET$/,
    );
  });
});

test.skipIf(!requirePythonWebsockets()).concurrent("Python's websockets, version 10", async () => {
  const { url } = await startPythonEcho();
  const page = await inspected(url);
  expect(page.verdicts).toEqual({
    ...faultless,
    // It refuses other versions, and does not say which one it speaks.
    "HS-07": "warn",
    "HS-09": "fail",
    // It upgrades on any path.
    "HS-10": "info",
    "HS-11": "info",
    // A window of 8 may be asked for (RFC 7692 §7.1.2.1). zlib has none for raw deflate, and raises
    // ValueError: it could have declined.
    "HS-13": "fail",
  });
  expect(page.against).toEqual([
    "HS-07 version 8, version 14: warn medium",
    "HS-09 no Host: fail medium",
    "HS-13 server_max_window_bits=8: fail high",
  ]);
  expect(page.inspection.hints).toContainEqual(
    expect.objectContaining({ what: expect.stringMatching(/websockets/) as string }),
  );
});

test
  .skipIf(!requireMosquitto())
  .concurrent("Mosquitto, whose libwebsockets looks at little", async () => {
    const { url } = await startMosquitto();
    const page = await inspected(url, { request: { subprotocols: ["mqtt"] } });
    expect(page.verdicts).toEqual({
      ...faultless,
      // Any version is taken for 13, any text for a key, and POST and HTTP/1.0 for a handshake.
      "HS-07": "fail",
      "HS-08": "fail",
      "HS-09": "fail",
      // It hangs up on a plain GET.
      "HS-10": "warn",
      // It hangs up on unknown subprotocols, which is legal, and takes "mqtt, mqtt".
      "HS-11": "info",
    });
    expect(page.against).toEqual([
      "HS-07 version 13 twice, versions 8 and 13 in one: fail medium",
      "HS-07 version 14, version missing: fail high",
      "HS-07 version 8: warn low",
      "HS-08 key of 15 bytes, key of 17 bytes, key not base64, key twice: fail medium",
      "HS-09 HTTP/1.0: fail medium",
      "HS-09 POST: fail high",
      "HS-10 closed: warn low",
    ]);
    expect(page.inspection).toMatchObject({ outcome: "open", subprotocol: "mqtt" });
    // A key that is missing, a request without Host or Connection: it hangs up on them.
    expect(page.of("HS-08").map(({ case: which }) => which)).toContain("closed");
  });
