/** Plays the scenarios for servers that speak unasked, and breaks each of them once. */
import { describe, expect, test } from "vitest";
import { total } from "../e2e/load-run.js";
import { startForgetfulChat } from "./forgetful-chat.js";
import {
  expectBroken,
  expectPassed,
  failuresOf,
  hasty,
  patient,
  play,
  playAt,
  smaller,
} from "./scenario-run.js";

describe("chat-presence", patient, () => {
  test.concurrent("everybody hears everything", async () => {
    const run = await play(["chat"], "chat-presence", ["-c", "10", "-d", "2s"]);
    expectPassed(run);
    const { totals, trends } = run.result;
    // Each of them came to its sender, who measures a round trip, and to the nine others.
    const said = total(run.result, "ws_msg_stamped");
    expect(said).toBeGreaterThan(4);
    expect(totals["ws_msg_delivered"]).toBe(10 * said);
    expect(trends["ws_delivery"]?.count).toBe(9 * said);
  });

  test.concurrent("a room that says things twice is found", async () => {
    const serve = ["chat", "--fault", "dup,p=20%"];
    const run = await play(serve, "chat-presence", ["-c", "10", "-d", "2s", ...hasty]);
    expectBroken(run, ["ws_msg_duplicate count==0"]);
  });
});

describe("ticker-resync", patient, () => {
  test.concurrent("what was missed comes again", async () => {
    const run = await play(["ticker", "--tick", "4000"], "ticker-resync", ["-c", "3", "-d", "2s"]);
    expectPassed(run);
    expect(total(run.result, "ws_sessions")).toBeGreaterThan(3);
  });

  test.concurrent("a feed that keeps too little is found", async () => {
    const serve = ["ticker", "--symbols", "AAPL", "--tick", "3000", "--replay", "1"];
    const run = await play(serve, "ticker-resync", ["-c", "3", "-d", "2s", ...hasty]);
    expectBroken(run, ["ws_expect_failed{step:resume} count==0"]);
    expect(failuresOf(run, "resume")).toEqual([
      expect.any(Number),
      expect.stringMatching(/^\$\.gaps is 1, not 0; the message: \{/) as string,
    ]);
  });
});

describe("reconnect-resume", patient, () => {
  const scale = { time: 30, users: 5 };

  test.concurrent("everybody comes back, joins again and catches up", async () => {
    const run = await play(["chat"], smaller("reconnect-resume", scale));
    // Requests that were under way at the two cuts are lost, and nothing else.
    expectPassed(run, ["say"]);
    expect(total(run.result, "ws_reconnects")).toBeGreaterThan(5);
    expect(run.result.run.users).toMatchObject({ begun: 10, completed: 10, lost: 0 });
  });

  test.concurrent("a server that has forgotten what was said is found", async () => {
    await using server = await startForgetfulChat();
    const run = await playAt(server.url, smaller("reconnect-resume", scale), hasty);
    expectBroken(run, ["ws_expect_failed{step:catch-up} count==0"]);
    expect(failuresOf(run, "rejoin")[0]).toBe(0);
  });
});

describe("rolling-restart", patient, () => {
  const scale = { time: 30, users: 5 };

  test.concurrent("everybody is cut twice, comes back and joins again", async () => {
    const run = await play(["chat"], smaller("rolling-restart", scale));
    expectPassed(run, ["say"]);
    const { recovery } = run.result;
    expect(recovery).toMatchObject({ cut: 40, back: 40, attempts: 40, lostForGood: 0 });
    expect(recovery?.resubscribed).toMatchObject({ verified: true, asked: 40, failed: 0 });
    expect(recovery?.episodes.map(({ cause, cut }) => [cause, cut])).toMatchObject([
      [{ kind: "event", event: 1, round: 1, rounds: 2, how: "close", over: 1000 }, 20],
      [{ round: 2 }, 20],
    ]);
  });

  test.concurrent("a server that throws out who comes back is found", async () => {
    await using server = await startForgetfulChat();
    let opened = 0;
    server.wss.on("connection", (socket) => {
      if (++opened > 20) socket.terminate();
    });
    const run = await playAt(server.url, smaller("rolling-restart", scale), hasty);
    expectBroken(run, ["ws_availability value>90%", "ws_expect_failed{step:rejoin} count==0"]);
    expect(run.result.recovery?.resubscribed?.failed).toBeGreaterThan(0);
    // What is thrown out at once has not held: the waits grow. Else it would be hundreds for each.
    expect(run.result.recovery?.attempts).toBeLessThan(20 * 60);
  });
});

describe("slow-readers", patient, () => {
  test.concurrent("the others do not notice", async () => {
    const run = await play(["ticker", "--tick", "500"], "slow-readers", [
      "-c",
      "20",
      "-d",
      "2500ms",
    ]);
    expectPassed(run);
  });

  test.concurrent("a server that becomes slow for all of them is found", async () => {
    const serve = ["ticker", "--tick", "500", "--fault", "late-pong=700ms"];
    const run = await play(serve, "slow-readers", ["-c", "20", "-d", "2500ms", ...hasty]);
    expectBroken(run, ["ws_ping{profile:healthy} med<200ms"]);
  });
});
