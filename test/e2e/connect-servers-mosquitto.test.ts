/** Shows `wsctl connect` against an MQTT broker: binary messages, and a subprotocol that matters. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireMosquitto, startMosquitto } from "../support/mosquitto.js";
import { runWsctl } from "../support/wsctl.js";
import { eventsOf, onTerminal, typed } from "./connect-run.js";

/** MQTT 3.1.1 §3.1: protocol MQTT, level 4, a clean session, 60 s, a client without a name. */
const connect = Buffer.from("100c00044d5154540402003c0000", "hex");
/** §3.2: accepted, no session present. */
const connack = "20020000";
/** §3.8: packet 1 subscribes to "a/b" with QoS 0. */
const subscribe = Buffer.from("820800010003612f6200", "hex");
const suback = "9003000100";
/** §3.3: "hi" for "a/b"; a broker passes it on as it is. */
const publish = Buffer.from("30070003612f626869", "hex");

describe.skipIf(!requireMosquitto())("Mosquitto", () => {
  let directory = "";
  let url = "";
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "wsctl-mqtt-"));
    await writeFile(path.join(directory, "connect"), connect);
    ({ url } = await startMosquitto());
  });
  afterAll(async () => rm(directory, { recursive: true }));

  test("bytes of a pipe are answered with bytes", async () => {
    const args = ["connect", url, "-s", "mqtt", "--binary", "--count", "1"];
    const { code, stdout, stderr } = await runWsctl(args, { stdin: connect });
    expect([code, stderr]).toEqual([0, ""]);
    // All of them are ASCII, so that they have come through the text of stdout unharmed.
    expect(Buffer.from(stdout).toString("hex")).toBe(connack);
  });

  test("a whole conversation of MQTT, told as JSON lines", async () => {
    const args = ["connect", url, "-s", "mqtt", "--binary", "--json", "--until", "hex:30"];
    const stdin = Buffer.concat([connect, subscribe, publish]);
    const { code, stdout, stderr } = await runWsctl(args, { stdin });
    expect([code, stderr]).toEqual([0, ""]);
    const events = eventsOf({ stdout });
    expect(events[1]).toMatchObject({ event: "open", subprotocol: "mqtt" });
    // How packets are spread over messages is the broker's affair (MQTT 3.1.1 §6).
    const came = events
      .filter(({ event, direction }) => event === "message" && direction === "in")
      .map(({ b64 }) => Buffer.from(String(b64), "base64").toString("hex"));
    expect(came.join("")).toBe(connack + suback + publish.toString("hex"));
  });

  test("on a terminal the bytes are a hex dump, of flags and at the prompt", async () => {
    const file = `@${path.join(directory, "connect")}`;
    const flags = [url, "-s", "mqtt", "--binary", "-x", file, "--count", "1"];
    const once = await onTerminal(flags);
    expect([once.code, once.stdout]).toEqual([
      0,
      expect.stringMatching(/^0{4} {2}20 02 00 00 +\S+$/m),
    ]);
    const prompt = await typed(
      [url, "-s", "mqtt", "--no-history"],
      [
        [/ open /, `/binary ${connect.toString("hex")}\r`],
        [/#2[^]*20 02 00 00/, "\x04"],
      ],
    );
    expect([prompt.code, prompt.stdout]).toEqual([
      0,
      expect.stringMatching(/#2 ← binary 4 B\s+0{4} {2}20 02 00 00 /),
    ]);
  });

  test("without the subprotocol it upgrades, and never answers", async () => {
    const args = ["connect", url, "--binary", "--count", "1", "--wait", "500ms", "-v"];
    const { code, stdout, stderr } = await runWsctl(args, { stdin: connect });
    expect([code, stdout]).toEqual([7, ""]);
    expect(stderr).toContain("connected: 101");
    expect(stderr).not.toContain("subprotocol:");
    expect(stderr).toContain("[WSCTL_EWAIT]");
  });

  test("a subprotocol that it does not know makes it hang up, and that is suspected", async () => {
    const { code, stdout, stderr } = await runWsctl(["connect", url, "-s", "mqtt5", "-x", "a"]);
    expect([code, stdout]).toEqual([3, ""]);
    expect(stderr).toMatch(/^error: .*before it answered the upgrade +\[WSCTL_ECLOSED\]$/m);
    expect(stderr).toMatch(/^hint: .*subprotocol/m);
  });

  test("text, which is no MQTT, makes it hang up: 5", async () => {
    const args = ["connect", url, "-s", "mqtt", "-x", "hello"];
    const { code, stdout, stderr } = await runWsctl(args);
    expect([code, stdout]).toEqual([5, ""]);
    expect(stderr).toMatch(/without a close frame[^]*1006/);
  });
});
