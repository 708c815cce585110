/** Plays the scenarios that speak a protocol, against servers of npm where there are any. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { total } from "../e2e/load-run.js";
import { startGraphql, startMembers, startSocketIo } from "./protocol-servers.js";
import {
  expectBroken,
  expectPassed,
  failuresOf,
  hasty,
  patient,
  play,
  playAt,
  scenarioFolder,
} from "./scenario-run.js";

function script(name: string): string[] {
  return ["script", "--script", path.join(scenarioFolder, "servers", `${name}.yaml`)];
}

/** Names and passwords, as the file of users has them. */
function members(): Map<string, string> {
  const [, ...rows] = readFileSync(path.join(scenarioFolder, "users.csv"), "utf8")
    .trim()
    .split("\n");
  return new Map(rows.map((row) => row.split(",").slice(0, 2) as [string, string]));
}

describe("login-subscribe", patient, () => {
  test.concurrent("everybody logs in with their own password, and uses their own token", async () => {
    const known = members();
    await using server = await startMembers(known);
    const run = await playAt(server.url, "login-subscribe", [
      "-c",
      `${known.size}`,
      "-d",
      "1500ms",
    ]);
    expectPassed(run);
    expect(server.welcomed.toSorted()).toEqual([...known.keys()].toSorted());
  });

  test.concurrent("its scripted server is one that it passes", async () => {
    expectPassed(await play(script("login"), "login-subscribe", ["-c", "3", "-d", "1500ms"]));
  });

  test.concurrent("a user who is not let in is found", async () => {
    await using server = await startMembers(new Map([...members(), ["ada", "another"]]));
    const run = await playAt(server.url, "login-subscribe", ["-c", "6", "-d", "1500ms", ...hasty]);
    expectBroken(run, ["ws_expect_failed{step:login} count==0"]);
    expect(failuresOf(run, "login")[1]).toMatch(
      /^\$\.op is "denied", not "welcome"; the message: \{.*"op":"denied"/,
    );
    expect(server.welcomed).not.toContain("ada");
  });
});

describe("jsonrpc", patient, () => {
  test.concurrent("calls, notifications and mistakes are answered as they should be", async () => {
    // Drawn by weight: the seed is one with which all three are.
    const run = await play(script("jsonrpc"), "jsonrpc", ["-c", "8", "-d", "2s", "--seed", "1"]);
    expectPassed(run);
    // Notifications expect no answer.
    const { expected } = run.result.conservation;
    expect(total(run.result, "ws_msgs_sent")).toBeGreaterThan(expected);
  });

  test.concurrent("a server without that method is found", async () => {
    const args = ["-c", "4", "-d", "1500ms", ...hasty, "--var", "method=subtract"];
    const run = await play(script("jsonrpc"), "jsonrpc", args);
    expectBroken(run, ["checks rate==100%"]);
    expect(failuresOf(run, "call")[0]).toBeGreaterThan(0);
  });
});

describe("graphql-transport-ws", patient, () => {
  test.concurrent("the server of graphql-ws passes", async () => {
    await using server = await startGraphql();
    const run = await playAt(server.url, "graphql-transport-ws", ["-c", "4", "-d", "1500ms"]);
    expectPassed(run);
    expect(run.result.run.handshake?.subprotocol).toBe("graphql-transport-ws");
    // The protocol's own ping, which came to each of them.
    expect(total(run.result, "ws_auto_replies")).toBe(4);
  });

  test.concurrent("a query that the server does not understand is found", async () => {
    await using server = await startGraphql();
    const args = ["-c", "4", "-d", "1500ms", ...hasty, "--var", "query={ nobody }"];
    const run = await playAt(server.url, "graphql-transport-ws", args);
    expectBroken(run, ["checks rate==100%"]);
    expect(failuresOf(run, "query")[0]).toBeGreaterThan(0);
    expect(failuresOf(run, "subscribe")[0]).toBe(0);
  });
});

describe("socketio-v4", patient, () => {
  test.concurrent("the server of socket.io passes, and its pings are answered", async () => {
    await using server = await startSocketIo((a, b) => a + b);
    const run = await playAt(server.url, "socketio-v4", ["-c", "4", "-d", "1500ms"]);
    expectPassed(run);
    expect(total(run.result, "ws_auto_replies")).toBeGreaterThan(0);
    expect(server.lost).toEqual([]);
  });

  test.concurrent("a wrong acknowledgement is found", async () => {
    await using server = await startSocketIo((a, b) => a - b);
    const run = await playAt(server.url, "socketio-v4", ["-c", "2", "-d", "1500ms"]);
    expectBroken(run, ["checks rate==100%"]);
    expect(failuresOf(run, "sum")[0]).toBe(2);
  });
});

describe("heartbeat-autoreply", patient, () => {
  test.concurrent("who answers stays connected", async () => {
    const run = await play(script("heartbeat"), "heartbeat-autoreply", ["-c", "4", "-d", "2500ms"]);
    expectPassed(run);
    expect(total(run.result, "ws_auto_replies")).toBeGreaterThan(4);
    // Neither the heartbeat's messages nor the pings are requests.
    expect(run.result.conservation.expected).toBe(4);
  });

  test.concurrent("who gives another answer is hung up on", async () => {
    const args = ["-c", "4", "-d", "2500ms", ...hasty, "--var", "answer=pung"];
    const run = await play(script("heartbeat"), "heartbeat-autoreply", args);
    expectBroken(run, ["ws_reconnects count==0"]);
    expect(total(run.result, "ws_close{by:server,code:4000}")).toBeGreaterThan(0);
  });

  test.concurrent("a server that leaves pings unanswered is found", async () => {
    const serve = [...script("heartbeat"), "--fault", "no-pong"];
    const run = await play(serve, "heartbeat-autoreply", ["-c", "4", "-d", "2500ms", ...hasty]);
    expectBroken(run, ["ws_ping count>0"]);
  });
});
