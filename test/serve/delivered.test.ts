/** Holds the messages that the server says it delivered against those that its clients got. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { FaultSet } from "../../src/faults/fault-set.js";
import type { Mode } from "../../src/serve/mode.js";
import { connect, order, start, tcp, told, until, upgradeHead } from "./running.js";

const many = 100;

/** Answers each message by many. */
const talkative: Mode = {
  accept(peer) {
    peer.onMessage = (data) => {
      for (let n = 0; n < many; n++) peer.send(data, false);
    };
  },
};

function faultsOf(...specs: string[]): FaultSet {
  const faults = new FaultSet({ seed: "seed", now: () => performance.now() });
  for (const spec of specs) faults.add(spec);
  return faults;
}

/** What a server with these faults says that it delivered, and what one client got. */
async function talkedTo(spec: string, how?: string) {
  const server = await start({ mode: talkative, faults: faultsOf(spec) });
  const client = await connect(server.url);
  let heard = 0;
  client.on("message", () => heard++);
  client.send("hello");
  await until("all is sent", () => server.truth.total.sent > 0);
  if (how !== undefined) await order(server, "/cut", { how, share: "100%" });
  const delivered = async (): Promise<unknown> => (await told(server, "/stats"))["messages"];
  return { server, client, delivered, heard: () => heard };
}

describe("delivered is what the client got", () => {
  test.each<[string, number]>([
    ["close-1012,at=50", 50],
    ["blackhole-after,at=50", 50],
    ["lifetime-kill=0,at=50", 50],
    ["drop,every=2", 50],
    ["dup,every=4", 125],
    ["delay=1h,at=31", 30],
  ])("under %s", async (spec, count) => {
    const { delivered, heard } = await talkedTo(spec);
    await until("all is there", () => heard() === count);
    expect(await delivered()).toMatchObject({ sent: many, delivered: count });
  });

  test("under rst, but for what was in flight", async () => {
    const { server, delivered, heard } = await talkedTo("rst,at=50");
    await until("it is gone", () => server.truth.total.open === 0);
    expect(await delivered()).toMatchObject({ sent: many, delivered: 50 });
    expect(heard()).toBeLessThanOrEqual(50);
  });

  test("under never-101, which is nothing", async () => {
    const mode: Mode = { accept: (peer) => peer.sendJson("welcome") };
    const server = await start({ mode, faults: faultsOf("never-101") });
    const socket = await tcp(server.url);
    socket.write(upgradeHead);
    await until("it is sent", () => server.truth.total.sent === 1);
    expect(server.truth.total.stats().messages).toMatchObject({ sent: 1, delivered: 0 });
    socket.resetAndDestroy();
    await until("it is gone", () => server.truth.total.open === 0);
    expect(server.truth.total.stats().messages).toMatchObject({ sent: 1, delivered: 0 });
  });

  test.each(["reset", "silent"])("when it was cut by %s with messages held back", async (how) => {
    const { server, client, delivered, heard } = await talkedTo("delay=50ms", how);
    // Whatever was held back is due before this is.
    await new Promise((resolve) => setTimeout(resolve, 60));
    client.terminate();
    await until("it is gone", () => server.truth.total.open === 0);
    expect(await delivered()).toMatchObject({ sent: many, delivered: heard() });
  });

  test.each(["fin", "silent", "reset"])(
    "when it was cut by %s and the mode goes on",
    async (how) => {
      let talk = (): void => {};
      const mode: Mode = { accept: (peer) => void (talk = () => peer.sendJson("news")) };
      const server = await start({ mode });
      const client = await connect(server.url);
      let heard = 0;
      client.on("message", () => heard++);
      const first = once(client, "message");
      talk();
      await first;
      await order(server, "/cut", { how, share: "100%" });
      talk();
      client.terminate();
      await until("it is gone", () => server.truth.total.open === 0);
      talk();
      expect(heard).toBe(1);
      expect(server.truth.total.stats().messages).toMatchObject({ sent: 1, delivered: 1 });
    },
  );
});
