/** Shows what a connection that is closed on purpose means for availability, and for what follows it. */
import { describe, expect, test } from "vitest";
import { recover, startNode, terminate, type Node } from "./recovery-stage.js";

const quick = { kind: "fixed", base: 20 } as const;

/** Opens so many, refuses the next ones, and then opens again. */
function refuseAfter(node: Node, opened: number, refused: number): void {
  let asked = 0;
  node.wss.shouldHandle = () => ++asked <= opened || asked > opened + refused;
}

describe.concurrent("a connection whose time is over", () => {
  test("and that cannot be opened again is lost, and its user away", async () => {
    await using node = await startNode("a");
    refuseAfter(node, 6, 12);
    const { recovery, totals } = await node.playUntil(12, {
      users: 6,
      plan: { lifetime: [400, 400], reconnect: { kind: "fixed", base: 100 } },
    });
    expect(recovery).toMatchObject({ cut: 6, back: 6, lostForGood: 0, ended: 0 });
    expect(recovery!.episodes).toMatchObject([
      {
        cause: { kind: "losses", ends: [{ what: "not opened again", count: 6 }] },
        openBefore: 6,
        fewest: 0,
        cut: 6,
        back: 6,
        moves: [{ from: "a", to: "a", connections: 6 }],
      },
    ]);
    // Of 12 that were refused the first of each were no attempt to make a loss good.
    expect(totals).toMatchObject({ ws_losses: 6, ws_reconnects: 6, ws_reconnect_attempts: 12 });
    expect(recovery!.times.min).toBeGreaterThanOrEqual(199);
    expect(recovery!.availability).toBeLessThan(0.9);
  });

  test("and that cannot be opened again is lost for good without a policy", async () => {
    await using node = await startNode();
    refuseAfter(node, 5, Infinity);
    const { recovery, totals } = await recover({
      url: node.url,
      users: 5,
      duration: 3000,
      // Lives that end in one tenth of a second, with dials in the next, are told as what they were.
      connectRate: 25,
      plan: { lifetime: [300, 300] },
    });
    expect(recovery).toMatchObject({ cut: 5, back: 0, lostForGood: 5, attempts: 0 });
    expect(recovery!.episodes).toMatchObject([{ openBefore: 5, cut: 5, fewest: 0 }]);
    expect(totals).toMatchObject({ ws_losses: 5, ws_given_up: 5 });
    expect(recovery!.availability).toBeLessThan(0.5);
  });

  test("and that is opened again at once is none", async () => {
    await using node = await startNode();
    const { recovery, totals, peaks } = await node.playUntil(9, {
      users: 3,
      plan: { lifetime: [200, 200], reconnect: quick },
    });
    expect(recovery).toBeUndefined();
    expect(totals["ws_losses"]).toBeUndefined();
    expect(peaks).toMatchObject({ ws_availability: 1, ws_reconnect_peak: 0 });
  });

  test("has held: the waits begin anew", async () => {
    await using node = await startNode();
    let opened = 0;
    node.wss.on("connection", (socket) => {
      // One that holds until its time is over, and one that is lost at once, by turns.
      if (++opened % 2 === 0) setTimeout(() => socket.terminate(), 20);
    });
    const { recovery } = await node.playUntil(7, {
      users: 1,
      plan: { lifetime: [500, 500], reconnect: { ...quick, attempts: 1, resetAfter: 300 } },
    });
    expect(recovery).toMatchObject({ cut: 3, back: 3, lostForGood: 0, attempts: 3 });
  });
});

describe.concurrent("a run that is over before its time", () => {
  test("since all are lost for good is one in which they had no connection", async () => {
    await using node = await startNode();
    node.when(4, terminate);
    const began = performance.now();
    const { recovery, peaks } = await recover({ url: node.url, users: 4, duration: 15_000 });
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(recovery).toMatchObject({ cut: 4, lostForGood: 4 });
    expect(recovery!.availability).toBeLessThan(0.5);
    expect(recovery!.availability).toBeGreaterThan(0);
    expect(peaks["ws_availability"]).toBe(recovery!.availability);
  });

  test("since it was stopped is no longer than it was", async () => {
    await using node = await startNode();
    let stop = (): void => {};
    node.when(4, (sockets) => {
      terminate(sockets.slice(0, 2));
      setTimeout(() => stop(), 200);
    });
    const { recovery } = await recover(
      { url: node.url, users: 4, duration: 20_000 },
      (engine) => (stop = () => engine.stop()),
    );
    expect(recovery).toMatchObject({ cut: 2, lostForGood: 2 });
    // Until its end it would have been little more than a half.
    expect(recovery!.availability).toBeGreaterThan(0.6);
  });
});
