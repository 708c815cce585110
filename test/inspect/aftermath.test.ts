/** Shows HS-19: how a server is told that goes away while it is inspected. */
import { afterEach, describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { stillThere } from "../../src/inspect/aftermath.js";
import { catalogue } from "../../src/inspect/catalogue.js";
import type { Check } from "../../src/inspect/check.js";
import { library } from "../../src/inspect/fingerprint/library.js";
import { costOf } from "../../src/inspect/selection.js";
import { http } from "./handshake/exemplary.js";
import { closeInKind, onFrames, startRaw, switching } from "../e2e/raw-server.js";
import { lookAt } from "./looking.js";

const servers: WebSocketServer[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server on ws without a listener for errors: its process would die of one, and it goes away. */
async function startNaive(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  servers.push(server);
  server.on("connection", (socket) => {
    socket.on("error", () => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  return `ws://127.0.0.1:${typeof address === "string" ? address : address?.port}/`;
}

const later: Check = {
  rule: { ...stillThere.rule, id: "T-1", title: "asked later" },
  tier: "default",
  needs: "open",
  cost: { handshakes: 1 },
  run: async ({ asker }) => {
    await asker.ask();
    return [{ verdict: "pass", message: "as if all were well" }];
  },
};

describe("a server that goes away after a frame that breaks the protocol", () => {
  test.each<[string, readonly Check[]]>([
    ["asked for or", [library, later, stillThere]],
    ["not asked for", [library, later]],
  ])("is told, HS-19 being %s, and nothing later has passed", async (_what, checks) => {
    const seen = await lookAt(await startNaive(), checks);
    expect(seen.verdicts["T-1"]).toBe("inconclusive");
    expect(seen.findings.find(({ rule }) => rule === "T-1")).toMatchObject({ kind: "not tried" });
    const [first] = seen.findings;
    expect(first).toMatchObject({ rule: "HS-19", verdict: "fail", severity: "high" });
    // By this kind no baseline is written.
    expect(first?.kind).toBe("unreachable");
    expect(first?.message).toContain(
      "went away after FP-2 sent a frame with the reserved opcode 3 (RFC 6455 §5.2)",
    );
    expect(first?.message).toContain("no later check means anything");
    expect(seen.handshakes - 1).toBeLessThanOrEqual(costOf(checks).handshakes);
  });

  test("is not harmed by what an inspection does unless told otherwise", async () => {
    const byDefault = catalogue.filter(({ tier }) => tier === "default");
    const seen = await lookAt(await startNaive(), byDefault, { watch: 50, ping: true });
    expect(seen.verdicts).toMatchObject({ "HS-18": "pass", "HS-19": "pass" });
    expect(seen.handshakes - 1).toBeLessThanOrEqual(costOf(byDefault).handshakes);
  });
});

/** Answers the first exchange, and then so. */
async function startChanging(answer: (head: string) => string | undefined) {
  let asked = 0;
  return startRaw({
    answer: (head) => (asked++ === 0 ? switching(head) : answer(head)),
    upgraded: (socket) =>
      onFrames(socket, (opcode, payload) => closeInKind(socket, opcode, payload)),
  });
}

test.each<[string, (head: string) => string | undefined, string]>([
  ["as before", switching, "pass"],
  ["502, as a proxy does", () => http("502 Bad Gateway"), "fail"],
  ["429", () => http("429 Too Many Requests"), "inconclusive"],
])("who answers at the end with %s", async (_what, answer, verdict) => {
  const seen = await lookAt((await startChanging(answer)).url, [stillThere]);
  expect(seen.verdicts).toEqual({ "HS-19": verdict });
});

test("who does not answer any more at the end has gone away", async () => {
  const seen = await lookAt((await startChanging(() => undefined)).url, [stillThere], {
    options: { timeouts: { total: 200 } },
  });
  expect(seen.findings).toMatchObject([
    { rule: "HS-19", verdict: "fail", severity: "high", kind: "unreachable", case: "went away" },
  ]);
});

test("a control is paid for by whoever breaks the protocol", () => {
  expect(costOf([library]).handshakes).toBe(library.cost.handshakes + 1);
});
