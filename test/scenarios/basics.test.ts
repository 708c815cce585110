/** Plays the scenarios for servers that send back what they get, and breaks each of them once. */
import { describe, expect, test } from "vitest";
import { total } from "../e2e/load-run.js";
import { expectBroken, expectPassed, failuresOf, hasty, patient, play } from "./scenario-run.js";

describe("echo-smoke", patient, () => {
  test.concurrent("an echo server passes", async () => {
    const run = await play(["echo"], "echo-smoke", ["-c", "4", "-d", "2s"]);
    expectPassed(run);
    expect(total(run.result, "ws_msg_stamped")).toBeGreaterThan(4);
  });

  test.concurrent("messages that never come back are found", async () => {
    const serve = ["echo", "--fault", "drop,every=3"];
    const run = await play(serve, "echo-smoke", ["-c", "4", "-d", "2s", ...hasty]);
    expectBroken(run, ["ws_msg_lost count==0"]);
  });
});

describe("binary-uploads", patient, () => {
  test.concurrent("an echo server passes", async () => {
    const run = await play(["echo"], "binary-uploads", ["-c", "2", "-d", "2s"]);
    expectPassed(run);
    // A file, three bytes, chunks of 64 KiB: all of it came back.
    const { totals } = run.result;
    expect(totals["ws_payload_received"]).toBe(totals["ws_payload_sent"]);
    expect(totals["ws_payload_sent"]).toBeGreaterThan(10 * 64 * 1024);
  });

  test.concurrent("a server that takes no such chunks is found", async () => {
    const serve = ["echo", "--max-payload", "32KiB"];
    const run = await play(serve, "binary-uploads", ["-c", "2", "-d", "2s", ...hasty]);
    expectBroken(run, ["ws_close{code:1009} count==0", "checks rate==100%"]);
    expect(failuresOf(run, "image")[0]).toBe(0);
    expect(failuresOf(run, "chunk")[0]).toBeGreaterThan(0);
  });
});

describe("ci-gate", patient, () => {
  test.concurrent("an echo server passes", async () => {
    expectPassed(await play(["echo"], "ci-gate", ["-c", "8", "-d", "2s"]));
  });

  test.concurrent("a server that garbles messages fails", async () => {
    const serve = ["echo", "--fault", "corrupt,every=3"];
    const limits = ["--reply-timeout", "500ms", "--graceful-stop", "2500ms"];
    const run = await play(serve, "ci-gate", ["-c", "8", "-d", "2s", ...limits]);
    expectBroken(run, ["checks rate==100%"]);
  });
});

describe("soak", patient, () => {
  test.concurrent("an echo server passes, for as long as one has time", async () => {
    expectPassed(await play(["echo"], "soak", ["-c", "8", "-d", "2s"]));
  });

  test.concurrent("connections that are cut off do not go unnoticed", async () => {
    const serve = ["echo", "--fault", "rst=600ms"];
    const run = await play(serve, "soak", ["-c", "8", "-d", "2s", ...hasty]);
    expectBroken(run, ["ws_close{code:1006} count==0"]);
    expect(total(run.result, "ws_reconnects")).toBeGreaterThan(0);
  });
});
